import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { continueCanvas, openSlots, Slot } from './canvas.ts';
import { type Ending, endingOf, firstOf } from './early-stop.ts';
import { type GenerateOptions, generate } from './generate.ts';
import { writtenSlotsIn } from './ops.ts';
import { canvasAt, endedAt } from './replay.ts';
import { SAMPLER_TABLE } from './samplers/index.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { anyCase, MASK } from './testing/arbitrary.ts';
import { record } from './testing/record.ts';
import { type TableNetwork, tableNetwork, withEnds } from './testing/table-network.ts';
import type { Step } from './trace.ts';

const PAD = 1;
/** Says these ids of the slots after a prompt of two; the surer the earlier in `order`. */
function saying(ids: readonly number[], order: readonly number[]): TableNetwork {
  const net = tableNetwork(9, MASK, (_ids, slot) => {
    const sure = 8 - 0.5 * order.indexOf(slot - 2);
    return Array.from({ length: 9 }, (_, id) => (id === ids[slot - 2] ? sure : 0));
  });
  return withEnds(net, [PAD]);
}
const leftToRight = (length: number) => Array.from({ length }, (_, i) => i);

const base: Settings = { ...defaultSettings(), mode: 'chat', length: 8, steps: 8, block: 0, temperature: 0, topP: 1 };
async function run(net: TableNetwork, change: Partial<Settings> = {}, options: GenerateOptions = {}): Promise<Step[]> {
  const steps: Step[] = [];
  const settings = { ...base, ...change };
  for await (const step of generate(net, continueCanvas([2, 2], settings.length, MASK), settings, options)) {
    steps.push(step);
  }
  return steps;
}

describe('a chat stops when its answer has ended', () => {
  const answer = [3, 4, 5, PAD, PAD, PAD, PAD, PAD];

  test('the end written in order: the slots behind it stay open, and the passes saved are counted', async () => {
    const steps = await run(saying(answer, leftToRight(8)));
    expect(steps.flatMap(writtenSlotsIn)).toEqual([2, 3, 4, 5]);
    expect(steps.at(-1)?.ended).toEqual({ from: 5, to: 6, saved: 4 });
    expect(steps.slice(0, -1).every(({ ended }) => ended === undefined)).toBe(true);
  });

  test('with guidance every step saved is two passes', async () => {
    const steps = await run(saying(answer, leftToRight(8)), { guidance: 0.5 });
    expect(steps.at(-1)?.ended).toEqual({ from: 5, to: 6, saved: 8 });
  });

  test('padding that is written first stops nothing before the words before it are there', async () => {
    const steps = await run(saying(answer, [7, 3, 5, 0, 4, 6, 1, 2]));
    expect(steps.map((step) => writtenSlotsIn(step)[0])).toEqual([9, 5, 7, 2, 6, 8, 3, 4]);
    // The last open slot was before the end, so nothing was saved and nothing is said.
    expect(steps.at(-1)?.ended).toBeUndefined();
  });

  test('blocks are written in turn, so those behind the end are not begun', async () => {
    const steps = await run(saying(answer, [3, 2, 1, 0, 4, 5, 6, 7]), { block: 4 });
    expect(steps.map(({ next: { block } }) => block)).toEqual([0, 0, 0, 0]);
    expect(steps.at(-1)?.ended).toEqual({ from: 5, to: 6, saved: 4 });
  });

  test.each<[string, Partial<Settings>]>([
    ['switched off', { earlyStop: false }],
    ['exact', { exact: true }],
    ['no chat', { mode: 'continue' }],
    ['an order that may write again', { sampler: 'remdm-cap' }],
  ])('not when %s', async (_, change) => {
    const steps = await run(saying(answer, leftToRight(8)), change);
    expect(steps.some(({ ended }) => ended)).toBe(false);
    expect(new Set(steps.flatMap(writtenSlotsIn)).size).toBe(8);
  });

  test('an order with a pace of its own does not know what it saved', async () => {
    const steps = await run(saying(answer, leftToRight(8)), { sampler: 'threshold', threshold: 0.985 });
    expect(steps.map((step) => writtenSlotsIn(step).length)).toEqual([4]);
    expect(steps.at(-1)?.ended).toEqual({ from: 5, to: 6 });
  });

  test('an ending of several tokens, and a model that names no end', async () => {
    const spelled = [3, 4, 6, 7, 0, 0, 0, 0];
    const ending = (ids: readonly number[]): Ending | undefined => {
      const from = ids.findIndex((id, at) => id === 6 && ids[at + 1] === 7);
      return from < 0 ? undefined : { from, to: from + 2 };
    };
    const net = withEnds(saying(spelled, leftToRight(8)), []);
    expect((await run(net, {}, { ending })).at(-1)?.ended).toEqual({ from: 4, to: 6, saved: 4 });
    expect((await run(net)).at(-1)?.ended).toBeUndefined();
  });

  test('a mask in the question keeps the answer from being finished', () => {
    const canvas = continueCanvas([2, MASK, 2], 2, MASK);
    canvas.ids.set([PAD, PAD], 3);
    canvas.states.fill(Slot.Revealed, 3);
    expect(endingOf(canvas, 1, firstOf([PAD]))).toBeUndefined();
    canvas.states[1] = Slot.Pinned;
    expect(endingOf(canvas, 1, firstOf([PAD]))).toEqual({ from: 3, to: 4 });
  });

  test('going on from there makes no step, unless the end is masked again or stopping switched off', async () => {
    const net = saying(answer, leftToRight(8));
    const steps = await run(net);
    const start = continueCanvas([2, 2], 8, MASK);
    const canvas = canvasAt({ start, steps, edits: [], maskId: MASK }, steps.length);
    const rest = async (change: Partial<Settings>, from = canvas) => {
      const more: number[] = [];
      const cursor = steps.at(-1)?.next;
      for await (const step of generate(net, from, { ...base, ...change }, { cursor }))
        more.push(...writtenSlotsIn(step));
      return more;
    };
    expect(await rest({})).toEqual([]);
    expect(await rest({ earlyStop: false })).toEqual([6, 7, 8, 9]);
    const edits = [{ before: 4, slot: 5, id: MASK, state: Slot.Remasked }];
    expect(await rest({}, canvasAt({ start, steps, edits, maskId: MASK }, 4))).toEqual([5]);

    expect(endedAt({ steps, edits: [] }, 4)).toEqual(steps.at(-1)?.ended);
    expect(endedAt({ steps, edits: [] }, 3)).toBeUndefined();
    expect(endedAt({ steps, edits }, 4)).toBeUndefined();
    expect(endedAt({ steps, edits: [{ before: 4, slot: 3, id: MASK, state: Slot.Remasked }] }, 4)).toBeDefined();
  });
});

test('whatever the order: it never stops before the answer is written, and never changes it', async () => {
  let stopped = 0;
  await fc.assert(
    fc.asyncProperty(
      anyCase.filter(({ settings: { mode, exact } }) => mode === 'continue' && !exact),
      async ({ canvas, settings: drawn, network: net }) => {
        const network = withEnds(net, [PAD, 3]);
        const settings = { ...drawn, mode: 'chat' as const };
        const early = await record({ canvas, settings, network });
        const whole = await record({ canvas, settings: { ...settings, earlyStop: false }, network });
        const { ended } = early.steps.at(-1) ?? {};
        if (!ended) {
          expect(early.steps.length).toBe(whole.steps.length);
          return;
        }
        stopped++;
        expect(SAMPLER_TABLE[settings.sampler].revisits ?? false).toBe(false);
        const end = canvasAt(early, early.steps.length);
        const full = canvasAt(whole, whole.steps.length);
        expect(openSlots(end, 0, ended.to)).toEqual([]);
        expect(openSlots(end).length).toBeGreaterThan(0);
        expect(network.info.endIds).toContain(end.ids[ended.from]);
        expect([...end.ids.subarray(0, ended.to)]).toEqual([...full.ids.subarray(0, ended.to)]);
        const passes = (steps: readonly Step[]) => steps.reduce((sum, { forwards }) => sum + forwards, 0);
        if (ended.saved !== undefined) expect(ended.saved).toBe(passes(whole.steps) - passes(early.steps));
      },
    ),
    { numRuns: 400 },
  );
  expect(stopped).toBeGreaterThan(60);
});
