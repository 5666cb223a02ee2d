/** Keys and values that stay on the card: text left to right, and passes over the rows of a block, against whole passes. */
import { describe, expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import type { Prediction } from '../diffusion/network.ts';
import { type Asked, ask, scoreText } from '../diffusion/testing/ask.ts';
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

  /** The token after a text. */
  const next = (engine: Engine, text: Int32Array, topK: number, suppress?: number[]) =>
    ask(engine, {
      ids: text,
      asked: Int32Array.of(text.length),
      draw,
      topK,
      ...(suppress && { suppress }),
      cache: { kind: 'exact', prefix: Math.max(0, text.length - 1) },
    });

  test('reads each token once, also while its buffers grow, and says what a whole pass says', async () => {
    const engine = await Engine.create(device, golden);
    const ids = text(70);
    const logits = referenceLogits(golden.arch, tensors, ids);
    let read = 0;
    for (const length of [5, 6, 7, 30, 63, 64, 65, 66, 70]) {
      const answer = await next(engine, ids.subarray(0, length), 5, [3]);
      expectAnswer(answer, 0, row(logits, length - 1), length, [3]);
      expect([answer.forwards, answer.rows]).toEqual([1, length - read]);
      read = length;
    }
    expect(engine.rowCount).toBe(70);

    const other = ids.slice(0, 40);
    other[33] = ((other[33] as number) + 1) % vocabSize;
    const answer = await next(engine, other, 5);
    expectAnswer(answer, 0, row(referenceLogits(golden.arch, tensors, other), 39), 40);
    expect(answer.rows).toBe(7);
    expect((await next(engine, other, 0)).rows).toBe(1);
    engine.destroy();
  });

  test('may be asked of other slots in between', async () => {
    const engine = await Engine.create(device, golden);
    const ids = text(20);
    const logits = referenceLogits(golden.arch, tensors, ids);
    const plain: Asked = { ids: ids.toReversed(), asked: Int32Array.of(4), draw, topK: 2 };
    await ask(engine, plain);
    expect((await next(engine, ids, 2)).rows).toBe(20);
    await ask(engine, { ...plain, fresh: true });
    const answer = await next(engine, ids, 2);
    expectAnswer(answer, 0, row(logits, 19), 20);
    engine.destroy();
  });

  test('has a row for every slot but the first, which is answered by the row of the next', async () => {
    const engine = await Engine.create(device, golden);
    const ids = text(9);
    const logits = referenceLogits(golden.arch, tensors, ids);
    const all = await ask(engine, { ids, asked: Int32Array.from({ length: 10 }, (_, slot) => slot), draw, topK: 3 });
    for (let slot = 0; slot <= 9; slot++) expectAnswer(all, slot, row(logits, Math.max(0, slot - 1)), slot);
    expect([all.forwards, all.rows]).toEqual([2, 10]);
    // Nothing after the slot is read.
    expect((await ask(engine, { ids, asked: Int32Array.of(4), draw, topK: 3, fresh: true })).rows).toBe(4);
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
    const asked = Int32Array.from({ length: 66 }, (_, i) => i + 1);
    const [scores] = await engine.score([{ ids, asked, cache: { kind: 'exact', prefix: 0 } }], [ids.slice(1)]);
    expect(worstError(scores as Float32Array, want)).toBeLessThan(TOLERANCE);
    expect(engine.rowCount).toBe(66);
    // What was scored has been read.
    expect((await next(engine, ids, 1)).rows).toBe(1);
    expect(await scoreText(engine, Int32Array.of(1))).toHaveLength(0);
    await expect(scoreText(engine, Int32Array.of(1, vocabSize))).rejects.toMatchObject({ code: 'canvas' });
    await expect(next(engine, new Int32Array(0), 1)).rejects.toMatchObject({ code: 'canvas' });
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
  const request: Asked = { ids, asked: slots, draw, topK: 4, cache: { kind: 'anchored', anchor, from, to } };
  const expectAll = (got: Prediction, canvas: Int32Array, cache: Asked['cache']) => {
    const logits = referenceLogits(golden.arch, tensors, canvas, cache?.kind === 'anchored' ? cache : undefined);
    slots.forEach((slot, i) => {
      expectAnswer(got, i, logits.subarray(slot * vocabSize, (slot + 1) * vocabSize), slot);
    });
  };

  test('see the keys and values of the anchor outside it', async () => {
    const engine = await Engine.create(device, golden);
    const start = await ask(engine, { ...request, ids: anchor });
    expectAll(start, anchor, undefined);
    expect([start.forwards, start.rows]).toEqual([1, ids.length]);
    const answer = await ask(engine, request);
    expectAll(answer, ids, request.cache);
    expect([answer.forwards, answer.rows]).toEqual([1, to - from]);
    // Other rows of the block change nothing that is kept.
    const next = ids.with(13, 9);
    expectAll(await ask(engine, { ...request, ids: next }), next, request.cache);
    expect((await ask(engine, request)).forwards).toBe(0);
    expect((await ask(engine, { ...request, fresh: true })).rows).toBe(to - from);

    // It is an approximation.
    const exact = await ask(engine, { ids, asked: slots, draw, topK: 4 });
    expect(worstError(exact.logSumExp, answer.logSumExp)).toBeGreaterThan(TOLERANCE);
    engine.destroy();
  });

  test('are the same on an engine that has not seen the anchor, and after others have been asked', async () => {
    const engine = await Engine.create(device, golden);
    const first = await ask(engine, request);
    expect([first.forwards, first.rows]).toEqual([2, ids.length + to - from]);
    expectAll(first, ids, request.cache);
    await ask(engine, { ids: ids.toReversed(), asked: slots, draw, topK: 4 });
    const again = await ask(engine, { ...request, fresh: true });
    expect(again.forwards).toBe(2);
    expect({ ...again, forwards: 0, rows: 0 }).toEqual({ ...first, forwards: 0, rows: 0 });
    // Rows that another block of the same anchor has overwritten are run again.
    const prefix = { kind: 'anchored', anchor, from: 18, to: ids.length } as const;
    const asked = { ...request, asked: Int32Array.of(20) };
    await ask(engine, { ...asked, cache: prefix });
    expect((await ask(engine, { ...request, fresh: true })).forwards).toBe(2);
    engine.destroy();
  });

  test('of the canvas itself say exactly what the whole pass says', async () => {
    const [cached, plain] = [await Engine.create(device, golden), await Engine.create(device, golden)];
    const answer = await ask(cached, { ...request, cache: { kind: 'anchored', anchor: ids, from, to } });
    expect(answer).toEqual(await ask(plain, { ids, asked: slots, draw, topK: 4 }));
    cached.destroy();
    plain.destroy();
  });

  test('cannot be had with guidance, or for slots outside them', async () => {
    const engine = await Engine.create(device, golden);
    const guidance = { unconditional: anchor, scale: 1 };
    await expect(ask(engine, { ...request, guidance })).rejects.toMatchObject({ code: 'settings' });
    await expect(ask(engine, { ...request, asked: Int32Array.of(to) })).rejects.toMatchObject({ code: 'canvas' });
    engine.destroy();
  });
});
