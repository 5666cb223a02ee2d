import { getBackend, memory } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { openFallback } from './backends.ts';

const model = await openGolden('base');

/** Tensors alive on all backends, without those of a network that has been disposed. */
const tensors = () => memory().numTensors;

describe('openFallback', () => {
  test('takes WebAssembly, and does not measure where nothing else runs', async () => {
    const { network, backend, measured } = await openFallback(model);
    expect([backend, network.backend, getBackend()]).toEqual(['wasm', 'wasm', 'wasm']);
    expect(measured).toEqual({});
    network.dispose();
  });

  test('measures all that run, keeps the fastest and frees the rest; weights are read once', async () => {
    const before = tensors();
    let reads = 0;
    const counting = {
      ...model,
      weights: {
        ...model.weights,
        read: (name: string) => {
          reads++;
          return model.weights.read(name);
        },
      },
    };
    const { network, backend, measured } = await openFallback(counting, { candidates: ['cpu', 'wasm'] });
    expect(Object.keys(measured)).toEqual(['cpu', 'wasm']);
    expect(backend).toBe((measured.wasm as number) <= (measured.cpu as number) ? 'wasm' : 'cpu');
    expect(getBackend()).toBe(backend);
    expect(reads).toBe(model.weights.tensors.size);
    network.dispose();
    expect(tensors()).toBe(before);
  });

  test('comes down to plain JavaScript when nothing better runs', async () => {
    // Node has no WebGL.
    const { network, backend } = await openFallback(model, { candidates: ['webgl'] });
    expect(backend).toBe('cpu');
    network.dispose();
  });

  test('a model that cannot be read is not tried again elsewhere, and leaves nothing behind', async () => {
    const before = tensors();
    const damaged = new UnmaskError({ code: 'checkpoint', message: 'cut short', remedy: '' });
    let reads = 0;
    const read = (name: string) => (++reads === 4 ? Promise.reject(damaged) : model.weights.read(name));
    const opening = openFallback({ ...model, weights: { ...model.weights, read } });
    await expect(opening).rejects.toBe(damaged);
    expect(reads).toBe(4);
    expect(tensors()).toBe(before);
  });

  test('an abort ends it with the signal’s reason', async () => {
    const controller = new AbortController();
    const opening = openFallback(model, { signal: controller.signal });
    controller.abort();
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  });
});
