import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutOf } from './blocks.ts';
import { cacheFor } from './cache.ts';
import { type Canvas, continueCanvas, copyCanvas, Slot } from './canvas.ts';
import { generate } from './generate.ts';
import { applyStep } from './replay.ts';
import { CACHES, defaultSettings, type Settings } from './settings.ts';
import { anyCase, MASK } from './testing/arbitrary.ts';

const settings: Settings = { ...defaultSettings(), length: 8, block: 3, cache: 'dual' };

/** Prompt of two, then eight slots of which the second block, 5 … 7, is being written. */
function example(): Canvas {
  const canvas = continueCanvas([1, 2], 8, MASK);
  for (const slot of [2, 3, 4, 6]) {
    canvas.ids[slot] = 7;
    canvas.states[slot] = Slot.Revealed;
  }
  canvas.ids[9] = 3;
  canvas.states[9] = Slot.Pinned;
  return canvas;
}

const ask = (canvas: Canvas, slots: number[], change: Partial<Settings> = {}) => {
  const changed = { ...settings, ...change };
  return cacheFor(canvas, slots, 1, layoutOf(canvas, changed), changed, { maskId: MASK });
};

describe('what a step takes from an earlier pass', () => {
  test('the canvas at the start of its block, outside the block or before it', () => {
    // Slot 6 was written in this block; what the user pinned stays.
    const anchor = Int32Array.of(1, 2, 7, 7, 7, MASK, MASK, MASK, MASK, 3);
    expect(ask(example(), [5, 7])).toEqual({ kind: 'anchored', anchor, from: 5, to: 8 });
    expect(ask(example(), [5, 7], { cache: 'prefix' })).toEqual({ kind: 'anchored', anchor, from: 5, to: 10 });
  });

  test('with a logit shift, from the row before the block on, which answers its first slot', () => {
    const canvas = example();
    const got = cacheFor(canvas, [5, 7], 1, layoutOf(canvas, settings), settings, { maskId: MASK, logitShift: 1 });
    expect(got).toMatchObject({ from: 4, to: 8 });
    expect((got as { anchor: Int32Array }).anchor[4]).toBe(7);
  });

  test('nothing when the cache is off, with guidance, for slots outside, or when all rows would be run', () => {
    expect(ask(example(), [5, 7], { cache: 'off' })).toBeUndefined();
    expect(ask(example(), [5, 7], { guidance: 1 })).toBeUndefined();
    expect(ask(example(), [4, 5])).toBeUndefined();
    expect(ask(example(), [5, 8])).toBeUndefined();
    expect(ask(example(), [])).toBeUndefined();
    const all = { mode: 'fill', block: 0 } as const;
    const changed = { ...settings, ...all };
    expect(cacheFor(example(), [5], 0, layoutOf(example(), changed), changed, { maskId: MASK })).toBeUndefined();
  });
});

test('a run asks with one anchor per block, and a resumed one with the same', async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, fc.constantFrom(...CACHES), fc.nat(20), async (run, cache, stop) => {
      const chosen = { ...run.settings, cache };
      const canvas = copyCanvas(run.canvas);
      const steps = [];
      for await (const step of generate(run.network, run.canvas, chosen)) steps.push(step);
      const asked = run.network.requests.splice(0);
      for (const { cache: use, asked: slots, guidance } of asked) {
        if (cache === 'off') expect(use).toBeUndefined();
        if (use?.kind !== 'anchored') continue;
        expect(guidance).toBeUndefined();
        expect(slots.every((slot) => slot >= use.from && slot < use.to)).toBe(true);
      }

      const before = steps.slice(0, stop);
      const cursor = before.at(-1)?.next;
      if (cursor === undefined || before.length === steps.length) return;
      const made = before.filter(({ prediction }) => prediction.slots.length > 0).length;
      const stopped = before.reduce((made, step) => applyStep(made, step, MASK), canvas);
      await generate(run.network, stopped, chosen, { cursor }).next();
      const [resumed] = run.network.requests;
      if (resumed !== undefined) expect(resumed.cache).toEqual(asked[made]?.cache);
    }),
    { numRuns: 100 },
  );
});
