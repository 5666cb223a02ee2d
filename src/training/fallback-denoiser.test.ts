import { backend, memory, setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import type { PredictRequest } from '../diffusion/denoiser.ts';
import { tableDenoiser } from '../diffusion/testing/table-denoiser.ts';
import { FallbackDenoiser } from './fallback-denoiser.ts';

beforeAll(async () => {
  await setBackend('wasm');
});

/** A prediction of every other slot of the golden canvas, and the same one made of PyTorch's logits. */
async function both(change: Partial<PredictRequest>) {
  const { ids, rows, logits, ...model } = await openGolden('base');
  const denoiser = await FallbackDenoiser.create(model);
  const request: PredictRequest = {
    ids,
    slots: rows.filter((row) => row % 2 === 1),
    draw: { seed: 7, step: 2, temperature: 0 },
    topK: 8,
    ...change,
  };
  const table = tableDenoiser(denoiser.vocabSize, denoiser.maskId, (_, slot) => logits[slot] as number[]);
  return { request, denoiser, actual: await denoiser.predict(request), expected: await table.predict(request) };
}

function worst(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
}

describe('FallbackDenoiser', () => {
  test.each([0, 0.7, 1.5])('predicts what PyTorch’s logits give, at temperature %s', async (temperature) => {
    const { denoiser, actual, expected } = await both({ draw: { seed: 7, step: 2, temperature }, suppress: [4, 11] });
    expect(actual.ids).toEqual(expected.ids);
    expect(actual.topIds).toEqual(expected.topIds);
    expect(worst(actual.logProbs, expected.logProbs)).toBeLessThan(2e-4);
    expect(worst(actual.entropy, expected.entropy)).toBeLessThan(2e-4);
    expect(worst(actual.logSumExp, expected.logSumExp)).toBeLessThan(2e-4);
    expect(worst(actual.topLogProbs, expected.topLogProbs)).toBeLessThan(2e-4);
    denoiser.dispose();
  });

  test('asks the network nothing twice: another temperature, other slots and another K cost no forward', async () => {
    const { denoiser, request, actual } = await both({});
    expect(actual.forwards).toBe(1);
    const again = { ...request, slots: Int32Array.of(0, 5), topK: 2, draw: { seed: 1, step: 9, temperature: 1 } };
    expect((await denoiser.predict(again)).forwards).toBe(0);
    expect((await denoiser.predict({ ...again, fresh: true })).forwards).toBe(1);
    denoiser.dispose();
  });

  test('guidance of scale −1 is the unconditional model, and costs two forwards in one batch', async () => {
    const { denoiser, request } = await both({});
    const unconditional = request.ids.toReversed();
    const fresh = await FallbackDenoiser.create(await openGolden('base'));
    const guided = await fresh.predict({ ...request, guidance: { unconditional, scale: -1 } });
    const plain = await denoiser.predict({ ...request, ids: unconditional });
    expect(guided.forwards).toBe(2);
    expect(guided.ids).toEqual(plain.ids);
    expect(worst(guided.logSumExp, plain.logSumExp)).toBeLessThan(2e-4);
    denoiser.dispose();
    fresh.dispose();
  });

  test('neither tensors nor the wasm heap grow over 200 predictions, and dispose frees all', async () => {
    const before = memory().numTensors;
    const { ids, rows, ...model } = await openGolden('base');
    const denoiser = await FallbackDenoiser.create(model, { cacheBytes: 8 * 4 * ids.length * model.arch.width });
    const heap = () => (backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.length;
    let settled: { tensors: number; bytes: number; heap: number } | undefined;
    for (let step = 0; step < 200; step++) {
      const canvas = ids.slice();
      canvas[step % 37] = step % 131;
      const guidance = step % 2 === 0 ? { guidance: { unconditional: canvas.toReversed(), scale: 1 } } : {};
      await denoiser.predict({
        ids: canvas,
        slots: rows,
        draw: { seed: 0, step, temperature: 1 },
        topK: 4,
        ...guidance,
      });
      const now = { tensors: memory().numTensors, bytes: memory().numBytes, heap: heap() };
      if (step === 20) settled = now;
      if (step > 20) expect(now).toEqual(settled);
    }
    denoiser.dispose();
    expect(memory().numTensors).toBe(before);
  });

  test.each([
    ['an empty canvas', { ids: new Int32Array(0), slots: new Int32Array(0) }, 'empty'],
    ['a canvas that is too long', { ids: new Int32Array(1025) }, 'at most 1024'],
    ['an id outside the vocabulary', { ids: Int32Array.of(3, 131) }, 'token id 131'],
    ['a slot outside the canvas', { ids: Int32Array.of(3, 4), slots: Int32Array.of(2) }, 'Slot 2'],
    ['slots out of order', { slots: Int32Array.of(2, 1) }, 'Slot 1'],
    ['guidance of another length', { guidance: { unconditional: Int32Array.of(1), scale: 1 } }, 'two canvases'],
  ])('refuses %s', async (_, change, words) => {
    const { denoiser, request } = await both({});
    await expect(denoiser.predict({ ...request, slots: Int32Array.of(0), ...change })).rejects.toMatchObject({
      name: 'UnmaskError',
      code: 'canvas',
      message: expect.stringContaining(words),
    });
    denoiser.dispose();
  });
});
