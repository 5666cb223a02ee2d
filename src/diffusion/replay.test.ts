import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Slot } from './canvas.ts';
import { generate } from './generate.ts';
import { applyStep, canvasAt, writtenLogProbs } from './replay.ts';
import { anyCase, MASK } from './testing/arbitrary.ts';
import { replayAll } from './testing/replay-all.ts';
import type { Edit, Step } from './trace.ts';

describe('canvasAt', () => {
  test('is the start with the first n steps applied', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ canvas, settings, network }) => {
        const steps: Step[] = [];
        for await (const step of generate(network, canvas, settings)) steps.push(step);
        const canvases = await replayAll(canvas, generate(network, canvas, settings));
        const trace = { start: canvas, steps, edits: [], maskId: MASK };
        canvases.forEach((want, n) => {
          expect(canvasAt(trace, n)).toEqual(want);
        });
        expect(canvasAt(trace, -1)).toEqual(canvases[0]);
        expect(canvasAt(trace, 10_000)).toEqual(canvases.at(-1));
      }),
      { numRuns: 40 },
    );
  });

  test('shows an edit from the step before which it was made', () => {
    const step = (slot: number) => ({ ops: [{ set: slot, id: 5 }] }) as unknown as Step;
    const edit: Edit = { before: 1, slot: 0, id: 3, state: Slot.Pinned };
    const start = { ids: Int32Array.of(9, 9, 9), states: Uint8Array.of(1, 1, 1) };
    const trace = { start, steps: [step(0), step(1)], edits: [edit], maskId: 9 };
    expect(Array.from(canvasAt(trace, 0).ids)).toEqual([9, 9, 9]);
    expect(Array.from(canvasAt(trace, 1).ids)).toEqual([3, 9, 9]);
    expect(Array.from(canvasAt(trace, 2).ids)).toEqual([3, 5, 9]);
    expect(Array.from(canvasAt(trace, 2).states)).toEqual([Slot.Pinned, Slot.Revealed, Slot.Masked]);
    expect(Array.from(start.ids)).toEqual([9, 9, 9]);
  });
});

describe('writtenLogProbs', () => {
  const step = (slots: number[], logProbs: number[], revealed: number[], remasked: number[] = []) =>
    ({
      ops: [...revealed.map((slot) => ({ set: slot, id: 5 })), ...remasked.map((slot) => ({ mask: slot }))],
      prediction: { slots: Int32Array.from(slots), logProbs: Float32Array.from(logProbs) },
    }) as unknown as Step;
  const start = { ids: Int32Array.of(1, 9, 9), states: Uint8Array.of(0, 1, 1) };
  const steps = [step([1, 2], [-1, -2], [2]), step([1], [-3], [1], [2]), step([1, 2], [-4, -5], [2])];
  const at = (n: number, edits: Edit[] = []) => Array.from(writtenLogProbs({ start, steps, edits, maskId: 9 }, n));

  test('are those of the last writing; none for the prompt, for masks, and for what was masked again', () => {
    expect(at(0)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(at(1)).toEqual([Number.NaN, Number.NaN, -2]);
    expect(at(2)).toEqual([Number.NaN, -3, Number.NaN]);
    expect(at(3)).toEqual([Number.NaN, -3, -5]);
  });

  test('outlive a word kept and let go, but not another one', () => {
    const edit = (slot: number, id: number): Edit => ({ before: 2, slot, id, state: Slot.Pinned });
    expect(at(2, [edit(1, 5)])).toEqual([Number.NaN, -3, Number.NaN]);
    expect(at(2, [edit(1, 4)])).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});

test('a token is written over another without a mask in between', () => {
  const canvas = { ids: Int32Array.of(1, 4), states: Uint8Array.of(Slot.Given, Slot.Revealed) };
  const next = applyStep(canvas, { ops: [{ set: 1, id: 6 }] }, 9);
  expect(Array.from(next.ids)).toEqual([1, 6]);
  expect(next.states[1]).toBe(Slot.Revealed);
});

test('applyStep writes and masks again, on a copy', () => {
  const canvas = { ids: Int32Array.of(1, 9), states: Uint8Array.of(Slot.Revealed, Slot.Masked) };
  const step = { ops: [{ set: 1, id: 4 }, { mask: 0 }] };
  const next = applyStep(canvas, step, 9);
  expect(Array.from(next.ids)).toEqual([9, 4]);
  expect(Array.from(next.states)).toEqual([Slot.Remasked, Slot.Revealed]);
  expect(Array.from(canvas.ids)).toEqual([1, 9]);
});
