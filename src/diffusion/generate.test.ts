import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Canvas, continueCanvas, copyCanvas, fillCanvas, openSlots, Slot } from './canvas.ts';
import { generate } from './generate.ts';
import { maskedIn, writtenIdsIn, writtenSlotsIn } from './ops.ts';
import { applyStep, canvasAt, writtenLogProbs } from './replay.ts';
import { defaultSettings, SAMPLERS, type Settings } from './settings.ts';
import { anyCase, hashNetwork, MASK } from './testing/arbitrary.ts';
import { tableNetwork } from './testing/table-network.ts';
import type { Cursor, Step } from './trace.ts';

const settingsWith = (changes: Partial<Settings>): Settings => ({ ...defaultSettings(), temperature: 0, ...changes });

async function all(steps: AsyncIterable<Step>): Promise<Step[]> {
  const list: Step[] = [];
  for await (const step of steps) list.push({ ...step, milliseconds: 0 });
  return list;
}

const canvasAfter = (start: Canvas, steps: readonly Step[]): Canvas =>
  canvasAt({ start, steps, edits: [], maskId: MASK }, steps.length);

describe('a run worked out by hand', () => {
  // Slots 1–4 are masked; token = slot, with the logit margin that decides the order: 3 is surest, then 1, 4, 2.
  const margin = [0, 3, 1, 4, 2];
  const net = () =>
    tableNetwork(6, 5, (_ids, slot) => Array.from({ length: 6 }, (_, id) => (id === slot ? (margin[slot] ?? 0) : 0)));

  test('writes the surest slots first, two a step', async () => {
    const steps = await all(generate(net(), continueCanvas([0], 4, 5), settingsWith({ length: 4, steps: 2 })));
    expect(steps.map(writtenSlotsIn)).toEqual([
      [3, 1],
      [4, 2],
    ]);
    expect(steps.map(writtenIdsIn)).toEqual([
      [3, 1],
      [4, 2],
    ]);
    expect(steps.map((step) => step.next)).toEqual([
      { step: 1, block: 0, grid: 1 },
      { step: 2, block: 0, grid: 2 },
    ]);
  });

  test('finishes a block before it starts the next, and asks for nothing outside it', async () => {
    const network = net();
    const steps = await all(
      generate(network, continueCanvas([0], 4, 5), settingsWith({ length: 4, steps: 4, block: 2 })),
    );
    expect(steps.map((step) => [step.next.block, writtenSlotsIn(step)])).toEqual([
      [0, [1]],
      [0, [2]],
      [1, [3]],
      [1, [4]],
    ]);
    expect(network.requests.map((request) => Array.from(request.asked))).toEqual([[1, 2], [2], [3, 4], [4]]);
  });

  test('shares an uneven step budget by rounding up, so blocks get ceil(steps / blocks)', async () => {
    const run = settingsWith({ length: 5, steps: 5, block: 3 });
    const steps = await all(generate(net(), continueCanvas([0], 5, 5), run));
    expect(steps.map((step) => step.next.block)).toEqual([0, 0, 0, 1, 1]);
  });

  test('makes no pass for grid points that reveal nothing', async () => {
    const steps = await all(generate(net(), continueCanvas([0], 4, 5), settingsWith({ length: 4, steps: 1000 })));
    expect(steps.map((step) => writtenSlotsIn(step).length)).toEqual([1, 1, 1, 1]);
    expect(steps.at(-1)?.next.grid).toBeGreaterThan(800);
  });

  test('writes equally sure slots from left to right', async () => {
    const even = tableNetwork(6, 5, () => [1, 0, 0, 0, 0, 0]);
    const steps = await all(generate(even, fillCanvas([5, 1, 5, 5], 5), settingsWith({ mode: 'fill', steps: 1 })));
    expect(writtenSlotsIn(steps[0]!)).toEqual([0, 2, 3]);
  });

  test('judges confidence without temperature', async () => {
    // Whatever the temperature draws, the recorded probability is that of the plain softmax.
    const steps = await all(
      generate(net(), continueCanvas([0], 4, 5), settingsWith({ length: 4, steps: 1, temperature: 2 })),
    );
    const { prediction } = steps[0]!;
    prediction.ids.forEach((id, row) => {
      const slot = prediction.slots[row]!;
      const logits = Array.from({ length: 5 }, (_, v) => (v === slot ? margin[slot]! : 0));
      const sum = logits.reduce((total, l) => total + Math.exp(l), 0);
      expect(Math.exp(prediction.logProbs[row]!)).toBeCloseTo(Math.exp(logits[id]!) / sum, 5);
    });
  });

  test('in "fill in" tiles the whole canvas and passes over blocks without masks', async () => {
    const canvas = fillCanvas([0, 0, 5, 0, 0, 0, 5, 5], 5);
    const steps = await all(generate(net(), canvas, settingsWith({ mode: 'fill', steps: 8, block: 2 })));
    expect(steps.map((step) => [step.next.block, writtenSlotsIn(step)])).toEqual([
      [1, [2]],
      [3, [6]],
      [3, [7]],
    ]);
  });

  test('counts and writes masks typed into the prompt', async () => {
    const steps = await all(generate(net(), continueCanvas([0, 5, 0], 2, 5), settingsWith({ length: 2, steps: 3 })));
    expect(steps.map(writtenSlotsIn)).toEqual([[3], [1], [4]]);
  });

  test('guidance asks with the prompt masked and what was written kept: (2, 0) against (1, 0) at scale 1 is (3, 0)', async () => {
    // The prompt token raises the logit of id 0 from 1 to 2.
    const guided = tableNetwork(4, 3, (ids) => [ids[0] === 3 ? 1 : 2, 0, -100, -100]);
    const steps = await all(
      generate(guided, continueCanvas([1], 2, 3), settingsWith({ length: 2, steps: 2, guidance: 1 })),
    );
    expect(Array.from(guided.requests[1]!.guidance!.unconditional)).toEqual([3, 0, 3]);
    expect(steps[0]?.prediction.logProbs[0]).toBeCloseTo(3 - Math.log(Math.exp(3) + 1), 6);
    expect(steps[0]?.forwards).toBe(2);
  });

  test('keeps top-k and log-sum-exp enough to re-temper, and asks for more when truncating', async () => {
    const asked = async (changes: Partial<Settings>) => {
      const big = tableNetwork(100, 99, () => Array.from({ length: 100 }, (_, id) => -id / 10));
      await all(generate(big, continueCanvas([1], 1, 99), settingsWith({ length: 1, ...changes })));
      return big.requests[0]!;
    };
    expect((await asked({})).topK).toBe(32);
    expect(await asked({ topK: 5, temperature: 1 })).toMatchObject({ topK: 64, suppress: [99] });
  });
});

describe('every run', () => {
  test('ends without masks, never draws [MASK], and changes neither its input nor given and pinned slots', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, fc.nat(), async ({ canvas, settings, network }, pin) => {
        const start = copyCanvas(canvas);
        const slot = pin % start.ids.length;
        start.ids[slot] = 2;
        start.states[slot] = Slot.Pinned;
        const before = copyCanvas(start);
        const run = { ...settings, exact: false };
        const end = canvasAfter(start, await all(generate(network, start, run)));

        expect(start).toEqual(before);
        expect(openSlots(end)).toEqual([]);
        expect(end.ids).not.toContain(MASK);
        start.states.forEach((state, i) => {
          if (state === Slot.Given || state === Slot.Pinned) expect(end.ids[i]).toBe(start.ids[i]);
        });
        expect(end.states[slot]).toBe(Slot.Pinned);
      }),
      { numRuns: 500 },
    );
  });

  test('is the same when made again', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ canvas, settings, network }) => {
        expect(await all(generate(network, canvas, settings))).toEqual(await all(generate(network, canvas, settings)));
      }),
    );
  });

  test('stopped at any step and resumed, makes the very steps of the unbroken run', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, fc.nat(), async ({ canvas, settings, network }, random) => {
        const whole = await all(generate(network, canvas, settings));
        const cut = random % (whole.length + 1);
        const cursor: Cursor = whole[cut - 1]?.next ?? { step: 0, block: 0, grid: 0 };
        const made = { start: canvas, steps: whole.slice(0, cut), edits: [], maskId: MASK };
        const options = { cursor, writtenLogProbs: writtenLogProbs(made, cut) };
        const rest = await all(generate(network, canvasAt(made, cut), settings, options));
        expect(rest).toEqual(whole.slice(cut));
      }),
      { numRuns: 500 },
    );
  });

  test.each(SAMPLERS)('under %s, guidance is that of the guided logits', async (sampler) => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ canvas, settings: drawn, network }) => {
        const settings = { ...drawn, sampler, guidance: 1.5, exact: false };
        const guided = tableNetwork(network.info.vocabSize, MASK, (ids, slot) => {
          const promptless = ids.map((id, at) => (canvas.states[at] === Slot.Given ? MASK : id));
          const unconditional = network.logits(promptless, slot);
          return Array.from(network.logits(ids, slot), (c, id) => unconditional[id]! + 2.5 * (c - unconditional[id]!));
        });
        const words = (steps: Step[]) => steps.map(({ ops }) => ops);
        expect(words(await all(generate(network, canvas, settings)))).toEqual(
          words(await all(generate(guided, canvas, { ...settings, guidance: 0 }))),
        );
      }),
      { numRuns: 12 },
    );
  });

  test('writes no slot but open ones and its own, and lists none twice', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ canvas, settings, network }) => {
        let before = canvas;
        for await (const step of generate(network, canvas, settings)) {
          const touched = [...writtenSlotsIn(step), ...maskedIn(step)];
          expect(new Set(touched).size).toBe(touched.length);
          for (const slot of writtenSlotsIn(step)) expect([1, 2, 3]).toContain(before.states[slot]);
          for (const slot of maskedIn(step)) expect(before.states[slot]).toBe(Slot.Revealed);
          before = applyStep(before, step, MASK);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('still ends without masks after slots were masked again, at any step', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, fc.nat(), fc.nat(), async ({ canvas, settings: drawn, network }, random, which) => {
        const settings = { ...drawn, exact: false };
        const whole = await all(generate(network, canvas, settings));
        const cut = random % (whole.length + 1);
        const edited = canvasAfter(canvas, whole.slice(0, cut));
        edited.states.forEach((state, slot) => {
          if (state !== Slot.Revealed || (which >> (slot % 31)) % 2 === 0) return;
          edited.ids[slot] = MASK;
          edited.states[slot] = Slot.Remasked;
        });
        const cursor: Cursor = whole[cut - 1]?.next ?? { step: 0, block: 0, grid: 0 };
        const rest = await all(generate(network, edited, settings, { cursor }));
        expect(openSlots(canvasAfter(edited, rest))).toEqual([]);
        expect(rest[0]?.index ?? cut).toBe(cut);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a finished run whose slots are masked again', () => {
  test('goes on at the mean pace of the block', async () => {
    const settings = settingsWith({ length: 8, steps: 4 });
    const start = continueCanvas([1], 8, MASK);
    const net = hashNetwork(1);
    const whole = await all(generate(net, start, settings));
    const edited = canvasAfter(start, whole);
    for (const slot of [2, 3, 7]) {
      edited.ids[slot] = MASK;
      edited.states[slot] = Slot.Remasked;
    }
    const rest = await all(generate(net, edited, settings, { cursor: whole.at(-1)!.next }));
    expect(rest.map((step) => writtenSlotsIn(step).length)).toEqual([2, 1]);
    expect(rest.map((step) => step.index)).toEqual([4, 5]);
  });

  test('also when the settings have changed since', async () => {
    const start = continueCanvas([1], 8, MASK);
    const net = hashNetwork(1);
    const whole = await all(generate(net, start, settingsWith({ length: 8, steps: 8, block: 2 })));
    const half = canvasAfter(start, whole.slice(0, 5));
    const cursor = whole[4]!.next;
    const rest = await all(generate(net, half, settingsWith({ length: 8, steps: 2, block: 0 }), { cursor }));
    expect(openSlots(canvasAfter(half, rest))).toEqual([]);
  });
});

describe('aborting', () => {
  test('finishes the step in flight and makes no further pass', async () => {
    const abort = new AbortController();
    const net = hashNetwork(3);
    const steps: Step[] = [];
    const settings = settingsWith({ length: 6, steps: 6 });
    for await (const step of generate(net, continueCanvas([1], 6, MASK), settings, { signal: abort.signal })) {
      steps.push(step);
      if (steps.length === 2) abort.abort();
    }
    expect(steps.map((step) => step.index)).toEqual([0, 1]);
    expect(net.requests).toHaveLength(2);
  });

  test('before the start makes no pass at all', async () => {
    const net = hashNetwork(3);
    const signal = AbortSignal.abort();
    expect(await all(generate(net, continueCanvas([1], 6, MASK), settingsWith({}), { signal }))).toEqual([]);
    expect(net.requests).toEqual([]);
  });
});

test('a step is timed with the given clock', async () => {
  let time = 0;
  const clock = () => (time += 5);
  const first = await generate(hashNetwork(1), continueCanvas([1], 2, MASK), settingsWith({}), { now: clock }).next();
  expect(first.value).toMatchObject({ milliseconds: 10 });
});
