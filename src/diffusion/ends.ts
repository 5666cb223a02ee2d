/**
 * What may be done about end tokens. Models trained on padded answers are surest of the padding, and fill the end of the
 * text with it first. `never` is LLaDA's `logits_eos_inf` and dLLM's `suppress_tokens`: no end token is ever drawn. `late`
 * is LLaDA's `confidence_eos_eot_inf` and dLLM's `begin_suppress_tokens`: it is drawn as ever, but its confidence is
 * that of a softmax without end tokens, 0, so orders by confidence write it last.
 */
import type { NetworkInfo, Prediction } from './network.ts';
import type { Settings } from './settings.ts';

type Ends = Pick<NetworkInfo, 'endIds' | 'maskId'>;

/** Ids that may not be drawn because of the setting `ends`. */
export function neverDrawn({ endIds, maskId }: Ends, { ends }: Pick<Settings, 'ends'>): readonly number[] {
  return ends === 'never' ? endIds.filter((id) => id !== maskId) : [];
}

/**
 * The prediction as a sampler sees it when end tokens come late: log p of a drawn end token is −∞, that of every other
 * drawn token the logarithm of p / (1 − p of the end tokens). End tokens beyond the kept alternatives count as 0. The
 * recorded prediction stays as it was.
 */
export function endsLast(
  prediction: Prediction,
  { endIds, maskId }: Ends,
  { ends }: Pick<Settings, 'ends'>,
): Prediction {
  if (ends !== 'late' || endIds.length === 0) return prediction;
  const late = new Set(endIds.filter((id) => id !== maskId));
  const { topK, topIds, topLogProbs } = prediction;
  const logProbs = prediction.logProbs.map((logProb, row) => {
    if (late.has(prediction.ids[row] as number)) return -Infinity;
    let held = 0;
    for (let at = row * topK; at < (row + 1) * topK; at++) {
      if (late.has(topIds[at] as number)) held += Math.exp(topLogProbs[at] as number);
    }
    return logProb - Math.log1p(-Math.min(held, 1 - 1e-7));
  });
  return { ...prediction, logProbs };
}
