/** The page's one controller, joined to the stores; and what people can do to a slot, by pointer or by key. */

import { Slot } from '../../diffusion/canvas.ts';
import { keep, maskAgain, release } from '../run/change.ts';
import { createController } from '../run/controller.ts';
import { inspect } from '../run/inspect.ts';
import { compute, loadModel, useCompute } from '../stores/compute.ts';
import { useRun } from '../stores/run.ts';
import { publish, rollSeed, setSetting, useSettings } from '../stores/settings.ts';
import { currentFrame } from './frames.ts';
import { rememberRun } from './lastRun.ts';

export const controller = createController({
  compute,
  model: loadModel,
  settings: () => useSettings.getState().settings,
  reseed: () => setSetting('seed', rollSeed()),
  // A step that arrives says that a lost device has been rebuilt.
  wrote: recovered,
  settled: () => {
    recovered();
    rememberRun();
  },
});

function recovered(): void {
  if (useCompute.getState().recovering) useCompute.setState({ recovering: undefined });
}

export function generate(): void {
  useSettings.setState({ linked: false });
  publish();
  void controller.generate();
}

/** Keeps the word in `slot`, or lets it go when it is kept already. */
export function toggleKeep(slot: number): void {
  const frame = currentFrame();
  if (!frame) return;
  if (frame.states[slot] === Slot.Pinned) void controller.change([release(frame, slot)]);
  else if (frame.states[slot] === Slot.Revealed) void controller.change([keep(frame, slot)]);
}

export function remask(slot: number): void {
  const { trace } = useRun.getState();
  if (trace && currentFrame()?.ids[slot] !== trace.maskId) void controller.change([maskAgain(trace, slot)]);
}

/** Puts an id the network thought of into `slot`. */
export function writeInstead(slot: number, id: number): void {
  void controller.change([{ slot, id, state: Slot.Pinned }]);
}

/** Alternative number `rank`, from 0, as the inspector lists them. */
export function writeAlternative(slot: number, rank: number): boolean {
  const { trace } = useRun.getState();
  const frame = currentFrame();
  const choice = trace && frame ? inspect(trace, frame, slot)?.alternatives[rank] : undefined;
  if (!choice) return false;
  if (!choice.chosen) writeInstead(slot, choice.id);
  return true;
}
