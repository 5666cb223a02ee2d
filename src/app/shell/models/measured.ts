/**
 * What smaller weights cost the shipped models: `npm run precision`, whose reports lie beside them (precision.json); that of
 * tales, over three of its texts with four masks each, is `bench/results/precision-tales.json`.
 */
import type { Precision } from '../../../worker/protocol.ts';

interface Measured {
  /** What is meant by `change`: a model that writes from left to right has no bound, but the NLL itself. */
  readonly bound: 'NELBO' | 'NLL';
  readonly figures: Readonly<Partial<Record<Precision, Figures>>>;
}

interface Figures {
  /** KL(stored ‖ precision), nats per token. */
  readonly kl: number;
  /** By how much the bound of a token grew, nats. */
  readonly change: number;
  /** Share of tokens whose likeliest token is the same. */
  readonly same: number;
}

/** By the name of the model. */
export const MEASURED: Readonly<Record<string, Measured>> = {
  stories: {
    bound: 'NELBO',
    figures: {
      f16: { kl: 0, change: 0, same: 1 },
      int8: { kl: 0.0001775, change: -0.001183, same: 0.9963 },
      int4: { kl: 0.01364, change: 0.03322, same: 0.9412 },
      nf4: { kl: 0.01879, change: 0.02897, same: 0.9632 },
    },
  },
  tales: {
    bound: 'NELBO',
    figures: {
      int4: { kl: 0.01393, change: 0.02498, same: 0.9608 },
      nf4: { kl: 0.009256, change: 0.01756, same: 0.951 },
    },
  },
  'stories-ar': {
    bound: 'NLL',
    figures: {
      f16: { kl: 0, change: 0, same: 1 },
      int8: { kl: 0.0005633, change: 0.002313, same: 0.9908 },
      int4: { kl: 0.06511, change: 0.0697, same: 0.8676 },
      nf4: { kl: 0.07069, change: 0.0597, same: 0.8897 },
    },
  },
};
