/** Every reveal order under its name in the settings. A new sampler is one file and one line here. */
import type { Sampler } from '../sampler.ts';
import type { SamplerName } from '../settings.ts';
import { confidenceSampler } from './confidence.ts';
import { entropySampler } from './entropy.ts';
import { factorSampler } from './factor.ts';
import { leftToRightSampler } from './left-to-right.ts';
import { marginSampler } from './margin.ts';
import { randomSampler } from './random.ts';
import { thresholdSampler } from './threshold.ts';

export const SAMPLER_TABLE: Readonly<Record<SamplerName, Sampler>> = {
  confidence: confidenceSampler,
  random: randomSampler,
  margin: marginSampler,
  entropy: entropySampler,
  threshold: thresholdSampler,
  factor: factorSampler,
  'left-to-right': leftToRightSampler,
};
