/**
 * What the samplers of ReMDM share (arXiv 2503.00307, kuleshov-group/remdm diffusion.py): a written token is masked
 * again with chance σ between t and s, and masks are revealed a little faster, so that the share of masks stays what the
 * schedule says. With mask rates m = 1 − α before and after the step:
 *
 *     σ ≤ σ_max = min(1, m_s / (1 − m_t)),    chance of a reveal = 1 − (m_s − σ (1 − m_t)) / m_t
 */
import { byChance, type Chances } from './chance.ts';
import type { Rates } from './plan.ts';
import type { About, Sampler, Situation } from './sampler.ts';
import type { SettingName, Settings } from './settings.ts';

/**
 * The largest σ that keeps every chance a chance. The last step (m_s = 0) masks nothing again, also where it is the first,
 * or a run whose clock was set back would never end.
 */
export function sigmaMax({ now, next }: Rates): number {
  if (next <= 0) return 0;
  return now >= 1 ? 1 : Math.min(1, next / (1 - now));
}

/** Chance that an open slot is revealed when written ones are masked again with chance `sigma`. */
export function revealChance({ now, next }: Rates, sigma: number): number {
  return now === 0 ? 1 : 1 - (next - sigma * (1 - now)) / now;
}

/** The chances of a step whose σ is the same for all written slots. */
export function evenly(rates: Rates, sigma: number): Chances {
  return { reveal: revealChance(rates, sigma), remask: () => sigma };
}

export function remdm(
  about: Pick<About, 'name' | 'source' | 'exactFor'> & {
    readonly uses: readonly SettingName[];
    paper: Partial<Settings>;
  },
  chances: (situation: Situation) => Chances,
): Sampler {
  const uses: SettingName[] = ['steps', 'schedule', 'seed', ...about.uses];
  return byChance({ ...about, family: 'remasking', wholeText: true, revisits: true, uses }, chances);
}
