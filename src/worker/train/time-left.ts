/**
 * How long a run still takes: what is left of each kind of work, times what it has taken lately. Measurements, canvases
 * and checkpoints count as the steps do, because on a small machine they are the larger half.
 */
import { sampleEvery, type TrainSettings } from '../../training/train-settings.ts';

const WORK = { step: 1, evaluated: 'evalEvery', sample: 'sampleEvery', saved: 'saveEvery' } as const;
type Work = keyof typeof WORK;

/** How much of the mean a new time is. The first steps compile kernels, and the machine may be busy for a while. */
const NEW = { step: 0.1, evaluated: 0.5, sample: 0.5, saved: 0.5 } as const satisfies Record<Work, number>;

export class TimeLeft {
  readonly #settings: Pick<TrainSettings, 'steps' | 'evalEvery' | 'sampleEvery' | 'saveEvery'>;
  readonly #means = new Map<Work, number>();
  #compiled = false;

  constructor(settings: Pick<TrainSettings, 'steps' | 'evalEvery' | 'sampleEvery' | 'saveEvery'>) {
    this.#settings = settings;
  }

  /** Notes that a piece of work took so many milliseconds. */
  mark(work: Work, milliseconds: number): void {
    const mean = this.#means.get(work);
    // The first step compiles: the second one takes its place.
    const anew = mean === undefined || (work === 'step' && !this.#compiled);
    if (mean !== undefined && work === 'step') this.#compiled = true;
    this.#means.set(work, anew ? milliseconds : mean + NEW[work] * (milliseconds - mean));
  }

  /** Seconds from `step` steps on to the last one; undefined before the first step. Work that was never seen counts nothing. */
  after(step: number): number | undefined {
    if (!this.#means.has('step')) return undefined;
    let milliseconds = 0;
    for (const [work, mean] of this.#means) milliseconds += mean * this.#count(work, step);
    return milliseconds / 1000;
  }

  /** How often `work` is done after `step`: at every so many steps, and at the last one. */
  #count(work: Work, step: number): number {
    const { steps } = this.#settings;
    if (step >= steps) return 0;
    const name = WORK[work];
    const every = name === 1 ? 1 : name === 'sampleEvery' ? sampleEvery(this.#settings) : this.#settings[name];
    if (every === 0) return work === 'saved' ? 1 : 0;
    return Math.floor(steps / every) - Math.floor(step / every) + (steps % every === 0 ? 0 : 1);
  }
}
