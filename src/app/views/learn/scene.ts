/** From a scene to the canvas before the first step, and to the settings of its run. Pure. */
import { type Canvas, fillCanvas, openId } from '../../../diffusion/canvas.ts';
import { corrupt } from '../../../diffusion/corrupt.ts';
import { scheduleOf } from '../../../diffusion/drawn-schedule.ts';
import { defaultSettings, type Settings } from '../../../diffusion/settings.ts';
import type { ComparedRun } from '../../../worker/protocol.ts';
import type { Change, Scene } from './script.ts';

/** The text of a scene as the model's tokens. */
export interface Tokens {
  readonly ids: readonly number[];
  readonly pieces: readonly string[];
}

/** Greedy and in one block unless the scene says otherwise: what the model does is then easiest to follow. */
const PLAIN: Change = { temperature: 0, block: 0, ends: 'never' };

/** Of a scene whose canvas has `slots` slots. */
export function settingsOf({ settings = {}, text, length = 0 }: Scene, slots: number): Settings {
  // Blocks begin behind the text where new tokens follow it.
  const mode = length > 0 ? 'continue' : 'fill';
  return { ...defaultSettings(), ...PLAIN, steps: 1, ...settings, mode, prompt: text, length: length || slots };
}

/** The slots of the text that the forward process hides, less or more those that were flipped by hand. */
export function hiddenSlots(scene: Scene, ids: readonly number[], maskId: number | undefined): Set<number> {
  const { schedule, curve, seed } = settingsOf(scene, ids.length);
  const rate = scene.time === undefined ? 0 : scheduleOf({ schedule, curve }).maskRate(scene.time);
  const hidden = new Set(corrupt(ids, openId(maskId), rate, seed).masked);
  for (const slot of scene.flipped ?? []) {
    if (!hidden.delete(slot)) hidden.add(slot);
  }
  return hidden;
}

export function canvasOf(scene: Scene, { ids }: Tokens, maskId: number | undefined): Canvas {
  const open = openId(maskId);
  const hidden = hiddenSlots(scene, ids, maskId);
  const shown = ids.map((id, slot) => (hidden.has(slot) ? open : id));
  return fillCanvas([...shown, ...Array<number>(scene.length ?? 0).fill(open)], maskId);
}

/** The lanes of a scene, as the worker takes them: text, then `length` new tokens. */
export function lanesOf(scene: Scene): ComparedRun[] {
  const { text, length = 0, lanes = [] } = scene;
  return lanes.map(({ writer, settings }) => ({
    writer,
    settings: {
      ...defaultSettings(),
      ...PLAIN,
      ...scene.settings,
      ...settings,
      ...(writer === 'append' ? { steps: length, sampler: 'left-to-right' as const } : {}),
      mode: 'continue',
      prompt: text,
      length,
    },
  }));
}

/** What a link to Generate needs to show the same; undefined where Generate has no such canvas. */
export function generateSettings(scene: Scene): Settings | undefined {
  if (scene.time !== undefined || scene.flipped?.length || scene.lanes || scene.training || scene.recorded)
    return undefined;
  return scene.length || scene.text.includes('[MASK]') ? settingsOf(scene, 1) : undefined;
}
