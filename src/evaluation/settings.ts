/** What decides the numbers of an evaluation, beside model and data. */
import { defaultSettings, type Settings } from '../diffusion/settings.ts';
import type { TaskName } from './tasks.ts';

export interface EvaluationSettings {
  readonly tasks: readonly TaskName[];
  /** Items of each task; 0 for all. */
  readonly limit: number;
  /** Examples with answers before each question: the first rows of its subject, which are then not asked. */
  readonly shots: number;
  /** Masked copies of each continuation or text (mc_num of LLaDA and dLLM). */
  readonly samples: number;
  /** Copies over which mask counts are spread evenly. */
  readonly batch: number;
  /** As dLLM does it to the letter (`likelihood.ts`). */
  readonly exact: boolean;
  /** The one subject of a task that has many; all of them where none is named. */
  readonly subjects: Readonly<Partial<Record<TaskName, string>>>;
  /** Questions are put as a chat template words them. */
  readonly chat: boolean;
  readonly seed: number;
  /** How texts are written, and whether likelihoods are those of texts written in blocks (process, block). */
  readonly writing: Settings;
}

export function defaultEvaluation(): EvaluationSettings {
  return {
    tasks: ['lambada'],
    limit: 100,
    shots: 0,
    samples: 128,
    batch: 32,
    exact: false,
    subjects: {},
    chat: false,
    seed: 42,
    // Answers are written greedily, as the harness has them written.
    writing: { ...defaultSettings(), temperature: 0, length: 64, steps: 64 },
  };
}

/** What is not said, in a record that is older than that setting, has the value that all had then. */
export function completeSettings(stored: Partial<EvaluationSettings>): EvaluationSettings {
  const initial = defaultEvaluation();
  return { ...initial, ...stored, writing: { ...initial.writing, ...stored.writing } };
}
