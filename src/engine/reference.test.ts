/** The reference is f64 with activations rounded to f32; PyTorch's logits are f64 throughout. */
import { expect, test } from 'vitest';
import { FAMILY_GOLDEN, GOLDEN, openGolden } from '../checkpoint/testing/golden.ts';
import { logits, readTensors } from './reference.ts';
import { worstError } from './testing/numbers.ts';

test.each([...GOLDEN, ...FAMILY_GOLDEN])('logits of %s are those of PyTorch', async (name) => {
  const { arch, weights, ids, rows, logits: want } = await openGolden(name);
  const got = logits(arch, await readTensors(weights), ids);
  rows.forEach((row, i) => {
    const values = got.subarray(row * arch.vocab, (row + 1) * arch.vocab);
    expect(worstError(values, want[i] as readonly number[])).toBeLessThan(1e-4);
  });
});
