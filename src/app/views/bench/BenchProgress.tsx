/** The button, and what the bench is doing: a bar, the task in words, the time left. */
import type { BenchProgress as Progress } from '../../../bench/client.ts';
import { NAMES } from '../../../bench/names.ts';
import { m } from '../../messages/index.ts';
import { toldError } from '../../messages/told.ts';
import { RunButton } from './RunButton.tsx';
import { useBench } from './store.ts';
import { wordsOf } from './words.ts';

export function BenchProgress() {
  const { phase, doing, done, left, error } = useBench();
  return (
    <div className="bench-run">
      <RunButton />
      {phase === 'running' && (
        <progress value={done} max={1} aria-label={m.bench.progress}>
          {Math.round(100 * done)} %
        </progress>
      )}
      <p className="note" aria-live="polite">
        {phase === 'running' && (doing === undefined ? m.bench.reference : stage(doing))}
        {phase === 'stopped' && m.bench.stopped}
        {phase === 'done' && m.bench.finished}
      </p>
      {phase === 'running' && left !== undefined && <p className="note left">{m.bench.left(left)}</p>}
      {error && (
        <p className="notice error" role="alert">
          {toldError(error)}
        </p>
      )}
    </div>
  );
}

function stage({ stage, precision, program, task }: Progress['doing']): string {
  if (stage === 'measure') return m.bench.stages.measure(task === undefined ? '' : wordsOf(task), precision);
  return m.bench.stages[stage](program === undefined ? '' : NAMES[program], precision);
}
