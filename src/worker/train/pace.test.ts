import { afterEach, expect, test, vi } from 'vitest';
import { held, hold, restOf, setPace } from './pace.ts';

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

test('a run waits until nobody holds it, or until it is stopped', async () => {
  vi.useFakeTimers();
  const { signal } = new AbortController();
  expect(await timeOf(held(signal))).toBeLessThanOrEqual(50);
  const [one, other] = [hold(), hold()];
  const waits = held(signal);
  setTimeout(one, 100);
  setTimeout(one, 120);
  setTimeout(other, 300);
  const took = await timeOf(waits);
  expect(took).toBeGreaterThanOrEqual(300);
  expect(took).toBeLessThanOrEqual(350);
  hold();
  const controller = new AbortController();
  const stopped = held(controller.signal);
  controller.abort();
  expect(await timeOf(stopped)).toBeLessThanOrEqual(50);
});
