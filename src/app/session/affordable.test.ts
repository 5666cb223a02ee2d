import { expect, test } from 'vitest';
import { affordableSteps } from './affordable.ts';

test.each([
  [64, 20, 64],
  [64, 468, 64],
  [64, 500, 32],
  [128, 3000, 8],
  [128, 700, 32],
  [8, 60_000, 8],
])('%i steps at %i ms a pass become %i', (usual, pass, steps) => {
  expect(affordableSteps(usual, pass)).toBe(steps);
});
