/** What the kernels answered about a batch, as the answers of a network. */
import { editRates } from '../diffusion/edit-flow/rates.ts';
import { blankPrediction, type EditRates, type Prediction, type Sequence } from '../diffusion/network.ts';
import { answerWords } from './kernels/decode.ts';
import type { Cost } from './passes.ts';
import { EDIT_KINDS } from './upload.ts';

const NOTHING: Cost = { forwards: 0, rows: 0 };

/** Answers of `slots`, as shaders/merge.wgsl lays them down, with what they cost. */
function readAnswers(words: Uint32Array, slots: Int32Array, topK: number, cost: Cost): Prediction {
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  const stride = answerWords(topK);
  const count = slots.length;
  const prediction = blankPrediction(slots, topK, cost);
  for (let i = 0; i < count; i++) {
    const at = i * stride;
    prediction.ids[i] = words[at] as number;
    prediction.logProbs[i] = floats[at + 1] as number;
    prediction.entropy[i] = floats[at + 2] as number;
    prediction.logSumExp[i] = floats[at + 3] as number;
    prediction.topIds.set(words.subarray(at + 4, at + 4 + topK), i * topK);
    prediction.topLogProbs.set(floats.subarray(at + 4 + topK, at + stride), i * topK);
  }
  return prediction;
}

/** `words`: `answerWords(topK)` for each asked slot of each sequence in turn. */
export function readPredictions(
  batch: readonly Sequence[],
  words: Uint32Array,
  costs: readonly Cost[],
  topK: number,
): Prediction[] {
  let at = 0;
  return batch.map(({ asked }, i) => {
    const from = at;
    at += asked.length * answerWords(topK);
    return readAnswers(words.subarray(from, at), asked, topK, costs[i] ?? NOTHING);
  });
}

/** `rates`: `EDIT_KINDS` for each asked slot. */
export function readEdits(
  batch: readonly Sequence[],
  answers: { readonly words: Uint32Array; readonly insertions: Uint32Array; readonly rates: Float32Array },
  costs: readonly Cost[],
  { topK, firstIsFixed }: { readonly topK: number; readonly firstIsFixed: boolean },
): EditRates[] {
  const set = readPredictions(batch, answers.words, costs, topK);
  const insert = readPredictions(batch, answers.insertions, costs, topK);
  let at = 0;
  return batch.map(({ asked }, i) => {
    const own = Array.from(asked, () => {
      const [s, r, n] = answers.rates.subarray(EDIT_KINDS * at, EDIT_KINDS * ++at);
      return [s as number, r as number, n as number] as const;
    });
    return editRates(own, set[i] as Prediction, insert[i] as Prediction, { firstIsFixed });
  });
}

/** `words` without alternatives; `logits`: of the target of each asked slot. */
export function readScores(
  batch: readonly Sequence[],
  targets: readonly Int32Array[],
  { words, logits }: { readonly words: Uint32Array; readonly logits: Float32Array },
  suppress: readonly number[],
): Float32Array[] {
  const off = new Set(suppress);
  let at = 0;
  return readPredictions(batch, words, [], 0).map(({ logSumExp }, i) =>
    Float32Array.from(targets[i] as Int32Array, (id, m) => {
      const logit = logits[at++] as number;
      return off.has(id) ? Number.NEGATIVE_INFINITY : logit - (logSumExp[m] as number);
    }),
  );
}
