import { backend, memory, setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { type Asked, ask } from '../diffusion/testing/ask.ts';
import { tableNetwork } from '../diffusion/testing/table-network.ts';
import { FallbackNetwork } from './fallback-network.ts';

beforeAll(async () => {
  await setBackend('wasm');
});

/** A prediction of every other slot of the golden canvas, and the same one made of PyTorch's logits. */
async function both(change: Partial<Asked>) {
  const { ids, rows, logits, ...model } = await openGolden('base');
  const network = await FallbackNetwork.create(model);
  const request: Asked = {
    ids,
    asked: rows.filter((row) => row % 2 === 1),
    draw: { seed: 7, step: 2, temperature: 0 },
    topK: 8,
    ...change,
  };
  const table = tableNetwork(network.info.vocabSize, network.info.maskId, (_, slot) => logits[slot] as number[]);
  return { request, network, actual: await ask(network, request), expected: await ask(table, request) };
}

function worst(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
}

describe('FallbackNetwork', () => {
  test.each([0, 0.7, 1.5])('predicts what PyTorch’s logits give, at temperature %s', async (temperature) => {
    const { network, actual, expected } = await both({ draw: { seed: 7, step: 2, temperature }, suppress: [4, 11] });
    expect(actual.ids).toEqual(expected.ids);
    expect(actual.topIds).toEqual(expected.topIds);
    expect(worst(actual.logProbs, expected.logProbs)).toBeLessThan(2e-4);
    expect(worst(actual.entropy, expected.entropy)).toBeLessThan(2e-4);
    expect(worst(actual.logSumExp, expected.logSumExp)).toBeLessThan(2e-4);
    expect(worst(actual.topLogProbs, expected.topLogProbs)).toBeLessThan(2e-4);
    network.dispose();
  });

  test('asks the network nothing twice: another temperature, other slots and another K cost no forward', async () => {
    const { network, request, actual } = await both({});
    expect(actual.forwards).toBe(1);
    const again = { ...request, asked: Int32Array.of(0, 5), topK: 2, draw: { seed: 1, step: 9, temperature: 1 } };
    expect((await ask(network, again)).forwards).toBe(0);
    expect((await ask(network, { ...again, fresh: true })).forwards).toBe(1);
    network.dispose();
  });

  test('guidance of scale −1 is the unconditional model, and costs two forwards in one batch', async () => {
    const { network, request } = await both({});
    const unconditional = request.ids.toReversed();
    const fresh = await FallbackNetwork.create(await openGolden('base'));
    const guided = await ask(fresh, { ...request, guidance: { unconditional, scale: -1 } });
    const plain = await ask(network, { ...request, ids: unconditional });
    expect(guided.forwards).toBe(2);
    expect(guided.ids).toEqual(plain.ids);
    expect(worst(guided.logSumExp, plain.logSumExp)).toBeLessThan(2e-4);
    network.dispose();
    fresh.dispose();
  });

  test('neither tensors nor the wasm heap grow over 200 predictions, and dispose frees all', async () => {
    const before = memory().numTensors;
    const { ids, rows, ...model } = await openGolden('base');
    const network = await FallbackNetwork.create(model, { cacheBytes: 8 * 4 * ids.length * model.arch.width });
    const heap = () => (backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.length;
    let settled: { tensors: number; bytes: number; heap: number } | undefined;
    for (let step = 0; step < 200; step++) {
      const canvas = ids.slice();
      canvas[step % 37] = step % 131;
      const guidance = step % 2 === 0 ? { guidance: { unconditional: canvas.toReversed(), scale: 1 } } : {};
      await ask(network, {
        ids: canvas,
        asked: rows,
        draw: { seed: 0, step, temperature: 1 },
        topK: 4,
        ...guidance,
      });
      const now = { tensors: memory().numTensors, bytes: memory().numBytes, heap: heap() };
      if (step === 20) settled = now;
      if (step > 20) expect(now).toEqual(settled);
    }
    network.dispose();
    expect(memory().numTensors).toBe(before);
  });

  test.each([
    ['an empty canvas', { ids: new Int32Array(0), asked: new Int32Array(0) }, 'empty'],
    ['a canvas that is too long', { ids: new Int32Array(1025) }, 'at most 1024'],
    ['an id outside the vocabulary', { ids: Int32Array.of(3, 131) }, 'token id 131'],
    ['a slot outside the canvas', { ids: Int32Array.of(3, 4), asked: Int32Array.of(2) }, 'Slot 2'],
    ['slots out of order', { asked: Int32Array.of(2, 1) }, 'Slot 1'],
    ['guidance of another length', { guidance: { unconditional: Int32Array.of(1), scale: 1 } }, 'two canvases'],
  ])('refuses %s', async (_, change, words) => {
    const { network, request } = await both({});
    await expect(ask(network, { ...request, asked: Int32Array.of(0), ...change })).rejects.toMatchObject({
      name: 'UnmaskError',
      code: 'canvas',
      message: expect.stringContaining(words),
    });
    network.dispose();
  });
});

describe('a batch', () => {
  test('of different lengths, with and without guidance, gives to the bit what its sequences give alone', async () => {
    const { ids, rows: _, logits: __, ...model } = await openGolden('base');
    const [together, alone] = [await FallbackNetwork.create(model), await FallbackNetwork.create(model)];
    const batch = [40, 17, 40, 3, 17].map((length, i) => ({
      ids: ids.subarray(0, length).with(1, 20 + i),
      asked: Int32Array.of(0, 2),
      draw: { seed: i, step: i, temperature: 0.8 },
      ...(i === 2 ? { guidance: { unconditional: ids.subarray(0, length).with(2, 9), scale: 0.5 } } : {}),
    }));
    const options = { topK: 5, suppress: [4] };
    const answers = await together.predict(batch, options);
    for (const [i, sequence] of batch.entries())
      expect(answers[i]).toEqual((await alone.predict([sequence], options))[0]);
    // And again from memory.
    const again = await together.predict(batch.toReversed(), options);
    for (const [i, answer] of again.toReversed().entries()) {
      expect(answer).toEqual({ ...answers[i], forwards: 0, rows: 0 });
    }
    const targets = batch.map(() => Int32Array.of(7, 8));
    const scores = await together.score(batch, targets, { suppress: [4] });
    alone.forget();
    for (const [i, sequence] of batch.entries()) {
      const [score] = await alone.score([sequence], [targets[i] as Int32Array], { suppress: [4] });
      expect(scores[i]).toEqual(score);
    }
    together.dispose();
    alone.dispose();
  });

  test('that holds a canvas twice runs it once, or twice when it must be fresh', async () => {
    const { ids, rows: _, logits: __, ...model } = await openGolden('base');
    const network = await FallbackNetwork.create(model);
    const sequence = { ids, asked: Int32Array.of(3), draw: { seed: 1, step: 0, temperature: 0 } };
    const forwards = async (fresh: boolean) =>
      (await network.predict([sequence, sequence], { topK: 2, fresh })).map((answer) => answer.forwards);
    expect(await forwards(false)).toEqual([1, 0]);
    expect(await forwards(false)).toEqual([0, 0]);
    expect(await forwards(true)).toEqual([1, 1]);
    const before = memory().numTensors;
    expect(await forwards(true)).toEqual([1, 1]);
    expect(memory().numTensors).toBe(before);
    network.dispose();
  });

  test('larger than what is remembered is answered all the same, and leaves no tensor behind', async () => {
    const before = memory().numTensors;
    const { ids, rows: _, logits: __, ...model } = await openGolden('base');
    const network = await FallbackNetwork.create(model, { cacheBytes: 1 });
    const batch = Array.from({ length: 60 }, (___, i) => ({
      ids: ids.with(2, i),
      asked: Int32Array.of(2),
      draw: { seed: 1, step: 0, temperature: 0 },
    }));
    const answers = await network.predict(batch, { topK: 1 });
    expect(answers.map(({ forwards }) => forwards)).toEqual(Array(60).fill(1));
    expect(new Set(answers.map(({ logSumExp }) => logSumExp[0])).size).toBe(60);
    network.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
