/** The page's one controller, joined to the stores; and what people can do to a slot, by pointer or by key. */

import { openId, Slot } from '../../diffusion/canvas.ts';
import { keep, maskAgain, release } from '../trace/change.ts';
import { inspect } from '../trace/inspect.ts';
import { adapted } from './adapters.ts';
import { asWritten } from './asWritten.ts';
import { compute, loadModel, useCompute } from './compute.ts';
import { createController } from './controller.ts';
import { drawOrder } from './drawnOrder.ts';
import { currentFrame } from './frames.ts';
import { rememberRun } from './lastRun.ts';
import { ruleOf } from './lesson.ts';
import { showBranch, useRun } from './run.ts';
import { leaveLink, publish, rollSeed, setSetting, takeSeed, useSettings } from './settings.ts';
import { pickPlace, useTools } from './tools.ts';

export const controller = createController({
  compute,
  // With what has changed since it was loaded: the adapter beside it.
  async model() {
    const loaded = await loadModel();
    await adapted();
    const { model } = useCompute.getState();
    return model?.id === loaded.id ? model : loaded;
  },
  device: () => useCompute.getState().model?.device,
  settings: () => asWritten(useSettings.getState().settings),
  reseed: () => setSetting('seed', rollSeed()),
  // A step that arrives says that a lost device has been rebuilt.
  wrote: recovered,
  settled: () => {
    recovered();
    rememberRun();
    // While a linked run is being made again, the address is still the link's.
    if (!useSettings.getState().moment) leaveLink();
  },
});

function recovered(): void {
  if (useCompute.getState().recovering) useCompute.setState({ recovering: undefined });
}

export function generate(): void {
  void generated();
}

/** Resolves when the text is written, or it could not be. */
export async function generated(): Promise<void> {
  takeSeed();
  leaveLink();
  publish();
  await controller.generate();
}

/** Goes somewhere else in the session, and what is then on screen is remembered. */
export function travel(move: () => void): void {
  move();
  rememberRun();
}

/** Looks at another branch, which a reload remembers too. */
export function goToBranch(id: number): void {
  travel(() => showBranch(id));
}

/** Keeps the word in `slot`, or lets it go when it is kept already. */
export function toggleKeep(slot: number): void {
  keepSlots([slot]);
}

export function remask(slot: number): void {
  maskSlots([slot]);
}

/** False while a lesson keeps the text as the model writes it. */
export const mayChange = () => ruleOf('steer') === 'free';

/** True when the whole text of a run that has ended is looked at. */
export function isFinished(): boolean {
  const { trace, status, playing } = useRun.getState();
  const frame = currentFrame();
  return status === 'idle' && !playing && frame?.masks === 0 && frame.playhead === trace?.steps.length;
}

/**
 * Rubs these words out. In a finished text the model writes them anew at once, with new chance; in one that is still being
 * written, or that is looked at in the middle, they become masks that wait for their turn.
 */
export function rubOut(slots: readonly number[]): void {
  const frame = currentFrame();
  if (!mayChange() || !frame) return;
  if (!isFinished()) maskSlots(slots);
  else void controller.rewrite(slots.filter((slot) => frame.states[slot] !== undefined));
}

/** Writes other words than stand there over these of a finished text; without any, over those that were rubbed out last. */
export function somethingElse(slots: readonly number[] = useRun.getState().rubbedOut): void {
  if (mayChange() && isFinished()) void controller.writeOther(slots);
}

/** Masks these slots again, all in one change; those that are masks already stay as they are. */
export function maskSlots(slots: readonly number[]): void {
  if (!mayChange()) return;
  const { trace } = useRun.getState();
  const frame = currentFrame();
  if (!trace || !frame) return;
  const written = slots.filter((slot) => frame.ids[slot] !== undefined && frame.ids[slot] !== openId(trace.maskId));
  if (written.length > 0) void controller.change(written.map((slot) => maskAgain(trace, slot)));
}

/** Keeps the model's words in these slots, all in one change; when all are kept already, lets them go. */
export function keepSlots(slots: readonly number[]): void {
  if (!mayChange()) return;
  const frame = currentFrame();
  if (!frame) return;
  const loose = slots.filter((slot) => frame.states[slot] === Slot.Revealed);
  const kept = slots.filter((slot) => frame.states[slot] === Slot.Pinned);
  const changes = loose.length > 0 ? loose.map((slot) => keep(frame, slot)) : kept.map((slot) => release(frame, slot));
  if (changes.length > 0) void controller.change(changes);
}

/** What the tool in hand does to these slots, in the order they were touched. */
export function applyTool(slots: readonly number[]): void {
  const { tool } = useTools.getState();
  if (tool === 'mask') rubOut(slots);
  else if (tool === 'keep') keepSlots(slots);
  else if (tool === 'order') drawOrder(slots);
  else if (tool === 'word') pickPlace(slots);
}

/** Puts an id the network thought of into `slot`. */
export function writeInstead(slot: number, id: number): void {
  if (mayChange()) void controller.change([{ slot, id, state: Slot.Pinned }]);
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
