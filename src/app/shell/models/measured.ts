/**
 * What smaller weights cost the shipped models: `npm run precision`, whose reports lie beside them (precision.json); those of
 * tales and tiny-chat, over three texts of theirs with four masks each, are `bench/results/precision-*.json`. The model that
 * edits is measured by what it repairs, `npm run edit-scores -- --bits B` (`bench/README.md`).
 */
import type { Precision } from '../../../worker/protocol.ts';
import { m } from '../../messages/index.ts';

type Measured = Asked | Repaired;

interface Asked {
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

interface Repaired {
  /** Texts with mistakes of all kinds, 12 % of their words. */
  readonly texts: number;
  readonly stored: Repairs;
  readonly repairs: Readonly<Partial<Record<Precision, Repairs>>>;
}

interface Repairs {
  /** Texts that are right to the letter afterwards. */
  readonly exact: number;
  /** Edits that are still needed per 100 characters. */
  readonly distance: number;
}

/** By the name of the model. */
const MEASURED: Readonly<Record<string, Measured>> = {
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
      int4: { kl: 0.01433, change: 0.03959, same: 0.9706 },
      nf4: { kl: 0.01814, change: 0.01929, same: 0.9412 },
    },
  },
  'tiny-chat': {
    bound: 'NELBO',
    figures: {
      int4: { kl: 0.02619, change: 0.02971, same: 0.9216 },
      nf4: { kl: 0.02792, change: 0.02564, same: 0.9216 },
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
  'stories-edit': {
    texts: 93,
    stored: { exact: 34, distance: 3.4 },
    repairs: {
      int4: { exact: 33, distance: 3.92 },
      nf4: { exact: 32, distance: 3.61 },
    },
  },
};

/** What a precision cost a model, in words; of one that was not measured, what it cost stories. Undefined where nobody knows. */
export function cost(name: string, precision: Precision): string | undefined {
  const model = Object.hasOwn(MEASURED, name) ? name : 'stories';
  const measured = MEASURED[model] as Measured;
  const words = m.models.precision;
  if ('bound' in measured) {
    const figures = measured.figures[precision];
    return figures && words.measured(model, measured.bound, figures);
  }
  const found = measured.repairs[precision];
  return found && words.repaired(measured.texts, found, measured.stored);
}
