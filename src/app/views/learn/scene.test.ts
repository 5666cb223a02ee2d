import { expect, test } from 'vitest';
import { Slot } from '../../../diffusion/canvas.ts';
import { learnIn } from '../../messages/languages.ts';
import { setLearn } from '../../messages/learnWords.ts';
import { changesIn } from './changes.ts';
import { canvasOf, generateSettings, hiddenSlots, lanesOf, settingsOf } from './scene.ts';
import type { Scene } from './script.ts';

const MASK = 99;
const TOKENS = { ids: Array.from({ length: 20 }, (_, slot) => slot), pieces: [] };

test('masks in the text and those after it are open, all else is given', () => {
  const { ids, states } = canvasOf({ text: '', length: 2 }, { ids: [1, MASK, 3], pieces: [] }, MASK);
  expect([...ids]).toEqual([1, MASK, 3, MASK, MASK]);
  expect([...states]).toEqual([Slot.Given, Slot.Masked, Slot.Given, Slot.Masked, Slot.Masked]);
});

test('a later time hides the same slots and more, and at the ends nothing and everything', () => {
  const at = (time: number) => hiddenSlots({ text: '', time, settings: { seed: 5 } }, TOKENS.ids, MASK);
  expect(at(0).size).toBe(0);
  expect(at(1).size).toBe(20);
  for (const slot of at(0.3)) expect(at(0.6)).toContain(slot);
  // sin(π/4) is above a half: at the same time the cosine hides no slot less.
  const cosine = hiddenSlots({ text: '', time: 0.5, settings: { seed: 5, schedule: 'cosine' } }, TOKENS.ids, MASK);
  for (const slot of at(0.5)) expect(cosine).toContain(slot);
});

test('a flipped slot is the other way round', () => {
  const scene: Scene = { text: '', time: 0.5, settings: { seed: 5 } };
  const before = hiddenSlots(scene, TOKENS.ids, MASK);
  const [hidden = -1] = before;
  const shown = TOKENS.ids.find((slot) => !before.has(slot)) ?? -1;
  const after = hiddenSlots({ ...scene, flipped: [hidden, shown] }, TOKENS.ids, MASK);
  expect(after.has(hidden)).toBe(false);
  expect(after.has(shown)).toBe(true);
  expect(after.size).toBe(before.size);
});

test('lanes share text and length; one that appends writes a token a step', () => {
  const lanes = lanesOf({
    text: 'Once',
    length: 8,
    lanes: [
      { writer: 'append', settings: {} },
      { writer: 'set', settings: { steps: 4 } },
    ],
  });
  expect(lanes.map(({ settings }) => [settings.mode, settings.prompt, settings.length, settings.steps])).toEqual([
    ['continue', 'Once', 8, 8],
    ['continue', 'Once', 8, 4],
  ]);
});

test('Generate gets what it can show', () => {
  expect(generateSettings({ text: 'a[MASK]' })).toMatchObject({ mode: 'fill', prompt: 'a[MASK]' });
  expect(generateSettings({ text: 'a', length: 8, settings: { steps: 2 } })).toMatchObject({
    mode: 'continue',
    steps: 2,
  });
  for (const scene of [
    { text: 'a', time: 0.5 },
    { text: 'a', flipped: [1] },
    { text: '', training: true },
    { text: 'a' },
  ]) {
    expect(generateSettings(scene)).toBeUndefined();
  }
});

test('a change is told by the names of the settings', async () => {
  setLearn(await learnIn('en'));
  const scene: Scene = { text: 'a', length: 8, settings: { steps: 24 } };
  expect(changesIn(scene, { ...scene, settings: { steps: 6, sampler: 'random' } })).toEqual([
    'Steps: 24 → 6',
    'Order: Surest first → Random',
  ]);
  expect(changesIn({ text: 'a', time: 0.3 }, { text: 'a', time: 0.5 })).toEqual(['Time t: 0.30 → 0.50']);
  expect(changesIn(scene, scene)).toEqual([]);
  expect(settingsOf(scene, 9).length).toBe(8);
});
