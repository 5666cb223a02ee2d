/** Starts a run of an experiment: its recipe, with what is other in that run. */
import { SMALL } from '../../../diffusion/shipped.ts';
import { type ExperimentName, presetSettings, runsOf } from '../../../worker/protocol.train.ts';
import { takePreset, takeRecipe } from './setup.ts';
import { start } from './store.ts';

export function repeat(experiment: ExperimentName, run: string): Promise<void> {
  takePreset(experiment);
  const own = new Map(runsOf(experiment)).get(run) ?? {};
  if (Object.keys(own).length > 0) takeRecipe({ ...presetSettings(experiment), ...own });
  return start(SMALL);
}
