import { expect, test } from 'vitest';
import { activate } from './backends.ts';

// tfjs calls the first of two beginnings outdated, as if the backend did not run here: a model that loads while a run starts.
test('a backend that two ask for at once is there for both', async () => {
  expect(await Promise.all([activate('wasm'), activate('wasm')])).toEqual([true, true]);
});
