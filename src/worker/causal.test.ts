/** Chatting and going on with causal models, through the session, on tiny random models of two families. */

import { afterEach, expect, test } from 'vitest';
import { openModel } from '../checkpoint/open.ts';
import { memorySource } from '../checkpoint/sources.ts';
import { CAUSAL_FAMILIES, type CausalFamily, causalFiles } from '../checkpoint/testing/causal-model.ts';
import { openId, openSlots, Slot } from '../diffusion/canvas.ts';
import { formatLink, parseLink } from '../diffusion/link.ts';
import { editsOf, momentOf } from '../diffusion/link-moment.ts';
import { writtenIdsIn, writtenSlotsIn } from '../diffusion/ops.ts';
import { appending } from '../diffusion/processes/autoregressive.ts';
import { canvasAt } from '../diffusion/replay.ts';
import { segmentsOf } from '../diffusion/segments.ts';
import { defaultSettings, type Settings } from '../diffusion/settings.ts';
import type { Step, Trace } from '../diffusion/trace.ts';
import { decodeTrace } from '../diffusion/trace-decode.ts';
import { encodeTrace } from '../diffusion/trace-encode.ts';
import { createCompute } from './client.ts';
import type { Compute } from './protocol.ts';
import { lineTo, onFallback } from './testing/surroundings.ts';

let page: Compute;
afterEach(() => page.dispose());

async function load(family: CausalFamily) {
  const openOwn = async (url: string, options: Parameters<typeof openModel>[1]) =>
    openModel(memorySource(causalFiles(family), url), options);
  page = createCompute(() => lineTo({ ...onFallback, openModel: openOwn }));
  return page.load({ source: family, model: family, backend: 'fallback' });
}

const settings: Settings = { ...defaultSettings(), mode: 'chat', prompt: 'Who is there?', length: 12, temperature: 0 };

async function write(request: Parameters<Compute['generate']>[0]) {
  let start: Trace['start'] | undefined;
  const steps: Step[] = [];
  for await (const event of page.generate(request)) {
    if (event.kind === 'started') start = event.start;
    else steps.push(event.step);
  }
  if (start === undefined) throw new Error('nothing began');
  return { start, steps };
}

test.each(CAUSAL_FAMILIES)('%s answers in a chat from left to right, one new row a token', async (family) => {
  const model = await load(family);
  expect(model).toMatchObject({ causal: true, chat: true, maskId: undefined });
  const { start, steps } = await write({ settings });
  const open = openSlots(start);
  expect(open).toHaveLength(12);
  // Tokens that end a turn stand in the prompt and are no gaps.
  expect([...start.ids.subarray(0, open[0])]).toContain(3);
  expect([...start.ids.subarray(open[0])].every((id) => id === openId(undefined))).toBe(true);
  expect(steps.flatMap(writtenSlotsIn)).toEqual(open.slice(0, steps.length));
  expect(steps.map(({ prediction }) => prediction.rows)).toEqual([open[0], ...Array(steps.length - 1).fill(1)]);

  const trace: Trace = {
    version: 3,
    settings,
    model: { id: family, parameters: model.parameters },
    backend: { name: 'wasm', device: 'a test' },
    start,
    maskId: undefined,
    steps,
    edits: [],
    pieces: {},
  };
  const read = decodeTrace(encodeTrace(trace));
  expect(read.maskId).toBeUndefined();
  expect(canvasAt(read, 5)).toEqual(canvasAt(trace, 5));

  // Stopped in the middle, changed nowhere, and gone on: the same text.
  const half = canvasAt(trace, 5);
  const rest = await write({ settings, from: { canvas: half, cursor: steps[4]!.next } });
  expect(rest.steps.map(({ index, ops }) => [index, ops])).toEqual(
    steps.slice(5).map(({ index, ops }) => [index, ops]),
  );
});

test.each(CAUSAL_FAMILIES)('%s goes on from a text, and reads a word that was changed by hand', async (family) => {
  await load(family);
  const plain: Settings = { ...settings, mode: 'continue', prompt: 'Once upon a time' };
  const { start, steps } = await write({ settings: plain });
  expect(start.states[0]).toBe(Slot.Given);
  const canvas = canvasAt({ start, steps, edits: [], maskId: undefined }, 3);
  const slot = writtenSlotsIn(steps[1]!)[0]!;
  canvas.ids[slot] = 500;
  canvas.states[slot] = Slot.Pinned;
  const changed = await write({ settings: plain, from: { canvas, cursor: steps[2]!.next } });
  expect(changed.steps[0]?.index).toBe(3);
  expect(writtenSlotsIn(changed.steps[0]!)).toEqual(writtenSlotsIn(steps[3]!));
  expect(changed.steps.map((step) => writtenIdsIn(step)[0])).not.toEqual(
    steps.slice(3).map((step) => writtenIdsIn(step)[0]),
  );
});

test('an answer ends with the token that ends a turn; what is left is said, and going on writes no more', async () => {
  await load('llama');
  // Whatever the model would have said second is what ends a turn here.
  const { start, steps } = await write({ settings });
  const canvas = canvasAt({ start, steps, edits: [], maskId: undefined }, 2);
  canvas.ids[writtenSlotsIn(steps[1]!)[0]!] = 3;
  expect((await write({ settings, from: { canvas, cursor: steps[1]!.next } })).steps).toEqual([]);
  const never = await write({ settings: { ...settings, ends: 'never', temperature: 2, topP: 1, length: 40 } });
  expect(never.steps).toHaveLength(40);
  expect(never.steps.flatMap(writtenIdsIn)).not.toContain(3);
});

test('a link to a run, and to a word changed in it, gives that run again where it is opened', async () => {
  await load('llama');
  const plain = {
    ...settings,
    mode: 'continue',
    prompt: 'Once upon a time',
    temperature: 1.3,
    topP: 1,
    seed: 11,
  } as const;
  const wished = appending(plain);
  const first = await write({ settings: wished });
  const edit = { before: 4, slot: writtenSlotsIn(first.steps[1]!)[0]!, id: 500, state: Slot.Pinned };
  const steps = first.steps.slice(0, 4);
  const line = { start: first.start, steps, edits: [edit], maskId: undefined };
  const rest = await write({ settings: wished, from: { canvas: canvasAt(line, 4), cursor: steps[3]!.next } });
  const trace: Trace = {
    ...line,
    version: 3,
    settings: wished,
    model: { id: 'llama', parameters: 1 },
    backend: { name: 'wasm', device: 'a test' },
    steps: [...steps, ...rest.steps],
    pieces: {},
  };
  const moment = momentOf(trace, trace.steps.length);
  const link = parseLink(`#/generate?${formatLink(wished, { ...(moment && { moment }) })}`);
  expect(link.problems).toEqual([]);
  page.dispose();

  await load('llama');
  const read = { settings: link.settings, edits: editsOf(link.moment!, undefined) };
  const begun = (await write({ settings: read.settings })).start;
  const again: Step[] = [];
  for (const { from, until, settings: own } of segmentsOf(read)) {
    const canvas = canvasAt({ start: begun, steps: again, edits: read.edits, maskId: undefined }, from);
    const cursor = again.at(-1)?.next;
    const part = await write(cursor === undefined ? { settings: own } : { settings: own, from: { canvas, cursor } });
    again.push(...part.steps.slice(0, until - from));
  }
  const told = (all: readonly Step[]) => all.map(({ index, ops }) => [index, ops]);
  expect(told(again)).toEqual(told(trace.steps));
  // Chance and the change both count: without either the text is another one.
  expect(told(again.slice(4))).not.toEqual(told(first.steps.slice(4)));
  expect(told((await write({ settings: { ...read.settings, seed: 12 } })).steps)).not.toEqual(told(first.steps));
});

test('gaps are refused in words', async () => {
  await load('qwen3');
  await expect(write({ settings: { ...settings, mode: 'fill' } })).rejects.toThrow(
    'never sees what stands after a gap',
  );
});
