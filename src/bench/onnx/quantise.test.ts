import { expect, test } from 'vitest';
import { BLOCK, quantise } from './quantise.ts';

test('each weight is at most half a step from its value, blocks that are not full included', () => {
  const [rows, columns] = [3, BLOCK + 5];
  const values = Float32Array.from(
    { length: rows * columns },
    (_, i) => Math.sin(i * 1.7) * (i % columns < BLOCK ? 1 : 9),
  );
  const { bytes, scales } = quantise(values, rows, columns);
  expect(scales).toHaveLength(rows * 2);
  for (const [i, value] of values.entries()) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const block = 2 * row + Math.floor(column / BLOCK);
    const scale = scales[block] as number;
    const back = scale * ((bytes[block * BLOCK + (column % BLOCK)] as number) - 128);
    expect(Math.abs(back - value)).toBeLessThanOrEqual(scale / 2 + 1e-6);
  }
});

test('a block of zeros stays zero', () => {
  expect([...quantise(new Float32Array(BLOCK), 1, BLOCK).bytes]).toEqual(new Array(BLOCK).fill(128));
});
