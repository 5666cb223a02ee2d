import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { continueCanvas, isOpen, Slot } from '../../diffusion/canvas.ts';
import { generate } from '../../diffusion/generate.ts';
import type { Settings } from '../../diffusion/settings.ts';
import { anyCase } from '../../diffusion/testing/arbitrary.ts';
import { tableNetwork } from '../../diffusion/testing/table-network.ts';
import type { Trace } from '../../diffusion/trace.ts';
import { decodeTrace } from '../../diffusion/trace-decode.ts';
import { model, settings } from '../testing/runs.ts';
import { type OddKind, oddAt } from './anomalies.ts';
import { maskAgain, withChanges } from './change.ts';
import { frameAt, probabilityOf } from './frame.ts';
import { beginTrace, withStep } from './record.ts';
import { resumePoint } from './resume.ts';

const MASK = 8;
const PAD = 7;
const PIECES = { 0: '.', 1: ' the', 2: ' old', 3: ' owl', 4: ' sat', 5: ' down', 6: ' again', 7: '[PAD]', 8: '[MASK]' };
type Logits = (ids: Int32Array, slot: number) => number[];

/** Logits that are sure of one id by `by`. */
const leaning = (id: number, by: number) => Array.from({ length: 9 }, (_, one) => (one === id ? by : 0));

async function run(logits: Logits, change: Partial<Settings>, base?: Trace): Promise<Trace> {
  const asked = settings({ length: 12, steps: 12, block: 0, topP: 1, temperature: 0, ...change });
  const network = tableNetwork(9, MASK, logits);
  const start = continueCanvas([1, 2], asked.length, MASK);
  let trace = base ?? beginTrace(asked, { ...model, maskId: MASK }, start, PIECES);
  const { canvas, cursor } = base ? resumePoint(base) : { canvas: start, cursor: undefined };
  for await (const step of generate(network, canvas, asked, { cursor })) trace = withStep(trace, step, {});
  return trace;
}

/** Every kind that is shown at some moment of the run, with the first moment. */
function shown(trace: Trace): Partial<Record<OddKind, number>> {
  const found: Partial<Record<OddKind, number>> = {};
  for (let playhead = 0; playhead <= trace.steps.length; playhead++) {
    const silent = new Set<OddKind>();
    for (let odd = oddAt(trace, playhead, silent); odd; odd = oddAt(trace, playhead, silent)) {
      found[odd.kind] ??= playhead;
      silent.add(odd.kind);
    }
  }
  return found;
}

/** The back half wants padding, the front some word; `pads` says how sure of the padding. */
const answer =
  (pads: number): Logits =>
  (_, slot) =>
    slot >= 7 ? leaning(PAD, pads + slot / 50) : leaning(1 + (slot % 6), 2 + slot / 50);

describe('what looks odd is found in the run', () => {
  test('the end is written before the text', async () => {
    const trace = await run(answer(6), {});
    expect(shown(trace)).toMatchObject({ endsFirst: 3, short: 12 });
    expect(oddAt(trace, 3)).toEqual({ kind: 'endsFirst', count: 3 });
    // When the words come first nothing is said of the end.
    expect(shown(await run(answer(1), {})).endsFirst).toBeUndefined();
  });

  test('a short answer in a long canvas', async () => {
    expect(oddAt(await run(answer(1), {}), 12)).toEqual({ kind: 'short', text: 5, all: 12 });
    expect(
      shown(await run((_, slot) => (slot >= 12 ? leaning(PAD, 3) : leaning(slot % 6, 3)), {})).short,
    ).toBeUndefined();
  });

  test('one unsure slot waits for all others, and is said to wait only until it is written', async () => {
    const trace = await run((_, slot) => leaning(slot % 7, slot === 5 ? 0.2 : 3 + slot / 50), {});
    expect(oddAt(trace, 11)).toEqual({ kind: 'lingers', slot: 5, waited: 11 });
    expect(oddAt(trace, 12)).toBeUndefined();
    // In reading order the last slot waits as long, but not because it is unsure.
    const ordered = await run((_, slot) => leaning(slot % 7, slot === 13 ? 0.2 : 3), { sampler: 'left-to-right' });
    expect(shown(ordered).lingers).toBeUndefined();
  });

  test('a phrase that an order of the surest slots repeats; a random order is not blamed', async () => {
    const cycle: Logits = (_, slot) => leaning([1, 2, 3][slot % 3] as number, 2 + slot / 50);
    const odd = oddAt(await run(cycle, {}), 12);
    expect(odd).toMatchObject({ kind: 'repeats', times: 4 });
    expect(shown(await run(cycle, { sampler: 'random' })).repeats).toBeUndefined();
    expect(shown(await run((_, slot) => leaning(slot % 7, 3), {})).repeats).toBeUndefined();
  });

  test('masks are left behind by exact runs only when the run is over', async () => {
    const drawsMask: Logits = (_, slot) => (slot === 6 ? leaning(MASK, 5) : leaning(slot % 6, 2));
    const trace = await run(drawsMask, { exact: true });
    expect(shown(trace)).toMatchObject({ leftBehind: trace.steps.length });
    expect(shown({ ...trace, steps: trace.steps.slice(0, 4) }).leftBehind).toBeUndefined();
    expect(shown(await run(drawsMask, {})).leftBehind).toBeUndefined();
  });

  test('a token drawn from the tail waits, because confidence knows no temperature', async () => {
    const logits: Logits = (_, slot) => leaning(slot % 7, 5 - slot / 20);
    const trace = await run(logits, { temperature: 1.6, seed: 3, length: 24, steps: 24 });
    const { tail: playhead } = shown(trace);
    const odd = oddAt(trace, playhead as number, new Set<OddKind>(['lingers', 'endsFirst', 'same']));
    if (odd?.kind !== 'tail') throw new Error('nothing was drawn from the tail');
    expect(isOpen(frameAt(trace, playhead as number).states[odd.slot] as number)).toBe(true);
    expect(probabilityOf(trace, (playhead as number) - 1, odd.slot)).toBeLessThan(0.05);
    expect(shown(await run(logits, { temperature: 0 })).tail).toBeUndefined();
    expect(
      shown(await run(logits, { temperature: 1.6, seed: 3, length: 24, sampler: 'left-to-right' })).tail,
    ).toBeUndefined();
  });

  test('a slot that was masked again gets its old word back, or another', async () => {
    const always: Logits = (_, slot) => leaning(slot % 7, 3 + slot / 50);
    const whole = await run(always, {});
    const masked = withChanges(whole, 12, [maskAgain(whole, 5)]);
    expect(oddAt(await run(always, {}, masked), 13)).toEqual({ kind: 'same', slot: 5, id: 5 });
    const another = await run((_, slot) => leaning((slot + 1) % 7, 3), {}, masked);
    expect(shown(another).same).toBeUndefined();
    // The word a person wrote there was not the model's, but it stood there all the same.
    const edited = withChanges(whole, 12, [{ slot: 5, id: 6, state: Slot.Pinned }]);
    expect(shown(edited).same).toBeUndefined();
  });
});

test('a kind that was dismissed is not shown again', async () => {
  const trace = await run(answer(1), {});
  expect(oddAt(trace, 12, new Set<OddKind>(['short', 'repeats']))).toBeUndefined();
});

test('a step that writes thousands of slots, some of them anew, is looked at in good time', async () => {
  const trace = await run(() => leaning(3, 4), { length: 4, steps: 4 });
  const [first] = trace.steps as [Trace['steps'][0]];
  const slots = Int32Array.from({ length: 16_000 }, (_, slot) => slot);
  const ops = Array.from(slots, (slot) => ({ set: slot, id: 1 + (slot % 3) }));
  const times = Float32Array.from(slots, () => -1);
  const prediction = { ...first.prediction, slots, ids: Int32Array.from(ops, ({ id }) => id), logProbs: times };
  const start = { ids: slots.map(() => MASK), states: Uint8Array.from(slots, () => Slot.Masked) };
  const again = { ...first, ops: Array.from(slots.subarray(0, 8000), (mask) => ({ mask })) };
  const steps = [{ ...first, ops, prediction }, again, { ...first, ops: ops.slice(0, 8000), prediction }];
  const began = process.cpuUsage();
  expect(oddAt({ ...trace, start, steps }, 1)).toBeUndefined();
  expect(oddAt({ ...trace, start, steps }, 3)).toMatchObject({ kind: 'same' });
  expect(process.cpuUsage(began).user).toBeLessThan(20e6);
});

test('the recorded run of the shipped model can be asked at every step', () => {
  const url = new URL('../../../public/recorded/first.json', import.meta.url);
  const found = shown(decodeTrace(readFileSync(url, 'utf8')));
  expect(found.leftBehind ?? found.short ?? found.endsFirst).toBeUndefined();
});

test('nothing of a run makes a rule fail, and what is said is said of slots that exist', async () => {
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ canvas, settings: asked, network }) => {
      let trace = beginTrace(asked, { ...model, maskId: MASK }, canvas, PIECES);
      for await (const step of generate(network, canvas, asked)) trace = withStep(trace, step, {});
      for (let playhead = 0; playhead <= trace.steps.length; playhead++) {
        const odd = oddAt(trace, playhead);
        if (odd && 'slot' in odd) expect(odd.slot).toBeLessThan(canvas.ids.length);
        // The tail is a matter of temperature, masks left behind one of the letter.
        if (odd?.kind === 'tail') expect(asked.temperature).toBeGreaterThan(0);
        if (odd?.kind === 'leftBehind') expect(asked.exact).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});
