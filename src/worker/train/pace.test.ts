import { afterEach, expect, test, vi } from 'vitest';
import { restOf, setPace } from './pace.ts';

afterEach(() => {
  setPace(false);
  vi.useRealTimers();
});

/** Milliseconds of a clock of our own that a rest takes. */
async function timeOf(rest: Promise<void>): Promise<number> {
  let over = false;
  void rest.then(() => {
    over = true;
  });
  const began = Date.now();
  for (let i = 0; i < 100 && !over; i++) await vi.advanceTimersByTimeAsync(50);
  return Date.now() - began;
}

test('a run that is to be slow rests three times as long as a step took, and one that is not rests not at all', async () => {
  vi.useFakeTimers();
  const { signal } = new AbortController();
  expect(await timeOf(restOf(400, signal))).toBeLessThanOrEqual(50);
  setPace(true);
  expect(await timeOf(restOf(400, signal))).toBe(1200);
});

test('a rest ends soon after the page is shown again, and after a pause is asked for', async () => {
  vi.useFakeTimers();
  setPace(true);
  const shown = restOf(10_000, new AbortController().signal);
  setTimeout(() => setPace(false), 100);
  expect(await timeOf(shown)).toBeLessThanOrEqual(500);
  setPace(true);
  const controller = new AbortController();
  const paused = restOf(10_000, controller.signal);
  setTimeout(() => controller.abort(), 100);
  expect(await timeOf(paused)).toBeLessThanOrEqual(500);
});
