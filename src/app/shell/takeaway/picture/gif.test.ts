import { expect, test } from 'vitest';
import { GifWriter, paletteOf } from './gif.ts';

const [WIDTH, HEIGHT] = [40, 20];
const filled = (r: number, g: number, b: number) => {
  const rgba = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
  for (let i = 0; i < rgba.length; i += 4) rgba.set([r, g, b, 255], i);
  return rgba;
};

test('few colours are kept exactly', () => {
  const sample = filled(251, 250, 246);
  sample.set([61, 54, 201, 255], 0);
  expect(paletteOf([sample])).toEqual([
    [251, 250, 246],
    [61, 54, 201],
  ]);
});

test('of many colours the grounds are kept exactly and the palette leaves one index free', () => {
  const sample = filled(255, 254, 251);
  for (let i = 0; i < 400; i++) sample.set([i % 256, (i * 7) % 256, (i * 13) % 256, 255], i * 4);
  const palette = paletteOf([sample]);
  expect(palette.length).toBeLessThanOrEqual(255);
  expect(palette[0]).toEqual([255, 254, 251]);
});

test('a frame that changes little takes few bytes, and the file is a GIF of its size that ends', () => {
  const first = filled(10, 10, 10);
  for (let i = 0; i < first.length; i += 12) first.set([200, (i * 31) % 256, 10, 255], i);
  const second = first.slice();
  second.set([61, 54, 201, 255], 400);
  const writer = new GifWriter(paletteOf([first, second]), WIDTH, HEIGHT);
  const whole = writer.add(first, 100);
  const change = writer.add(second, 100);
  expect(change).toBeLessThan(whole / 4);
  const file = writer.finish();
  expect(new TextDecoder().decode(file.subarray(0, 6))).toBe('GIF89a');
  expect([...file.subarray(6, 10)]).toEqual([WIDTH, 0, HEIGHT, 0]);
  expect(file.at(-1)).toBe(0x3b);
});
