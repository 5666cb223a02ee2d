/** What `npm run nelbo` measured on the shipped model, with the recipe that measured it. */
import type { Estimator } from '../../../diffusion/likelihood.ts';
import measured from './measured.json' with { type: 'json' };

export interface Measured {
  readonly recipe: {
    readonly command: string;
    readonly model: string;
    readonly device: string;
    readonly seed: number;
    /** Samples of a batch, and batches, per estimator. */
    readonly size: number;
    readonly batches: number;
  };
  readonly text: string;
  readonly ids: readonly number[];
  readonly pieces: readonly string[];
  readonly estimates: readonly Row[];
}

export interface Row {
  readonly estimator: Estimator;
  /** Of the whole text, nats. */
  readonly mean: number;
  readonly standardError: number;
  readonly variance: number;
  readonly batchVariance: number;
}

export const MEASURED = measured as unknown as Measured;
