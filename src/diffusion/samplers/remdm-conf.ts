/**
 * ReMDM by confidence: what the network was least sure of when it wrote it is masked again first. Slot i has
 * σᵢ = softmax(−ψ)ᵢ σ_max over the written slots, ψᵢ the probability of its token at its last reveal; masks are revealed as
 * in plain MDLM. ReMDM (arXiv 2503.00307), `remdm-conf` in diffusion.py. The block takes the place of their text. ψ is here the probability of the whole softmax; theirs is
 * that within the nucleus, which is larger.
 */
import { gridRates } from '../plan.ts';
import { remdm, revealChance, sigmaMax } from '../remdm.ts';
import { recordedLogProb } from '../replay.ts';

export const remdmConfSampler = remdm(
  {
    name: 'remdm-conf',
    source: 'ReMDM (arXiv 2503.00307); remdm diffusion.py, remdm-conf, with ψ of the whole softmax',
    exactFor: false,
    uses: [],
    paper: { topP: 0.9, block: 0 },
  },
  ({ schedule, grid, layout, rewritable, writtenLogProbs }) => {
    const rates = gridRates(schedule, grid, layout.steps);
    // A token that a person wrote and let go again has no ψ; it counts as sure.
    const weight = (slot: number) => {
      const logProb = writtenLogProbs[slot] as number;
      return Math.exp(Number.isNaN(logProb) ? -1 : -Math.exp(recordedLogProb(logProb)));
    };
    const total = rewritable.reduce((sum, slot) => sum + weight(slot), 0);
    return { reveal: revealChance(rates, 0), remask: (slot) => (weight(slot) / total) * sigmaMax(rates) };
  },
);
