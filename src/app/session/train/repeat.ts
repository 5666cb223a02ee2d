/** Starts a run of the recipe `a2d`, or of the same from scratch. */
import { presetSettings } from '../../../worker/protocol.train.ts';
import { takePreset, takeRecipe } from './setup.ts';
import { start } from './store.ts';

export function repeat(fromScratch: boolean): Promise<void> {
  takePreset('a2d');
  if (fromScratch) takeRecipe({ ...presetSettings('a2d'), forget: true });
  return start('stories');
}
