/** Passes over some rows against whole passes: what keys and values that were kept may and may not change. */
import { memory, setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import type { Prediction, PredictRequest } from '../diffusion/denoiser.ts';
import { tableDenoiser } from '../diffusion/testing/table-denoiser.ts';
import { FallbackDenoiser } from './fallback-denoiser.ts';

/** Of logits that span about 20: 1e-5 of their range. */
const TOLERANCE = 2e-4;

const draw = { seed: 7, step: 3, temperature: 1 };

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] as number))));
}

function expectSame(actual: Prediction, expected: Prediction): void {
  expect(actual.slots).toEqual(expected.slots);
  expect(actual.ids).toEqual(expected.ids);
  for (const name of ['logProbs', 'entropy', 'logSumExp', 'topLogProbs'] as const) {
    expect(worst(actual[name], expected[name])).toBeLessThan(TOLERANCE);
  }
}

describe.each(['wasm', 'cpu'])('on the %s backend', (backend) => {
  beforeAll(async () => {
    await setBackend(backend);
  });

  test('a causal model reads each token once and says what PyTorch says of the whole text', async () => {
    const before = memory().numTensors;
    const { ids, rows, logits, ...model } = await openGolden('decoder');
    const denoiser = await FallbackDenoiser.create(model);
    const writer = denoiser.autoregressor;
    if (writer === undefined) throw new Error('no autoregressor');
    const table = tableDenoiser(denoiser.vocabSize, -1, () => logits[asked] as number[]);
    let asked = 0;
    const lengths = [...rows].filter((row) => row < ids.length).map((row) => row + 1);
    for (const [i, length] of lengths.entries()) {
      asked = i;
      const text = ids.subarray(0, length);
      const answer = await writer.next({ ids: text, draw, topK: 5, suppress: [3] });
      const slots = Int32Array.of(length);
      expectSame(answer, await table.predict({ ids: text, slots, draw, topK: 5, suppress: [3] }));
      // The prompt first, then what is new since the last question.
      expect([answer.forwards, answer.rows]).toEqual([1, length - (lengths[i - 1] ?? 0)]);
    }
    expect(writer.rows).toBe(lengths.at(-1));

    // Another ending costs what differs; the same text once more, its last token.
    const other = ids.slice(0, 20);
    other[15] = (other[15] as number) === 9 ? 8 : 9;
    expect((await writer.next({ ids: other, draw, topK: 1 })).rows).toBe(5);
    expect((await writer.next({ ids: other, draw, topK: 1 })).rows).toBe(1);
    denoiser.dispose();
    expect(memory().numTensors).toBe(before);
  });

  test('scores are the log-probabilities of the given next tokens, in one pass', async () => {
    const { ids, rows, logits, ...model } = await openGolden('decoder');
    const denoiser = await FallbackDenoiser.create(model);
    const scores = await (denoiser.autoregressor?.score(ids) as Promise<Float32Array>);
    expect(scores).toHaveLength(ids.length - 1);
    expect(denoiser.autoregressor?.rows).toBe(ids.length - 1);
    for (const [i, row] of rows.entries()) {
      if (row >= scores.length) continue;
      const values = logits[i] as number[];
      const sum = Math.log(values.reduce((total, value) => total + Math.exp(value), 0));
      expect(Math.abs((scores[row] as number) - ((values[ids[row + 1] as number] as number) - sum))).toBeLessThan(
        TOLERANCE,
      );
    }
    await expect(denoiser.autoregressor?.score(Int32Array.of(1, 4000))).rejects.toMatchObject({ code: 'canvas' });
    expect(await denoiser.autoregressor?.score(Int32Array.of(1))).toHaveLength(0);
    denoiser.dispose();
  });

  test('rows that reuse the canvas itself say what the whole pass says', async () => {
    const { ids, rows: _, logits: __, ...model } = await openGolden('base');
    const [cached, plain] = [await FallbackDenoiser.create(model), await FallbackDenoiser.create(model)];
    const slots = Int32Array.of(16, 18, 23);
    const request: PredictRequest = { ids, slots, draw, topK: 4 };
    const expected = await plain.predict(request);
    const reuse = { anchor: ids, from: 16, to: 24 };
    expectSame(await cached.predict({ ...request, reuse }), expected);
    expect((await cached.predict({ ...request, reuse })).forwards).toBe(0);
    cached.dispose();
    plain.dispose();
  });

  // With one layer, and before the rows of a causal model, keys and values depend on no token that differs.
  test.each([
    ['one layer', 'base', 1, 5, 11],
    ['causal', 'decoder', Infinity, 9, Infinity],
  ] as const)('rows between kept keys and values that are right are right: %s', async (_, name, layers, from, end) => {
    const { ids, arch, weights } = await openGolden(name);
    const model = { arch: { ...arch, layers: arch.layers.slice(0, layers) }, weights };
    const [cached, plain] = [await FallbackDenoiser.create(model), await FallbackDenoiser.create(model)];
    const to = Math.min(end, ids.length);
    const request: PredictRequest = { ids, slots: Int32Array.of(from, to - 1), draw, topK: 4 };
    const anchor = ids.map((id, slot) => (slot >= from && slot < to ? (id + 1) % 100 : id));
    const reuse = { anchor, from, to };
    const answer = await cached.predict({ ...request, reuse });
    expectSame(answer, await plain.predict(request));
    expect([answer.forwards, answer.rows]).toEqual([2, ids.length + to - from]);
    // The anchor is kept: the next canvas of the block costs its rows alone, and a repeated one nothing.
    const next = ids.slice();
    next[from] = 7;
    const second = await cached.predict({ ...request, ids: next, reuse });
    expectSame(second, await plain.predict({ ...request, ids: next }));
    expect([second.forwards, second.rows]).toEqual([1, to - from]);
    expect((await cached.predict({ ...request, reuse })).forwards).toBe(0);
    expect((await cached.predict({ ...request, reuse, fresh: true })).rows).toBe(to - from);
    cached.dispose();
    plain.dispose();
  });

  test('with several layers reuse is an approximation, and the same whatever was asked before', async () => {
    const { ids, rows: _, logits: __, ...model } = await openGolden('base');
    const [cached, other] = [await FallbackDenoiser.create(model), await FallbackDenoiser.create(model)];
    const anchor = ids.map((id, slot) => (slot >= 8 && slot < 16 ? 4 : id));
    const plain = { ids, slots: Int32Array.of(9), draw, topK: 4 };
    const request = { ...plain, reuse: { anchor, from: 8, to: 16 } };
    await cached.predict({ ...request, ids: anchor });
    await cached.predict({ ...request, ids: anchor.with(8, 30) });
    const answer = await cached.predict(request);
    expect(answer.rows).toBe(8);
    expectSame(answer, await other.predict(request));
    const exact = await other.predict(plain);
    expect(worst(answer.logSumExp, exact.logSumExp)).toBeGreaterThan(TOLERANCE);
    const guidance = { unconditional: anchor, scale: 1 };
    await expect(cached.predict({ ...request, guidance })).rejects.toMatchObject({ code: 'settings' });
    await expect(cached.predict({ ...request, slots: Int32Array.of(16) })).rejects.toMatchObject({ code: 'canvas' });
    cached.dispose();
    other.dispose();
  });

  test('partial passes leave no tensor behind', async () => {
    const before = memory().numTensors;
    const { ids, ...model } = await openGolden('base');
    const denoiser = await FallbackDenoiser.create(model, { cacheBytes: 1 });
    let settled: number | undefined;
    for (let step = 0; step < 30; step++) {
      const canvas = ids.slice();
      canvas[12] = step;
      const anchor = step % 3 === 0 ? canvas : ids;
      await denoiser.predict({
        ids: canvas,
        slots: Int32Array.of(12),
        draw,
        topK: 2,
        reuse: { anchor, from: 8, to: 16 },
      });
      if (step === 10) settled = memory().numTensors;
      if (step > 10 && step % 3 === 1) expect(memory().numTensors).toBe(settled);
    }
    denoiser.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
