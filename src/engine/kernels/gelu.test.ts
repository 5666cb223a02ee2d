import { expect, test } from 'vitest';
import { gelu } from './gelu.ts';

// Φ from the tables of Abramowitz & Stegun 26.1, 15 digits.
test.each([
  [0, 0.5],
  [0.5, 0.691462461274013],
  [1, 0.841344746068543],
  [2, 0.977249868051821],
  [3, 0.99865010196837],
  [5, 0.999999713348428],
])('gelu(±%d) follows from Φ = %d', (x, phi) => {
  expect(gelu(x)).toBeCloseTo(x * phi, 13);
  expect(gelu(-x)).toBeCloseTo(-x * (1 - phi), 13);
});

test('keeps its relative precision in the left tail', () => {
  expect(gelu(-10) / (-10 * 7.61985302416052e-24)).toBeCloseTo(1, 10);
});
