import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { treeOf, withBranch } from '../branches.ts';
import { type Canvas, continueCanvas, fillCanvas, Slot, slotAt } from '../canvas.ts';
import { editTexts } from '../edit-flow/repair.ts';
import { type GenerateOptions, generate } from '../generate.ts';
import { insertedIn, removedIn, writtenSlotsIn } from '../ops.ts';
import { applyStep, canvasAt, slotsOf, writtenLogProbs } from '../replay.ts';
import { defaultSettings, type Settings } from '../settings.ts';
import { stepStatistics } from '../statistics.ts';
import { hashNetwork, MASK } from '../testing/arbitrary.ts';
import { editNetwork } from '../testing/edit-network.ts';
import type { Step, Trace } from '../trace.ts';
import { decodeTrace, decodeTree } from '../trace-decode.ts';
import { encodeTrace, encodeTree } from '../trace-encode.ts';

const settingsWith = (changes: Partial<Settings>): Settings => ({ ...defaultSettings(), topP: 1, ...changes });

/** A text of the reader's own: the first token begins it. */
function ownText(ids: readonly number[]): Canvas {
  const canvas = fillCanvas(ids, MASK);
  canvas.states.fill(Slot.Revealed, 1);
  return canvas;
}

async function run(
  network: ReturnType<typeof editNetwork>,
  start: Canvas,
  settings: Settings,
  options: GenerateOptions = {},
) {
  const steps: Step[] = [];
  for await (const step of generate(network, start, settings, { now: () => 0, ...options })) steps.push(step);
  return { start, steps, edits: [], maskId: MASK };
}

const anyRun = fc.record({
  salt: fc.nat(1000),
  seed: fc.nat(),
  text: fc.array(fc.nat(7), { minLength: 2, maxLength: 9 }),
  steps: fc.integer({ min: 1, max: 6 }),
  temperature: fc.constantFrom(0, 1),
  mode: fc.constantFrom('edit', 'continue'),
  editWay: fc.constantFrom('surest', 'leap'),
  editAbove: fc.constantFrom(0.5, 1.5),
} as const);
type Case = typeof anyRun extends fc.Arbitrary<infer T> ? T : never;

const startOf = ({ mode, text }: Case) => (mode === 'edit' ? ownText(text) : continueCanvas(text, 3, MASK));
const settingsOf = ({ mode, steps, temperature, seed, editWay, editAbove }: Case) =>
  settingsWith({ mode, process: 'edits', length: 3, steps, temperature, seed, editWay, editAbove });

describe('a process of edits', () => {
  test('makes the edits that Edit Flows makes, and names the slots', async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, async (one) => {
        const { text, mode, steps, seed, temperature, salt, editWay, editAbove } = one;
        const start = startOf(one);
        const made = await run(editNetwork(salt), start, settingsOf(one));
        const how =
          mode === 'edit' && editWay === 'surest'
            ? ({ way: 'surest', above: editAbove, steps } as const)
            : ({ way: 'leap', tau: 1 / steps } as const);
        const given = mode === 'edit' ? 1 : text.length;
        const [expected] = await editTexts(editNetwork(salt), [start.ids], how, {
          seed,
          temperature,
          given,
          suppress: [MASK],
        });
        expect([...canvasAt(made, made.steps.length).ids]).toEqual([...(expected?.ids ?? [])]);
        expect(made.steps.at(-1)?.next.flow).toBe(1);
        // A slot's name says which token it was, whatever came and went around it.
        let canvas = start;
        for (const step of made.steps) {
          const before = new Set(Array.from(canvas.ids, (_, place) => slotAt(canvas, place)));
          canvas = applyStep(canvas, step, MASK);
          const after = new Set(Array.from(canvas.ids, (_, place) => slotAt(canvas, place)));
          expect(insertedIn(step).some((slot) => before.has(slot))).toBe(false);
          expect([...before].filter((slot) => !after.has(slot)).toSorted()).toEqual(removedIn(step).toSorted());
          for (const slot of writtenSlotsIn(step)) expect(after.has(slot)).toBe(!removedIn(step).includes(slot));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('goes on from any moment as if it had never stopped, also from a file', async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, fc.nat(), async (one, cut) => {
        const [start, settings] = [startOf(one), settingsOf(one)];
        const whole = await run(editNetwork(one.salt), start, settings);
        const at = whole.steps.length === 0 ? 0 : cut % whole.steps.length;
        const trace: Trace = {
          ...whole,
          version: 3,
          settings,
          model: { id: 'edits', parameters: 1 },
          backend: { name: 'cpu', device: 'table' },
          pieces: {},
        };
        const read = decodeTrace(encodeTrace(trace));
        expect(JSON.parse(encodeTrace(read))).toEqual(JSON.parse(encodeTrace(trace)));
        expect(canvasAt(read, at)).toEqual(canvasAt(whole, at));
        expect(slotsOf(read)).toBe(slotsOf(trace));
        expect(stepStatistics(read).map(({ written }) => written)).toEqual(
          whole.steps.map((step) => writtenSlotsIn(step).length),
        );
        const branched = withBranch(treeOf(trace), { ...trace, steps: trace.steps.slice(0, at) }, 0);
        expect(decodeTree(encodeTree(branched)).branches[1]?.trace.steps).toHaveLength(at);
        if (at === 0) return;
        const cursor = whole.steps[at - 1]?.next;
        const rest = await run(editNetwork(one.salt), canvasAt(read, at), settings, {
          cursor,
          writtenLogProbs: writtenLogProbs(read, at),
        });
        expect(rest.steps).toEqual(whole.steps.slice(at));
      }),
      { numRuns: 40 },
    );
  });

  test('leaves what is given and what the reader has kept, and grows no further than the network reads', async () => {
    const start = ownText([0, 1, 2, 3, 4]);
    start.states[2] = Slot.Pinned;
    const network = editNetwork(3, 40);
    const made = await run(
      { ...network, info: { ...network.info, maxLength: 12 } },
      start,
      settingsWith({ mode: 'edit', steps: 12 }),
    );
    const end = canvasAt(made, made.steps.length);
    const at = end.order?.slots.indexOf(2) ?? 2;
    expect([end.ids[0], end.ids[at], end.states[at]]).toEqual([0, 2, Slot.Pinned]);
    expect(end.ids.length).toBeLessThanOrEqual(12);
    expect(made.steps.flatMap(insertedIn).length).toBeGreaterThan(2);
    expect(made.steps.flatMap(removedIn).length).toBeGreaterThan(0);
    // The mask is never written.
    expect([...end.ids]).not.toContain(MASK);
  });

  test('a repair ends when nothing is left to do', async () => {
    const made = await run(editNetwork(3, 0.4), ownText([0, 1, 2]), settingsWith({ mode: 'edit', steps: 9 }));
    expect(made.steps.map(({ ops, next }) => [ops.length, next.flow])).toEqual([[0, 1]]);
  });

  test('is refused by a network that has not learnt it', async () => {
    const settings = settingsWith({ mode: 'edit' });
    await expect(generate(hashNetwork(1), ownText([0, 1]), settings).next()).rejects.toMatchObject({
      code: 'settings',
    });
  });
});
