/** Keys and values that stay on the card: text left to right, and passes over the rows of a block, against whole passes. */
import { describe, expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import type { Prediction, PredictRequest } from '../diffusion/denoiser.ts';
import { Engine } from './engine.ts';
import { twin as decodeTwin } from './kernels/decode.ts';
import { readTensors, logits as referenceLogits } from './reference.ts';
import { testDevice } from './testing/gpu.ts';
import { worstError } from './testing/numbers.ts';

const device = await testDevice();
/** Of logits that span about 20: 1e-5 of their range. */
const TOLERANCE = 2e-4;
const draw = { seed: 11, step: 2, temperature: 0.9 };

/** What a slot should be answered from these logits. */
function expectAnswer(got: Prediction, i: number, logits: Float32Array, slot: number, suppress: number[] = []): void {
  const want = decodeTwin(logits, slot, draw, got.topK, suppress);
  expect(got.slots[i]).toBe(slot);
  expect(got.ids[i]).toBe(want.id);
  expect([...got.topIds.subarray(i * got.topK, (i + 1) * got.topK)]).toEqual(want.topIds);
  const numbers = [got.logProbs[i], got.entropy[i], got.logSumExp[i]] as number[];
  expect(worstError(numbers, [want.logProb, want.entropy, want.logSumExp])).toBeLessThan(TOLERANCE);
}

describe('a causal model', async () => {
  const golden = await openGolden('decoder');
  const { vocab: vocabSize } = golden.arch;
  const tensors = await readTensors(golden.weights);
  const text = (length: number) => Int32Array.from({ length }, (_, i) => golden.ids[i % golden.ids.length] as number);
  const row = (logits: Float32Array, at: number) => logits.subarray(at * vocabSize, (at + 1) * vocabSize);

  test('reads each token once, also while its buffers grow, and says what a whole pass says', async () => {
    const engine = await Engine.create(device, golden);
    const ids = text(70);
    const logits = referenceLogits(golden.arch, tensors, ids);
    let read = 0;
    for (const length of [5, 6, 7, 30, 63, 64, 65, 66, 70]) {
      const answer = await engine.next({ ids: ids.subarray(0, length), draw, topK: 5, suppress: [3] });
      expectAnswer(answer, 0, row(logits, length - 1), length, [3]);
      expect([answer.forwards, answer.rows]).toEqual([1, length - read]);
      read = length;
    }
    expect(engine.rowCount).toBe(70);

    const other = ids.slice(0, 40);
    other[33] = ((other[33] as number) + 1) % vocabSize;
    const answer = await engine.next({ ids: other, draw, topK: 5 });
    expectAnswer(answer, 0, row(referenceLogits(golden.arch, tensors, other), 39), 40);
    expect(answer.rows).toBe(7);
    expect((await engine.next({ ids: other, draw, topK: 0 })).rows).toBe(1);
    engine.destroy();
  });

  test('may be asked as a denoiser in between', async () => {
    const engine = await Engine.create(device, golden);
    const ids = text(20);
    const logits = referenceLogits(golden.arch, tensors, ids);
    const plain: PredictRequest = { ids: ids.toReversed(), slots: Int32Array.of(3), draw, topK: 2 };
    await engine.predict(plain);
    expect((await engine.next({ ids, draw, topK: 2 })).rows).toBe(20);
    await engine.predict({ ...plain, fresh: true });
    const answer = await engine.next({ ids, draw, topK: 2 });
    expectAnswer(answer, 0, row(logits, 19), 20);
    engine.destroy();
  });

  test('scores are the log-probabilities of the given next tokens, in one pass', async () => {
    const engine = await Engine.create(device, golden, { maxPartBytes: 1 });
    const ids = text(67);
    const logits = referenceLogits(golden.arch, tensors, ids);
    const want = Array.from({ length: 66 }, (_, t) => {
      const values = row(logits, t);
      return (values[ids[t + 1] as number] as number) - decodeTwin(values, t, draw, 0).logSumExp;
    });
    expect(worstError(await engine.score(ids), want)).toBeLessThan(TOLERANCE);
    expect(engine.rowCount).toBe(66);
    // What was scored has been read.
    expect((await engine.next({ ids, draw, topK: 1 })).rows).toBe(1);
    expect(await engine.score(Int32Array.of(1))).toHaveLength(0);
    await expect(engine.score(Int32Array.of(1, vocabSize))).rejects.toMatchObject({ code: 'canvas' });
    await expect(engine.next({ ids: new Int32Array(0), draw, topK: 1 })).rejects.toMatchObject({ code: 'canvas' });
    engine.destroy();
  });
});

describe('rows of a block', async () => {
  const golden = await openGolden('biases');
  const { vocab: vocabSize } = golden.arch;
  const tensors = await readTensors(golden.weights);
  const ids = golden.ids;
  const from = 12;
  const to = 21;
  const anchor = ids.map((id, slot) => (slot >= from && slot < to ? 4 : id));
  const slots = Int32Array.of(12, 15, 20);
  const request: PredictRequest = { ids, slots, draw, topK: 4, reuse: { anchor, from, to } };
  const expectAll = (got: Prediction, canvas: Int32Array, reuse: PredictRequest['reuse']) => {
    const logits = referenceLogits(golden.arch, tensors, canvas, reuse);
    slots.forEach((slot, i) => {
      expectAnswer(got, i, logits.subarray(slot * vocabSize, (slot + 1) * vocabSize), slot);
    });
  };

  test('see the keys and values of the anchor outside it', async () => {
    const engine = await Engine.create(device, golden);
    const start = await engine.predict({ ...request, ids: anchor });
    expectAll(start, anchor, undefined);
    expect([start.forwards, start.rows]).toEqual([1, ids.length]);
    const answer = await engine.predict(request);
    expectAll(answer, ids, request.reuse);
    expect([answer.forwards, answer.rows]).toEqual([1, to - from]);
    // Other rows of the block change nothing that is kept.
    const next = ids.with(13, 9);
    expectAll(await engine.predict({ ...request, ids: next }), next, request.reuse);
    expect((await engine.predict(request)).forwards).toBe(0);
    expect((await engine.predict({ ...request, fresh: true })).rows).toBe(to - from);

    // It is an approximation.
    const exact = await engine.predict({ ids, slots, draw, topK: 4 });
    expect(worstError(exact.logSumExp, answer.logSumExp)).toBeGreaterThan(TOLERANCE);
    engine.destroy();
  });

  test('are the same on an engine that has not seen the anchor, and after others have been asked', async () => {
    const engine = await Engine.create(device, golden);
    const first = await engine.predict(request);
    expect([first.forwards, first.rows]).toEqual([2, ids.length + to - from]);
    expectAll(first, ids, request.reuse);
    await engine.predict({ ids: ids.toReversed(), slots, draw, topK: 4 });
    const again = await engine.predict({ ...request, fresh: true });
    expect(again.forwards).toBe(2);
    expect({ ...again, forwards: 0, rows: 0 }).toEqual({ ...first, forwards: 0, rows: 0 });
    // Rows that another block of the same anchor has overwritten are run again.
    const prefix = { anchor, from: 18, to: ids.length };
    const asked = { ...request, slots: Int32Array.of(20) };
    await engine.predict({ ...asked, reuse: prefix });
    expect((await engine.predict({ ...request, fresh: true })).forwards).toBe(2);
    engine.destroy();
  });

  test('of the canvas itself say exactly what the whole pass says', async () => {
    const [cached, plain] = [await Engine.create(device, golden), await Engine.create(device, golden)];
    const answer = await cached.predict({ ...request, reuse: { anchor: ids, from, to } });
    expect(answer).toEqual(await plain.predict({ ids, slots, draw, topK: 4 }));
    cached.destroy();
    plain.destroy();
  });

  test('cannot be had with guidance, or for slots outside them', async () => {
    const engine = await Engine.create(device, golden);
    const guidance = { unconditional: anchor, scale: 1 };
    await expect(engine.predict({ ...request, guidance })).rejects.toMatchObject({ code: 'settings' });
    await expect(engine.predict({ ...request, slots: Int32Array.of(to) })).rejects.toMatchObject({ code: 'canvas' });
    engine.destroy();
  });
});
