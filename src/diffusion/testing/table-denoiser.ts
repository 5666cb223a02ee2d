/**
 * A Denoiser made of a formula: its logits are a plain function of the canvas. It computes every field of a Prediction
 * in the most direct way, so tests of samplers and of the loop can be checked by hand, and a real engine can be checked
 * against it.
 */
import { blankPrediction, type Denoiser, type Prediction, type PredictRequest } from '../denoiser.ts';
import { gumbel, Stream, stepKey } from '../rng.ts';

export interface TableDenoiser extends Denoiser {
  /** The formula. */
  readonly logits: (ids: Int32Array, slot: number) => ArrayLike<number>;
  /** Every request so far, for tests that look at what was asked. */
  readonly requests: PredictRequest[];
}

/** `logits(ids, slot)` gives the vocabulary's logits at `slot` of canvas `ids`. */
export function tableDenoiser(
  vocabSize: number,
  maskId: number,
  logits: (ids: Int32Array, slot: number) => ArrayLike<number>,
): TableDenoiser {
  const requests: PredictRequest[] = [];
  return {
    vocabSize,
    maskId,
    maxLength: 8192,
    logits,
    requests,
    async predict(request) {
      requests.push(request);
      const { ids, slots, guidance, suppress = [] } = request;
      const rows = Array.from(slots, (slot) => {
        const conditional = Float64Array.from(logits(ids, slot));
        if (guidance !== undefined) {
          const unconditional = logits(guidance.unconditional, slot);
          conditional.forEach((c, id) => {
            const u = unconditional[id] as number;
            conditional[id] = u + (guidance.scale + 1) * (c - u);
          });
        }
        for (const id of suppress) conditional[id] = -Infinity;
        return conditional;
      });
      return answer(request, rows, guidance === undefined ? 1 : 2);
    },
  };
}

/** Samples and summarises rows of logits, `[M][V]`. */
function answer({ ids, slots, draw, topK }: PredictRequest, rows: Float64Array[], forwards: number): Prediction {
  const prediction = blankPrediction(slots, topK, { forwards, rows: forwards * ids.length });
  const key = stepKey(draw.seed, draw.step, Stream.Gumbel);
  rows.forEach((row, i) => {
    const slot = slots[i] as number;
    const most = Math.max(...row);
    const logSumExp = most + Math.log(row.reduce((sum, x) => sum + Math.exp(x - most), 0));
    const value = (id: number) =>
      (row[id] as number) + (draw.temperature === 0 ? 0 : draw.temperature * gumbel(key, slot, id));
    const order = Array.from(row.keys()).sort((a, b) => (row[b] as number) - (row[a] as number) || a - b);
    const chosen = Array.from(row.keys()).reduce((best, id) => (value(id) > value(best) ? id : best));

    prediction.ids[i] = chosen;
    prediction.logProbs[i] = (row[chosen] as number) - logSumExp;
    prediction.logSumExp[i] = logSumExp;
    prediction.entropy[i] = row.reduce((sum, x) => {
      const logProb = x - logSumExp;
      return logProb === -Infinity ? sum : sum - Math.exp(logProb) * logProb;
    }, 0);
    order.slice(0, topK).forEach((id, column) => {
      prediction.topIds[i * topK + column] = id;
      prediction.topLogProbs[i * topK + column] = (row[id] as number) - logSumExp;
    });
  });
  return prediction;
}
