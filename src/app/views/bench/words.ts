/** What is measured, in words. */
import type { Task } from '../../../bench/report.ts';
import { m } from '../../messages/index.ts';

export function wordsOf(task: Task): string {
  if (task.kind === 'generate') return m.bench.generate(task.tokens, task.steps);
  return m.bench.forward(task.tokens, task.asked);
}
