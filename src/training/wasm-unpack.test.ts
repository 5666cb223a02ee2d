import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { backend, grad, mul, setBackend, sum, type Tensor, tensor, tidy, unstack } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test, vi } from 'vitest';
import { registerUnpack } from './wasm-unpack.ts';

const x = () =>
  tensor(
    Array.from({ length: 24 }, (_, i) => i),
    [4, 3, 2],
  );
const parts = (axis: number) => tidy(() => unstack(x(), axis).map((one) => [one.shape, [...one.dataSync()]]));
const gradient = () =>
  tidy(() => [
    ...grad((value: Tensor) => {
      const [first, , third] = unstack(value) as [Tensor, Tensor, Tensor];
      return sum(mul(first, mul(third, third)));
    })(x()).dataSync(),
  ]);

beforeAll(async () => {
  await setBackend('wasm');
});

test('gives the parts and the gradient of tfjs’s own, and copies nothing twice', () => {
  const axes = [0, 1, 2, -1];
  const before = [...axes.map(parts), gradient()];
  registerUnpack();
  registerUnpack();
  expect([...axes.map(parts), gradient()]).toEqual(before);

  const value = x();
  const read = vi.spyOn(backend(), 'readSync');
  tidy(() => void unstack(value));
  const places = read.mock.calls.map(([, from, to]: readonly unknown[]) => [from, to]);
  expect(places).toEqual([0, 6, 12, 18].map((from) => [from, from + 6]));
  read.mockRestore();
  value.dispose();
});
