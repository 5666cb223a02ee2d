/** Passes over some rows against whole passes: what keys and values that were kept may and may not change. */
import { memory, setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { boundary, type Prediction } from '../diffusion/network.ts';
import { type Asked, ask, scoreText } from '../diffusion/testing/ask.ts';
import { tableNetwork } from '../diffusion/testing/table-network.ts';
import { FallbackNetwork } from './fallback-network.ts';

/** Of logits that span about 20: 1e-5 of their range. */
const TOLERANCE = 2e-4;

const draw = { seed: 7, step: 3, temperature: 1 };
const CAUSAL = { causal: true, logitShift: 1 } as const;

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
    const network = await FallbackNetwork.create(model);
    const table = tableNetwork(network.info.vocabSize, undefined, () => logits[at] as number[], CAUSAL);
    const next = (text: Int32Array, topK: number, suppress?: number[]): Asked => ({
      ids: text,
      asked: Int32Array.of(text.length),
      draw,
      topK,
      ...(suppress && { suppress }),
      cache: { kind: 'exact', prefix: text.length - 1 },
    });
    let at = 0;
    const lengths = [...rows].filter((row) => row < ids.length).map((row) => row + 1);
    for (const [i, length] of lengths.entries()) {
      at = i;
      const text = ids.subarray(0, length);
      const answer = await ask(network, next(text, 5, [3]));
      expectSame(answer, await ask(table, next(text, 5, [3])));
      // The prompt first, then what is new since the last question.
      expect([answer.forwards, answer.rows]).toEqual([1, length - (lengths[i - 1] ?? 0)]);
    }

    // Another ending costs what differs; the same text once more, its last token.
    const other = ids.slice(0, 20);
    other[15] = (other[15] as number) === 9 ? 8 : 9;
    expect((await ask(network, next(other, 1))).rows).toBe(5);
    expect((await ask(network, next(other, 1))).rows).toBe(1);
    network.dispose();
    expect(memory().numTensors).toBe(before);
  });

  test('scores are the log-probabilities of the given next tokens, in one pass', async () => {
    const { ids, rows, logits, ...model } = await openGolden('decoder');
    const network = await FallbackNetwork.create(model);
    const scores = await scoreText(network, ids);
    expect(scores).toHaveLength(ids.length - 1);
    for (const [i, row] of rows.entries()) {
      if (row >= scores.length) continue;
      const values = logits[i] as number[];
      const sum = Math.log(values.reduce((total, value) => total + Math.exp(value), 0));
      expect(Math.abs((scores[row] as number) - ((values[ids[row + 1] as number] as number) - sum))).toBeLessThan(
        TOLERANCE,
      );
    }
    await expect(scoreText(network, Int32Array.of(1, 4000))).rejects.toMatchObject({ code: 'canvas' });
    expect(await scoreText(network, Int32Array.of(1))).toHaveLength(0);
    network.dispose();
  });

  test('rows around which the canvas itself lies say what the whole pass says', async () => {
    const { ids, rows: _, logits: __, ...model } = await openGolden('base');
    const [cached, plain] = [await FallbackNetwork.create(model), await FallbackNetwork.create(model)];
    const slots = Int32Array.of(16, 18, 23);
    const request: Asked = { ids, asked: slots, draw, topK: 4 };
    const expected = await ask(plain, request);
    const cache = { kind: 'anchored', anchor: ids, from: 16, to: 24 } as const;
    expectSame(await ask(cached, { ...request, cache }), expected);
    expect((await ask(cached, { ...request, cache })).forwards).toBe(0);
    cached.dispose();
    plain.dispose();
  });

  test.each([
    { blocks: 5, offset: 3 },
    { blocks: 1, offset: 0 },
    { blocks: 40, offset: 30 },
  ])('a text read by blocks costs the rows of its block, and says what a whole pass so read says: %j', async (sees) => {
    const before = memory().numTensors;
    const { ids: _, rows: __, logits: ___, ...model } = await openGolden('base');
    const layers = model.arch.layers.map((layer) => ({ ...layer, attention: { ...layer.attention, sees } }));
    const network = await FallbackNetwork.create(model);
    // Of which every layer is such a one.
    const other = await FallbackNetwork.create({ ...model, arch: { ...model.arch, layers } });
    const all = Int32Array.from({ length: 33 }, (_, i) => (i * i * 5 + 3) % 100);
    for (const end of [30, 31, 32, 33]) {
      const prefix = boundary(sees, end - 1);
      const ids = all.slice(0, end);
      const asked: Asked = { ids, asked: Int32Array.of(prefix, end - 1), draw, topK: 4 };
      if (prefix === end - 1) Object.assign(asked, { asked: Int32Array.of(prefix) });
      const answer = await ask(network, { ...asked, sees, cache: { kind: 'exact', prefix } });
      expectSame(answer, await ask(other, asked));
      expectSame(await ask(network, { ...asked, sees }), answer);
      const again = await ask(network, { ...asked, ids: ids.with(end - 1, 7), sees, cache: { kind: 'exact', prefix } });
      expect([again.forwards, again.rows]).toEqual([1, end - prefix]);
    }
    for (const one of [network, other]) one.dispose();
    expect(memory().numTensors).toBe(before);
  });

  // With one layer, and before the rows of a causal model, keys and values depend on no token that differs.
  test.each([
    ['one layer', 'base', 1, 5, 11],
    ['causal', 'decoder', Infinity, 9, Infinity],
  ] as const)('rows between kept keys and values that are right are right: %s', async (_, name, layers, from, end) => {
    const { ids, arch, weights } = await openGolden(name);
    const model = { arch: { ...arch, layers: arch.layers.slice(0, layers) }, weights };
    const [cached, plain] = [await FallbackNetwork.create(model), await FallbackNetwork.create(model)];
    const to = Math.min(end, ids.length);
    const { logitShift } = cached.info;
    const request: Asked = { ids, asked: Int32Array.of(from + logitShift, to - 1 + logitShift), draw, topK: 4 };
    const anchor = ids.map((id, slot) => (slot >= from && slot < to ? (id + 1) % 100 : id));
    const cache = { kind: 'anchored', anchor, from, to } as const;
    const answer = await ask(cached, { ...request, cache });
    expectSame(answer, await ask(plain, request));
    expect([answer.forwards, answer.rows]).toEqual([2, ids.length + to - from]);
    // The anchor is kept: the next canvas of the block costs its rows alone, and a repeated one nothing.
    const next = ids.slice();
    next[from] = 7;
    const second = await ask(cached, { ...request, ids: next, cache });
    expectSame(second, await ask(plain, { ...request, ids: next }));
    expect([second.forwards, second.rows]).toEqual([1, to - from]);
    expect((await ask(cached, { ...request, cache })).forwards).toBe(0);
    expect((await ask(cached, { ...request, cache, fresh: true })).rows).toBe(to - from);
    cached.dispose();
    plain.dispose();
  });

  test('with several layers the cache is an approximation, and the same whatever was asked before', async () => {
    const { ids, rows: _, logits: __, ...model } = await openGolden('base');
    const [cached, other] = [await FallbackNetwork.create(model), await FallbackNetwork.create(model)];
    const anchor = ids.map((id, slot) => (slot >= 8 && slot < 16 ? 4 : id));
    const plain = { ids, asked: Int32Array.of(9), draw, topK: 4 };
    const request = { ...plain, cache: { kind: 'anchored', anchor, from: 8, to: 16 } } as const;
    await ask(cached, { ...request, ids: anchor });
    await ask(cached, { ...request, ids: anchor.with(8, 30) });
    const answer = await ask(cached, request);
    expect(answer.rows).toBe(8);
    expectSame(answer, await ask(other, request));
    const exact = await ask(other, plain);
    expect(worst(answer.logSumExp, exact.logSumExp)).toBeGreaterThan(TOLERANCE);
    const guidance = { unconditional: anchor, scale: 1 };
    await expect(ask(cached, { ...request, guidance })).rejects.toMatchObject({ code: 'settings' });
    await expect(ask(cached, { ...request, asked: Int32Array.of(16) })).rejects.toMatchObject({ code: 'canvas' });
    cached.dispose();
    other.dispose();
  });

  test('partial passes leave no tensor behind', async () => {
    const before = memory().numTensors;
    const { ids, ...model } = await openGolden('base');
    const network = await FallbackNetwork.create(model, { cacheBytes: 1 });
    let settled: number | undefined;
    for (let step = 0; step < 30; step++) {
      const canvas = ids.slice();
      canvas[12] = step;
      const anchor = step % 3 === 0 ? canvas : ids;
      await ask(network, {
        ids: canvas,
        asked: Int32Array.of(12),
        draw,
        topK: 2,
        cache: { kind: 'anchored', anchor, from: 8, to: 16 },
      });
      if (step === 10) settled = memory().numTensors;
      if (step > 10 && step % 3 === 1) expect(memory().numTensors).toBe(settled);
    }
    network.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
