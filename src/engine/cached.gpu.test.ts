/** Keys and values that stay on the card: text left to right, and passes over the rows of a block, against whole passes. */
import { describe, expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { boundary, type CacheUse, type Prediction } from '../diffusion/network.ts';
import type { Sees } from '../model/arch.ts';
import { Engine } from './engine.ts';
import { reference as decodeReference } from './kernels/decode.ts';
import { readTensors, logits as referenceLogits } from './reference.ts';
import { type Ask, ask } from './testing/ask.ts';
import { testDevice } from './testing/gpu.ts';
import { worstError } from './testing/numbers.ts';

const device = await testDevice();
/** Of logits that span about 20: 1e-5 of their range. */
const TOLERANCE = 2e-4;
const draw = { seed: 11, step: 2, temperature: 0.9 };

/** What a slot should be answered from these logits. */
function expectAnswer(got: Prediction, i: number, logits: Float32Array, slot: number, suppress: number[] = []): void {
  const want = decodeReference(logits, slot, draw, got.topK, suppress);
  expect(got.slots[i]).toBe(slot);
  expect(got.ids[i]).toBe(want.id);
  expect([...got.topIds.subarray(i * got.topK, (i + 1) * got.topK)]).toEqual(want.topIds);
  const numbers = [got.logProbs[i], got.entropy[i], got.logSumExp[i]] as number[];
  expect(worstError(numbers, [want.logProb, want.entropy, want.logSumExp])).toBeLessThan(TOLERANCE);
}

/** The same but for what it took. */
const answerOf = (prediction: Prediction) => ({ ...prediction, forwards: 0, rows: 0 });

const exact = (prefix: number): CacheUse => ({ kind: 'exact', prefix });

describe('a causal network', async () => {
  const golden = await openGolden('decoder');
  const { vocab, logitShift } = golden.arch;
  const tensors = await readTensors(golden.weights);
  const text = (length: number) => Int32Array.from({ length }, (_, i) => golden.ids[i % golden.ids.length] as number);
  const row = (logits: Float32Array, at: number) => logits.subarray(at * vocab, (at + 1) * vocab);
  /** The slot that the last row answers. */
  const next = (ids: Int32Array, topK = 5): Ask => ({
    ids,
    asked: Int32Array.of(ids.length - 1 + logitShift),
    draw,
    topK,
    cache: exact(ids.length),
  });

  test('reads each token once, also while its buffers grow, and says what a whole pass says', async () => {
    const [engine, plain] = [await Engine.create(device, golden), await Engine.create(device, golden)];
    const ids = text(70);
    const logits = referenceLogits(golden.arch, tensors, ids);
    let read = 0;
    for (const length of [5, 6, 7, 30, 63, 64, 65, 66, 70]) {
      const asked = { ...next(ids.slice(0, length)), suppress: [3] };
      const answer = await ask(engine, asked);
      expectAnswer(answer, 0, row(logits, length - 1), length - 1 + logitShift, [3]);
      expect([answer.forwards, answer.rows]).toEqual([1, length - read]);
      // To the bit what a network says that has read nothing before.
      const whole = await ask(plain, { ...asked, cache: exact(0), fresh: true });
      expect(answerOf(answer)).toEqual(answerOf(whole));
      read = length;
    }
    expect(engine.rowCount).toBe(70);

    const other = ids.slice(0, 40);
    other[33] = ((other[33] as number) + 1) % vocab;
    const answer = await ask(engine, next(other));
    expectAnswer(answer, 0, row(referenceLogits(golden.arch, tensors, other), 39), 39 + logitShift);
    expect(answer.rows).toBe(7);
    expect((await ask(engine, { ...next(other, 0), fresh: true })).rows).toBe(1);
    expect((await ask(engine, next(other, 0))).rows).toBe(0);
    engine.destroy();
    plain.destroy();
  });

  test('several texts go on side by side, each with its own keys and values', async () => {
    const [engine, plain] = [await Engine.create(device, golden), await Engine.create(device, golden)];
    const texts = [text(70), text(70).reverse(), text(50).map((id) => (id + 1) % vocab)];
    for (const length of [20, 21, 22, 45]) {
      const asks = texts.map((ids) => next(ids.slice(0, length)));
      const together = await engine.predict(asks, { topK: 5 });
      for (const [i, each] of asks.entries()) {
        const { topK, ...sequence } = each;
        const [alone] = await plain.predict([{ ...sequence, cache: exact(0) }], { topK, fresh: true });
        expect(answerOf(together[i] as Prediction)).toEqual(answerOf(alone as Prediction));
        expect((together[i] as Prediction).rows).toBe(length === 20 ? 20 : length === 45 ? 23 : 1);
      }
    }
    engine.destroy();
    plain.destroy();
  });

  test('may be asked without a cache in between', async () => {
    const engine = await Engine.create(device, golden);
    const ids = text(20);
    const logits = referenceLogits(golden.arch, tensors, ids);
    const plain: Ask = { ids: ids.toReversed(), asked: Int32Array.of(3), draw, topK: 2 };
    await ask(engine, plain);
    expect((await ask(engine, next(ids))).rows).toBe(20);
    await ask(engine, { ...plain, fresh: true });
    expectAnswer(await ask(engine, next(ids)), 0, row(logits, 19), 19 + logitShift);
    engine.destroy();
  });

  test('scores are the log-probabilities of the given next tokens, in one pass', async () => {
    const engine = await Engine.create(device, golden, { maxPartBytes: 1 });
    const ids = text(67);
    const logits = referenceLogits(golden.arch, tensors, ids);
    const want = Array.from({ length: 66 }, (_, t) => {
      const values = row(logits, t);
      return (values[ids[t + 1] as number] as number) - decodeReference(values, t, draw, 0).logSumExp;
    });
    const asked = Int32Array.from({ length: 66 }, (_, t) => t + logitShift);
    const sequence = { ids, asked, cache: exact(0) };
    const [scores] = await engine.score([sequence], [ids.slice(1)]);
    expect(worstError(scores as Float32Array, want)).toBeLessThan(TOLERANCE);
    const both = await engine.score([{ ids, asked }, sequence], [ids.slice(1), ids.slice(1)]);
    for (const again of both) expect([...again]).toEqual([...(scores as Float32Array)]);
    engine.destroy();
  });
});

describe('a network of blocks', async () => {
  // The same weights, each position seeing its own block of eight and all before it.
  const open = await openGolden('biases');
  const sees: Sees = { blocks: 8 };
  const layers = open.arch.layers.map((layer) => ({ ...layer, attention: { ...layer.attention, sees } }));
  const golden = { ...open, arch: { ...open.arch, layers } };
  const tensors = await readTensors(golden.weights);
  const { vocab } = golden.arch;

  test('goes on from whole blocks, and says what a whole pass says', async () => {
    const engine = await Engine.create(device, golden);
    const ids = Int32Array.from({ length: 30 }, (_, i) => (i * i * 5 + 3) % vocab);
    const logits = referenceLogits(golden.arch, tensors, ids);
    await engine.logits(ids.slice(0, 8)); // remembered, without keys and values
    for (const [length, prefix, forwards] of [
      [16, 8, 2],
      [24, 16, 1],
      [30, 24, 1],
      [24, 8, 1],
    ] as const) {
      const asked = Int32Array.of(prefix, length - 1);
      const question = { ids: ids.slice(0, length), asked, draw, topK: 4, cache: exact(prefix) };
      // The check of this release knows no such network yet; the passes do.
      const answer = await askUnchecked(engine, question);
      asked.forEach((slot, i) => {
        expectAnswer(answer, i, logits.subarray(slot * vocab, (slot + 1) * vocab), slot);
      });
      expect(answer.forwards).toBe(forwards);
    }
    engine.destroy();
  });
});

describe.each([
  { blocks: 5, offset: 3 },
  { blocks: 1, offset: 0 },
  { blocks: 40, offset: 30 },
])('a text read by blocks, %j', async (sees) => {
  // With windows in some layers, which blocks take the place of.
  const golden = await openGolden('base');
  const { vocab } = golden.arch;
  const tensors = await readTensors(golden.weights);
  const layers = golden.arch.layers.map((layer) => ({ ...layer, attention: { ...layer.attention, sees } }));
  const reference = (ids: Int32Array) => referenceLogits({ ...golden.arch, layers }, tensors, ids);

  test('is written block by block with the rows of the block alone, to the bit as without a cache', async () => {
    const [engine, plain] = [await Engine.create(device, golden), await Engine.create(device, golden)];
    const all = Int32Array.from({ length: 33 }, (_, i) => (i * i * 5 + 3) % vocab);
    const ends = [...all.keys()].filter((at) => at >= 13 && boundary(sees, at) === at).slice(0, 5);
    for (const end of new Set([...ends, 33])) {
      const prefix = boundary(sees, end - 1);
      const ids = all.slice(0, end);
      const asked = Int32Array.from({ length: end - prefix }, (_, i) => prefix + i);
      const logits = reference(ids);
      // Twice with other words in the block, as when it is being written.
      for (const changed of [ids, ids.with(end - 1, ids[end - 1] === 7 ? 8 : 7)]) {
        const question = { ids: changed, asked, sees, draw, topK: 4, cache: exact(prefix) };
        const answer = await ask(engine, question);
        const { cache: _, ...uncached } = question;
        expect(answerOf(answer)).toEqual(answerOf(await ask(plain, { ...uncached, fresh: true })));
        if (changed === ids)
          asked.forEach(
            (slot, i) => void expectAnswer(answer, i, logits.subarray(slot * vocab, (slot + 1) * vocab), slot),
          );
        expect(answer.forwards).toBe(1);
        // What was written last is read once more when the next block begins.
        if (changed !== ids) expect(answer.rows).toBe(end - prefix);
      }
    }
    engine.destroy();
    plain.destroy();
  });

  test('has not the keys and values that the same text has when it is read whole', async () => {
    const engine = await Engine.create(device, golden);
    const ids = golden.ids.slice(0, 33);
    const whole = { ids, asked: Int32Array.of(4, 32), draw, topK: 4 };
    const byBlocks = { ...whole, sees, cache: exact(sees.offset) };
    const [before, blocks, after] = [
      await ask(engine, { ...whole, fresh: true }),
      await ask(engine, byBlocks),
      await ask(engine, { ...whole, fresh: true }),
    ];
    expect(after).toEqual(before);
    expect(worstError(blocks.logSumExp, before.logSumExp)).toBeGreaterThan(TOLERANCE);
    expect(answerOf(await ask(engine, { ...byBlocks, fresh: true }))).toEqual(answerOf(blocks));
    engine.destroy();
  });
});

/** Past the check that only causal networks have exact caches. */
function askUnchecked(engine: Engine, question: Ask): Promise<Prediction> {
  Object.assign(engine.info, { causal: true });
  return ask(engine, question);
}

describe('rows of a block', async () => {
  const golden = await openGolden('biases');
  const { vocab } = golden.arch;
  const tensors = await readTensors(golden.weights);
  const ids = golden.ids;
  const from = 12;
  const to = 21;
  const anchor = ids.map((id, slot) => (slot >= from && slot < to ? 4 : id));
  const asked = Int32Array.of(12, 15, 20);
  const cache: CacheUse = { kind: 'anchored', anchor, from, to };
  const request: Ask = { ids, asked, draw, topK: 4, cache };
  const expectAll = (got: Prediction, canvas: Int32Array, used: CacheUse | undefined) => {
    const logits = referenceLogits(golden.arch, tensors, canvas, { cache: used });
    asked.forEach((slot, i) => {
      expectAnswer(got, i, logits.subarray(slot * vocab, (slot + 1) * vocab), slot);
    });
  };

  test('see the keys and values of the anchor outside it', async () => {
    const engine = await Engine.create(device, golden);
    const start = await ask(engine, { ...request, ids: anchor });
    expectAll(start, anchor, undefined);
    expect([start.forwards, start.rows]).toEqual([1, ids.length]);
    const answer = await ask(engine, request);
    expectAll(answer, ids, cache);
    expect([answer.forwards, answer.rows]).toEqual([1, to - from]);
    // Other rows of the block change nothing that is kept.
    const next = ids.with(13, 9);
    expectAll(await ask(engine, { ...request, ids: next }), next, cache);
    expect((await ask(engine, request)).forwards).toBe(0);
    expect((await ask(engine, { ...request, fresh: true })).rows).toBe(to - from);

    // It is an approximation.
    const exact = await ask(engine, { ids, asked, draw, topK: 4 });
    expect(worstError(exact.logSumExp, answer.logSumExp)).toBeGreaterThan(TOLERANCE);
    engine.destroy();
  });

  test('are the same on an engine that has not seen the anchor, and after others have been asked', async () => {
    const engine = await Engine.create(device, golden);
    const first = await ask(engine, request);
    expect([first.forwards, first.rows]).toEqual([2, ids.length + to - from]);
    expectAll(first, ids, cache);
    await ask(engine, { ids: ids.toReversed(), asked, draw, topK: 4 });
    const again = await ask(engine, { ...request, fresh: true });
    expect(again.forwards).toBe(2);
    expect({ ...again, forwards: 0, rows: 0 }).toEqual({ ...first, forwards: 0, rows: 0 });
    // Rows that another block of the same anchor has overwritten are run again.
    const prefix: CacheUse = { kind: 'anchored', anchor, from: 18, to: ids.length };
    await ask(engine, { ...request, asked: Int32Array.of(20), cache: prefix });
    expect((await ask(engine, { ...request, fresh: true })).forwards).toBe(2);
    engine.destroy();
  });

  test('of the canvas itself say exactly what the whole pass says', async () => {
    const [cached, plain] = [await Engine.create(device, golden), await Engine.create(device, golden)];
    const answer = await ask(cached, { ...request, cache: { kind: 'anchored', anchor: ids, from, to } });
    expect(answer).toEqual(await ask(plain, { ids, asked, draw, topK: 4 }));
    cached.destroy();
    plain.destroy();
  });

  test('of several canvases at once are what they are alone', async () => {
    const [engine, plain] = [await Engine.create(device, golden), await Engine.create(device, golden)];
    const batch = [request, { ...request, ids: ids.with(13, 9) }, { ids, asked, draw, topK: 4 }, request].map(
      ({ topK: _, ...sequence }) => sequence,
    );
    const together = await engine.predict(batch, { topK: 4 });
    // Each canvas needs an anchor of its own to write its rows into; the same question is answered once.
    expect(together.map(({ forwards }) => forwards)).toEqual([2, 2, 1, 0]);
    for (const [i, sequence] of batch.entries()) {
      const alone = await ask(plain, { ...sequence, topK: 4, fresh: true });
      expect(answerOf(together[i] as Prediction)).toEqual(answerOf(alone));
    }
    engine.destroy();
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
