/** What the decoder's kernels answer, as a `Prediction`. */
import { blankPrediction, type Prediction } from '../diffusion/network.ts';
import { answerWords } from './kernels/decode.ts';

type Cost = Pick<Prediction, 'forwards' | 'rows'>;

/** Answers of `slots`, as shaders/merge.wgsl lays them down, with what they cost. */
export function readAnswers(words: Uint32Array, slots: Int32Array, topK: number, cost: Cost): Prediction {
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
