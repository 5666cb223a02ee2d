/** Every sampler under its name in the settings. A new one is one file and one line here. */
import type { Sampler } from '../sampler.ts';
import type { SamplerName } from '../settings.ts';
import { ancestralSampler } from './ancestral.ts';
import { confidenceSampler } from './confidence.ts';
import { dreamEntropySampler } from './dream-entropy.ts';
import { entropySampler } from './entropy.ts';
import { entropyBoundedSampler } from './entropy-bounded.ts';
import { entropyPrioritySampler } from './entropy-priority.ts';
import { factorSampler } from './factor.ts';
import { firstHittingSampler } from './first-hitting.ts';
import { gameOfLifeSampler } from './game-of-life.ts';
import { infoGainSampler } from './info-gain.ts';
import { iterativeRefinementSampler } from './iterative-refinement.ts';
import { leftToRightSampler } from './left-to-right.ts';
import { lookumSampler } from './lookum.ts';
import { marginSampler } from './margin.ts';
import { maskgitPlusSampler } from './maskgit-plus.ts';
import { orderSampler } from './order.ts';
import { originSampler } from './origin.ts';
import { positionsSampler } from './positions.ts';
import { randomSampler } from './random.ts';
import { remdmCapSampler } from './remdm-cap.ts';
import { remdmConfSampler } from './remdm-conf.ts';
import { remdmLoopSampler } from './remdm-loop.ts';
import { remdmRescaleSampler } from './remdm-rescale.ts';
import { spindleSampler } from './spindle.ts';
import { thresholdSampler } from './threshold.ts';
import { tokenEditingSampler } from './token-editing.ts';
import { topkMarginSampler } from './topk-margin.ts';

export const SAMPLER_TABLE: Readonly<Record<SamplerName, Sampler>> = {
  confidence: confidenceSampler,
  random: randomSampler,
  margin: marginSampler,
  entropy: entropySampler,
  'maskgit-plus': maskgitPlusSampler,
  'topk-margin': topkMarginSampler,
  'dream-entropy': dreamEntropySampler,
  'entropy-priority': entropyPrioritySampler,
  'info-gain': infoGainSampler,
  lookum: lookumSampler,
  'left-to-right': leftToRightSampler,
  order: orderSampler,
  ancestral: ancestralSampler,
  origin: originSampler,
  'first-hitting': firstHittingSampler,
  spindle: spindleSampler,
  positions: positionsSampler,
  threshold: thresholdSampler,
  factor: factorSampler,
  'entropy-bounded': entropyBoundedSampler,
  'iterative-refinement': iterativeRefinementSampler,
  'remdm-cap': remdmCapSampler,
  'remdm-rescale': remdmRescaleSampler,
  'remdm-conf': remdmConfSampler,
  'remdm-loop': remdmLoopSampler,
  'token-editing': tokenEditingSampler,
  'game-of-life': gameOfLifeSampler,
};
