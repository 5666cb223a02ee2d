/** Chatting and going on with causal models, through the session, on tiny random models of two families. */

import { afterEach, expect, test } from 'vitest';
import { openModel } from '../checkpoint/open.ts';
import { memorySource } from '../checkpoint/sources.ts';
import { CAUSAL_FAMILIES, type CausalFamily, causalFiles } from '../checkpoint/testing/causal-model.ts';
import { openId, openSlots, Slot } from '../diffusion/canvas.ts';
import { writtenIdsIn, writtenSlotsIn } from '../diffusion/ops.ts';
import { canvasAt } from '../diffusion/replay.ts';
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

test('gaps are refused in words', async () => {
  await load('qwen3');
  await expect(write({ settings: { ...settings, mode: 'fill' } })).rejects.toThrow(
    'never sees what stands after a gap',
  );
});
