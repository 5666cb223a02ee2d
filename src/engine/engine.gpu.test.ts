/** What the engine promises as a `Network`, on the small models of src/engine/golden. */

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Golden, openGolden } from '../checkpoint/testing/golden.ts';
import { UnmaskError } from '../diffusion/error.ts';
import type { Prediction } from '../diffusion/network.ts';
import type { LayerSpec } from '../model/arch.ts';
import { Engine } from './engine.ts';
import { reference as decodeReference } from './kernels/decode.ts';
import { readTensors, logits as referenceLogits, type Tensors } from './reference.ts';
import { type Ask, ask } from './testing/ask.ts';
import { testDevice } from './testing/gpu.ts';
import { worstError } from './testing/numbers.ts';
import { randomModel } from './testing/random-model.ts';

const device = await testDevice();

/** Every bias, untied decoder, BF16, windows. */
let golden: Golden;
let tensors: Tensors;
let engine: Engine;

beforeAll(async () => {
  golden = await openGolden('biases');
  tensors = await readTensors(golden.weights);
  engine = await Engine.create(device, golden);
});
afterAll(() => engine.destroy());

const WARM = { seed: 11, step: 2, temperature: 0.9 };

function request(changes: Partial<Ask> = {}): Ask {
  return { ids: golden.ids, asked: Int32Array.of(0, 7, 8, 30), draw: WARM, topK: 4, ...changes };
}

/** A canvas of this many tokens that no other test asks. */
let canvases = 0;
function canvas(tokens: number): Int32Array {
  const first = ++canvases;
  return Int32Array.from({ length: tokens }, (_, i) => (first * 7 + i * i) % golden.arch.vocab);
}

function expectAnswers(got: Prediction, logits: Float32Array, asked: Ask, tolerance = 1e-4): void {
  const { vocab: vocabSize } = golden.arch;
  const want = [...asked.asked].map((slot) =>
    decodeReference(
      logits.subarray(slot * vocabSize, (slot + 1) * vocabSize),
      slot,
      asked.draw,
      asked.topK,
      asked.suppress ?? [],
    ),
  );
  expect([...got.ids]).toEqual(want.map(({ id }) => id));
  expect([...got.topIds]).toEqual(want.flatMap(({ topIds }) => topIds));
  const numbers = (key: 'logProb' | 'entropy' | 'logSumExp') => want.map((answer) => answer[key]);
  expect(worstError(got.logProbs, numbers('logProb'))).toBeLessThan(tolerance);
  expect(worstError(got.entropy, numbers('entropy'))).toBeLessThan(tolerance);
  expect(worstError(got.logSumExp, numbers('logSumExp'))).toBeLessThan(tolerance);
  const top = want.flatMap(({ topLogProbs }) => topLogProbs);
  expect(worstError(got.topLogProbs, top)).toBeLessThan(tolerance);
}

describe('predict', () => {
  test('answers as the reference in TypeScript does', async () => {
    const asked = request({ suppress: [5, 6] });
    const answer = await ask(engine, asked);
    expectAnswers(answer, referenceLogits(golden.arch, tensors, golden.ids), asked);
    expect([...answer.slots]).toEqual([...asked.asked]);
    expect(answer.topK).toBe(4);
  });

  test.each([1, 2, 16, 17, 64, 65, 130])('a canvas of %i tokens', async (tokens) => {
    const ids = canvas(tokens);
    const slots = Int32Array.from(new Set([0, tokens >> 1, tokens - 1]));
    const asked = request({ ids, asked: slots });
    expectAnswers(await ask(engine, asked), referenceLogits(golden.arch, tensors, ids), asked);
  });

  test('more slots than one batch of the decoder', async () => {
    const ids = canvas(150);
    const asked = request({ ids, asked: Int32Array.from(ids.keys()) });
    expectAnswers(await ask(engine, asked), referenceLogits(golden.arch, tensors, ids), asked);
  });

  test('no slots, no work', async () => {
    const before = engine.forwardCount;
    const answer = await ask(engine, request({ ids: canvas(9), asked: new Int32Array(0) }));
    expect([answer.ids.length, answer.topIds.length, answer.forwards]).toEqual([0, 0, 0]);
    expect(engine.forwardCount).toBe(before);
  });

  test('a decoder without alternatives', async () => {
    const answer = await ask(engine, request({ topK: 0 }));
    expect(answer.topIds.length).toBe(0);
    expect([...answer.ids]).toEqual([...(await ask(engine, request())).ids]);
  });

  test('guidance moves logits away from the unconditional canvas', async () => {
    const { vocab: vocabSize } = golden.arch;
    const ids = canvas(20);
    const unconditional = ids.map((id, i) => (i < 10 ? 4 : id));
    const [c, u] = [ids, unconditional].map((each) => referenceLogits(golden.arch, tensors, each));
    const scale = 1.5;
    const guided = (u as Float32Array).map(
      (x, i) => x + (scale + 1) * ((c as Float32Array)[i] as number) - (scale + 1) * x,
    );
    const asked = request({ ids, asked: Int32Array.of(12, 13), guidance: { unconditional, scale } });
    const answer = await ask(engine, asked);
    expect(answer.forwards).toBe(2);
    expect(guided.length).toBe(20 * vocabSize);
    expectAnswers(answer, guided, asked, 3e-4);
    expect((await ask(engine, asked)).forwards).toBe(0);
    expect((await ask(engine, { ...asked, fresh: true })).forwards).toBe(2);
  });
});

describe('the same question', () => {
  test('gets the same bits', async () => {
    const asked = request({ ids: canvas(40) });
    const first = await ask(engine, asked);
    const other = await Engine.create(device, golden);
    const again = await ask(other, asked);
    other.destroy();
    expect(again).toEqual(first);
  });

  test('gets the same bits whatever was asked before', async () => {
    const fresh = await Engine.create(device, golden);
    const asked = request({ ids: canvas(35) });
    const first = await ask(fresh, asked);
    await ask(fresh, request({ ids: canvas(300), asked: Int32Array.of(299) }));
    // Until the first canvas has been forgotten; a second length, since `canvas` repeats itself within one.
    for (let i = 0; i < 130; i++) {
      await ask(fresh, request({ ids: canvas(i < 65 ? 9 : 10), asked: Int32Array.of(8) }));
    }
    const after = await ask(fresh, asked);
    expect(after.forwards).toBe(1);
    expect(after).toEqual(first);
    fresh.destroy();
  });

  test('of other slots, noise, list or suppression needs no forward pass', async () => {
    const ids = canvas(33);
    const first = await ask(engine, request({ ids }));
    expect(first.forwards).toBe(1);
    const variants: Partial<Ask>[] = [
      { asked: Int32Array.of(1, 2) },
      { draw: { seed: 1, step: 9, temperature: 0 } },
      { topK: 9 },
      { suppress: [1] },
      {},
    ];
    for (const variant of variants) expect((await ask(engine, request({ ids, ...variant }))).forwards).toBe(0);
    const one = await ask(engine, request({ ids, asked: Int32Array.of(8) }));
    // One slot and many are summed in other orders (`SLOTS` in shaders/decode.wgsl).
    expect(one.logProbs[0]).toBeCloseTo(first.logProbs[2] as number, 5);
  });

  test('is remembered while the buffers grow', async () => {
    const fresh = await Engine.create(device, golden);
    const asked = request({ ids: canvas(40) });
    const first = await ask(fresh, asked);
    await ask(fresh, request({ ids: canvas(200) }));
    expect(await ask(fresh, asked)).toEqual({ ...first, forwards: 0, rows: 0 });
    fresh.destroy();
  });
});

describe('calls', () => {
  test('at the same time are answered one after the other', async () => {
    const requests = [10, 90, 20, 300].map((tokens) => request({ ids: canvas(tokens), asked: Int32Array.of(0, 5) }));
    const together = await Promise.all(requests.map((each) => ask(engine, each)));
    for (const [i, each] of requests.entries()) {
      expect({ ...(await ask(engine, each)), forwards: 1, rows: each.ids.length }).toEqual(together[i]);
    }
  });

  test('by the hundred leave no buffer and no bind group behind', async () => {
    const small = await Engine.create(device, await openGolden('single'));
    const ids = new Int32Array(6);
    const askAt = (step: number) => {
      ids[3] = step % 50;
      const slots = Int32Array.of(1 + (step % 3), 4);
      return ask(small, { ids, asked: slots, draw: { ...WARM, step }, topK: 2 + (step % 2) });
    };
    await askAt(0);
    const made = [vi.spyOn(device.gpu, 'createBuffer'), vi.spyOn(device.gpu, 'createBindGroup')];
    const bytes = small.bytes;
    for (let step = 1; step <= 500; step++) await askAt(step);
    for (const spy of made) expect(spy).not.toHaveBeenCalled();
    expect(small.bytes).toBe(bytes);
    vi.restoreAllMocks();
    small.destroy();
  });

  test('in flight when it is destroyed are rejected in words', async () => {
    const closing = await Engine.create(device, golden);
    const asked = ask(closing, request({ ids: canvas(40) }));
    closing.destroy();
    await expect(asked).rejects.toMatchObject({ code: 'device' });
  });

  test('are timed kernel by kernel where the card has a clock', async () => {
    if (!device.gpu.features.has('timestamp-query')) return;
    const times = await engine.profile(canvas(20));
    expect(times.find(({ name }) => name === 'attention')?.dispatches).toBe(3);
    for (const { milliseconds } of times) expect(milliseconds).toBeGreaterThanOrEqual(0);
  });
});

describe('refuses', () => {
  // The words are those of src/diffusion/check.ts.
  const cases: [string, Partial<Ask>, UnmaskError['code']][] = [
    ['an empty canvas', { ids: new Int32Array(0), asked: new Int32Array(0) }, 'canvas'],
    ['a canvas longer than the model', { ids: new Int32Array(1025) }, 'canvas'],
    ['an id beyond the vocabulary', { ids: Int32Array.of(1, 99), asked: Int32Array.of(0) }, 'canvas'],
    ['a slot beyond the canvas', { asked: Int32Array.of(33) }, 'canvas'],
    ['unsorted slots', { asked: Int32Array.of(3, 2) }, 'canvas'],
    ['guidance of another length', { guidance: { unconditional: Int32Array.of(1), scale: 1 } }, 'canvas'],
    ['more alternatives than the kernels list', { topK: 65 }, 'settings'],
  ];
  test.each(cases)('%s', async (_, changes, code) => {
    await expect(ask(engine, request(changes))).rejects.toMatchObject({ name: 'UnmaskError', code });
  });

  test('work after it was destroyed', async () => {
    const closed = await Engine.create(device, golden);
    closed.destroy();
    await expect(ask(closed, request())).rejects.toMatchObject({ code: 'device' });
  });
});

describe('create', () => {
  test('reports progress by tensor and stops when asked', async () => {
    const seen: number[] = [];
    const stop = new AbortController();
    const onProgress = (loaded: number, total: number) => {
      seen.push(loaded / total);
      if (loaded > total / 2) stop.abort();
    };
    const created = vi.spyOn(device.gpu, 'createBuffer');
    await expect(Engine.create(device, golden, { onProgress, signal: stop.signal })).rejects.toThrow();
    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBeLessThan(1);
    for (const { value } of created.mock.results) expect((value as GPUBuffer).mapState).toBe('unmapped');
    created.mockRestore();
  });

  test('splits a token table that one binding cannot hold', async () => {
    const model = randomModel({ hidden: 16, heads: 1, intermediate: 8, layers: 1, vocab: 700 });
    // Two tiles of 256 tokens in the first part, one in the second.
    const split = await Engine.create(device, model, { maxPartBytes: 2 * 256 * 32 * 2 });
    const whole = await Engine.create(device, model);
    const ids = Int32Array.of(0, 511, 512, 699, 255, 256);
    const asked = { ids, asked: Int32Array.of(0, 5), draw: WARM, topK: 64 };
    expect(await ask(split, asked)).toEqual(await ask(whole, asked));
    const logits = await split.logits(ids);
    expect(logits).toEqual(await whole.logits(ids));
    const want = referenceLogits(model.arch, await readTensors(model.weights), ids);
    expect(worstError(logits, want)).toBeLessThan(1e-5 * 20);
    whole.destroy();
    split.destroy();
  });

  test('says which buffer is too large for the card', async () => {
    const { arch, weights } = randomModel({ hidden: 16, heads: 1, intermediate: 8, layers: 1, vocab: 50 });
    const huge = { ...arch, maxLength: 2 ** 20 };
    const model = await Engine.create(device, { arch: huge, weights });
    const [gpu, limits] = [device.gpu, device.gpu.limits];
    vi.spyOn(gpu, 'limits', 'get').mockReturnValue({
      ...limits,
      maxBufferSize: 2 ** 20,
      maxStorageBufferBindingSize: 2 ** 20,
    });
    const ids = new Int32Array(100_000);
    const error = await ask(model, { ids, asked: Int32Array.of(0), draw: WARM, topK: 1 }).catch((thrown) => thrown);
    vi.restoreAllMocks();
    expect(error).toBeInstanceOf(UnmaskError);
    expect(error).toMatchObject({
      code: 'device',
      message: expect.stringMatching(/needs [0-9.]+ MiB.*allows 1.0 MiB/),
    });
    model.destroy();
  });

  test('refuses heads that the kernels cannot hold', async () => {
    const [first] = golden.arch.layers as readonly [LayerSpec];
    const layers = [{ ...first, attention: { ...first.attention, headDim: 256 } }];
    const arch = { ...golden.arch, layers };
    await expect(Engine.create(device, { ...golden, arch })).rejects.toMatchObject({ code: 'device' });
  });
});
