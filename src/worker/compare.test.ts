import { afterEach, beforeEach, expect, test } from 'vitest';
import { Slot } from '../diffusion/canvas.ts';
import { applyStep } from '../diffusion/replay.ts';
import { defaultSettings, type Settings } from '../diffusion/settings.ts';
import { createCompute } from './client.ts';
import type { CompareRequest, Compute, EventOf, LoadRequest } from './protocol.ts';
import { lineTo, onFallback, openShipped } from './testing/surroundings.ts';

const settings: Settings = { ...defaultSettings(), length: 8, steps: 4, block: 0 };
const main: LoadRequest = { source: 'stories', model: 'stories', backend: 'auto' };
const judge: LoadRequest = { source: 'stories-ar', model: 'stories-ar', backend: 'auto', role: 'judge' };
const both: CompareRequest['runs'] = [
  { writer: 'append', settings },
  { writer: 'set', settings },
];

let compute: Compute;
beforeEach(() => {
  compute = createCompute(() => lineTo({ ...onFallback, openModel: openShipped }));
});
afterEach(() => compute.dispose());

async function all(request: CompareRequest): Promise<EventOf<'compare'>[]> {
  const events: EventOf<'compare'>[] = [];
  for await (const event of compute.run('compare', request)) events.push(event);
  return events;
}

test('both twins write from one prompt, one after the other, and are judged alike', async () => {
  await compute.load(main);
  await compute.load(judge);
  const events = await all({ runs: both, steps: true, judge: true });

  const order = events.map((event) => `${event.kind} ${event.run}`);
  expect(order).toEqual([
    ...['run 0', ...Array(8).fill('runStep 0'), 'written 0'],
    ...['run 1', ...Array(4).fill('runStep 1'), 'written 1'],
  ]);

  for (const run of [0, 1]) {
    const own = events.filter((event) => event.run === run);
    const [first] = own;
    const last = own.at(-1);
    if (first?.kind !== 'run' || last?.kind !== 'written') throw new Error('a run begins and ends');
    const steps = own.flatMap((event) => (event.kind === 'runStep' ? [event.step] : []));
    const canvas = steps.reduce((before, step) => applyStep(before, step, first.maskId), first.start);
    const fresh = [...canvas.ids].filter((_, slot) => first.start.states[slot] !== Slot.Given);

    const { result } = last;
    expect(fresh.slice(0, result.ids.length)).toEqual(result.ids);
    expect(result.logProbs).toHaveLength(result.ids.length);
    expect(result.logProbs.every((logProb) => logProb < 0 && logProb > -20)).toBe(true);
    expect(result).toMatchObject({ steps: steps.length, forwards: steps.length, written: 8 });
    // The clock of the race is the sum of what was measured, and nothing else.
    expect(result.milliseconds).toBe(steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
  }
});

test('nothing is answered from memory: a second race makes every pass again, and writes the same', async () => {
  await compute.load(main);
  await compute.load(judge);
  const once = await all({ runs: both, steps: false, judge: false });
  const again = await all({ runs: both, steps: false, judge: false });
  const facts = (events: EventOf<'compare'>[]) =>
    events.map((event) => (event.kind === 'written' ? [event.result.ids, event.result.forwards] : []));
  expect(facts(again)).toEqual(facts(once));
  expect(facts(again).map(([, forwards]) => forwards)).toEqual([8, 4]);
});

test('texts that advance together are those that are written alone, step by step and pass by pass', async () => {
  await compute.load(main);
  await compute.load(judge);
  const runs = (['confidence', 'random', 'threshold'] as const).map((sampler) => ({
    writer: 'set' as const,
    settings: { ...settings, sampler, temperature: 0.8 },
  }));
  const facts = async (together: boolean) => {
    const made = runs.map((): unknown[] => []);
    for (const event of await all({ runs, steps: true, judge: true, together })) {
      if (event.kind === 'runStep') {
        const { ops, forwards, prediction } = event.step;
        made[event.run]?.push([ops, forwards, [...prediction.logProbs]]);
      } else if (event.kind === 'written') made[event.run]?.push({ ...event.result, milliseconds: 0 });
    }
    return made;
  };
  const alone = await facts(false);
  expect(await facts(true)).toEqual(alone);
  expect(alone.map((each) => each.length > 2)).toEqual([true, true, true]);
});

test('repairs of one text are compared, by the surest edits and by leaps, and the judge reads all of each', async () => {
  await compute.load({ ...main, source: 'stories-edit', model: 'stories-edit' });
  await compute.load(judge);
  const prompt = 'One day, a littel girl went went to the park.';
  const repair: Settings = { ...settings, mode: 'edit', prompt, steps: 8, temperature: 0 };
  const runs = (['surest', 'leap'] as const).map((editWay) => ({
    writer: 'set' as const,
    settings: { ...repair, editWay },
  }));
  const events = await all({ runs, steps: true, judge: true, together: true });
  const [surest, leap] = runs.map((_, run) => events.filter((event) => event.run === run));
  const ops = (own: typeof surest) =>
    own?.flatMap((event) => (event.kind === 'runStep' ? event.step.ops : [])).map((op) => Object.keys(op)[0]);
  expect(new Set(ops(surest))).toEqual(new Set(['set', 'remove']));
  expect(ops(leap)?.length).toBeGreaterThan(0);
  const written = (own: typeof surest) => own?.flatMap((event) => (event.kind === 'written' ? [event.result] : []))[0];
  expect(written(surest)?.text).toBe('One day, a little girl went to the park.');
  for (const own of [surest, leap]) {
    const { ids = [], logProbs = [] } = written(own) ?? {};
    expect(ids.length).toBeGreaterThan(8);
    // The pieces of the two tokenizers are not the same, but each word has one at least.
    expect(logProbs.length).toBeGreaterThanOrEqual(10);
    expect(logProbs.every((logProb) => logProb < 0)).toBe(true);
  }
});

test('the judge gives its own text the probabilities it was drawn with', async () => {
  await compute.load(main);
  await compute.load(judge);
  const events = await all({
    runs: [{ writer: 'append', settings: { ...settings, length: 12 } }],
    steps: true,
    judge: true,
  });
  const drawn = events.flatMap((event) =>
    event.kind === 'runStep' ? [event.step.prediction.logProbs[0] as number] : [],
  );
  const last = events.at(-1);
  if (last?.kind !== 'written') throw new Error('the run ends');
  expect(last.result.logProbs.length).toBeGreaterThan(0);
  for (const [at, logProb] of last.result.logProbs.entries()) expect(logProb).toBeCloseTo(drawn[at] as number, 3);
});

test('the judge takes the main model’s arithmetic, and goes when another main model comes', async () => {
  const { device } = await compute.load({ ...main, backend: 'fallback' });
  expect((await compute.load({ ...judge, backend: 'webgpu' })).device.backend).toBe(device.backend);
  await compute.load(main);
  await expect(all({ runs: both, steps: false, judge: false })).rejects.toMatchObject({ code: 'checkpoint' });
});

test('a masked model cannot append, and a text that is too long is refused in words', async () => {
  await compute.load(main);
  await compute.load({ ...judge, source: 'stories', model: 'stories' });
  await expect(all({ runs: both, steps: false, judge: false })).rejects.toMatchObject({ code: 'checkpoint' });
  await compute.load(judge);
  const long = { ...settings, length: 1024 };
  await expect(all({ runs: [{ writer: 'append', settings: long }], steps: false, judge: false })).rejects.toMatchObject(
    {
      code: 'canvas',
    },
  );
});
