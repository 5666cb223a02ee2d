/**
 * Claims of the articles as small experiments: a recipe, and the runs in which something of it is other. `npm run experiment`
 * records them, the page draws what it wrote and runs them again.
 */
import type { PresetName } from './presets.ts';
import type { TrainSettings } from './train-settings.ts';

export const EXPERIMENTS = {
  /**
   * From an autoregressive model to one that diffuses (its weights), beside a warm start from one that diffuses already, and
   * the same network with weights drawn anew.
   */
  a2d: { converted: {}, warm: { init: 'stories' }, scratch: { forget: true } },
} as const satisfies Partial<Record<PresetName, Readonly<Record<string, Partial<TrainSettings>>>>>;

export type ExperimentName = keyof typeof EXPERIMENTS;

export function isExperiment(name: string): name is ExperimentName {
  return name in EXPERIMENTS;
}

/** What is other in each run of an experiment, by its name. */
export function runsOf(name: ExperimentName): readonly (readonly [string, Partial<TrainSettings>])[] {
  return Object.entries(EXPERIMENTS[name]);
}
