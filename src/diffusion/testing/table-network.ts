/**
 * A Network made of a formula: its logits are a plain function of the canvas. It computes every field of a Prediction
 * in the most direct way, so tests of samplers and of the loop can be checked by hand, and a real engine can be checked
 * against it.
 */
import {
  blankPrediction,
  type DrawnSequence,
  type Network,
  type NetworkInfo,
  type Prediction,
  type PredictOptions,
  type Sequence,
} from '../network.ts';
import { gumbel, Stream, stepKey } from '../rng.ts';

type Logits = (ids: Int32Array, slot: number, read?: Pick<Sequence, 'sees' | 'positions'>) => ArrayLike<number>;

/** A sequence that was asked, with the options of its batch. */
export type TableRequest = DrawnSequence & PredictOptions;

export interface TableNetwork extends Network {
  /** The formula. */
  readonly logits: Logits;
  /** Every sequence asked so far, for tests that look at what was asked. */
  readonly requests: TableRequest[];
  /** How many sequences each batch so far has had. */
  readonly batches: number[];
}

/** `logits(ids, slot, read)` gives the vocabulary's logits at `slot` of canvas `ids`. */
export function tableNetwork(
  vocabSize: number,
  maskId: number | undefined,
  logits: Logits,
  about: Partial<NetworkInfo> = {},
): TableNetwork {
  const info = { vocabSize, maskId, maxLength: 8192, endIds: [], causal: false, logitShift: 0, ...about } as const;
  const requests: TableRequest[] = [];
  const batches: number[] = [];
  return {
    info,
    logits,
    requests,
    batches,
    async predict(batch, options) {
      batches.push(batch.length);
      return batch.map((sequence) => {
        requests.push({ ...sequence, ...options });
        return answer(sequence, options, logits);
      });
    },
    async score(batch, targets, { suppress = [] } = {}) {
      batches.push(batch.length);
      return batch.map(({ asked, ...read }, b) =>
        Float32Array.from(asked, (slot, m) => {
          const row = Float64Array.from(logits(read.ids, slot, read));
          for (const id of suppress) row[id] = -Infinity;
          return (row[(targets[b] as Int32Array)[m] as number] as number) - logSumExpOf(row);
        }),
      );
    },
  };
}

/** A causal network that has no mask: the logits of the next token are a function of the text before it. */
export function tableTextNetwork(vocabSize: number, logits: (ids: Int32Array) => ArrayLike<number>): TableNetwork {
  const about = { causal: true, logitShift: 1 } as const;
  return tableNetwork(vocabSize, undefined, (ids, slot) => logits(ids.subarray(0, slot)), about);
}

/** Samples and summarises the rows of logits of the asked slots. */
function answer(sequence: DrawnSequence, { topK, suppress = [] }: PredictOptions, logits: Logits): Prediction {
  const { ids, asked, draw, guidance } = sequence;
  const forwards = guidance === undefined ? 1 : 2;
  const prediction = blankPrediction(asked, topK, { forwards, rows: forwards * ids.length });
  const key = stepKey(draw.seed, draw.step, Stream.Gumbel);
  for (const [i, slot] of asked.entries()) {
    const row = Float64Array.from(logits(ids, slot, sequence));
    if (guidance !== undefined) {
      const unconditional = logits(guidance.unconditional, slot, sequence);
      row.forEach((c, id) => {
        const u = unconditional[id] as number;
        row[id] = u + (guidance.scale + 1) * (c - u);
      });
    }
    for (const id of suppress) row[id] = -Infinity;
    const logSumExp = logSumExpOf(row);
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
  }
  return prediction;
}

function logSumExpOf(row: Float64Array): number {
  const most = Math.max(...row);
  return most + Math.log(row.reduce((sum, x) => sum + Math.exp(x - most), 0));
}

/** The same network, of which these tokens end a text. */
export function withEnds(network: TableNetwork, endIds: readonly number[]): TableNetwork {
  return { ...network, info: { ...network.info, endIds } };
}
