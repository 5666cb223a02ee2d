/** An Autoregressor made of a formula: the logits of the next token are a plain function of the text so far. */
import type { Autoregressor, NextRequest } from '../autoregressor.ts';
import { tableDenoiser } from './table-denoiser.ts';

export interface TableAutoregressor extends Autoregressor {
  /** Every question so far, for tests that look at what was asked. */
  readonly requests: NextRequest[];
}

export function tableAutoregressor(
  vocabSize: number,
  logits: (ids: Int32Array) => ArrayLike<number>,
): TableAutoregressor {
  const requests: NextRequest[] = [];
  const table = tableDenoiser(vocabSize, -1, (ids, slot) => logits(ids.subarray(0, slot)));
  return {
    vocabSize,
    maxLength: table.maxLength,
    requests,
    next(request) {
      requests.push(request);
      return table.predict({ ...request, slots: Int32Array.of(request.ids.length) });
    },
    async score(ids) {
      return Float32Array.from({ length: Math.max(0, ids.length - 1) }, (_, row) => {
        const values = Array.from(logits(ids.subarray(0, row + 1)));
        const sum = values.reduce((total, value) => total + Math.exp(value), 0);
        return (values[ids[row + 1] as number] as number) - Math.log(sum);
      });
    },
  };
}
