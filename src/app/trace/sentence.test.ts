import { expect, test } from 'vitest';
import { Slot } from '../../diffusion/canvas.ts';
import { recordedTrace } from '../testing/runs.ts';
import { frameAt } from './frame.ts';
import { sentenceAround } from './sentence.ts';

const TEXT = [
  'Once',
  ' upon',
  ' a',
  ' time',
  '.',
  ' She',
  ' had',
  ' a',
  ' red',
  ' ball',
  '."',
  ' Then',
  '\n',
  ' Tom',
  '[SEP]',
];
const pieces = Object.fromEntries(TEXT.map((piece, id) => [id, piece]));

async function frameOf(states: Readonly<Record<number, number>> = {}) {
  const run = await recordedTrace({ length: TEXT.length - 2 });
  const frame = frameAt(run, run.steps.length);
  return {
    ...frame,
    ids: Int32Array.from(TEXT.keys()),
    states: Uint8Array.from(TEXT.keys(), (slot) => states[slot] ?? Slot.Revealed),
  };
}

test.each([
  [[8], [5, 6, 7, 9]],
  [
    [6, 7],
    [5, 8, 9],
  ],
  [[0], [1, 2, 3]],
  // A sign at its end belongs to the sentence before it.
  [[10], [5, 6, 7, 8, 9]],
  [[13], []],
])('around %j stand %j', async (slots, around) => {
  expect(sentenceAround(await frameOf(), pieces, slots)).toEqual(around);
});

test('what was given or kept stays', async () => {
  const frame = await frameOf({ 5: Slot.Given, 9: Slot.Pinned });
  expect(sentenceAround(frame, pieces, [8])).toEqual([6, 7]);
});
