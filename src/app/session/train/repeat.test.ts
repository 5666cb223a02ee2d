import { expect, test, vi } from 'vitest';
import { isExperiment, PRESETS, presetSettings, smaller } from '../../../worker/protocol.train.ts';
import { partsOf, secondsLeft, secondsOf } from './repeat.ts';

// The stores of the page look at its address when they are made.
vi.hoisted(() => Object.assign(globalThis, { location: { hash: '', search: '', href: 'http://127.0.0.1/' } }));

const names = PRESETS.filter(isExperiment);

test.each(names)('%s: half of the steps, and what begins with the weights of another comes after it', (experiment) => {
  const parts = partsOf(experiment);
  expect(parts.some(({ drawn }) => drawn)).toBe(true);
  for (const [at, { settings, after }] of parts.entries()) {
    expect(settings.steps).toBe(Math.ceil(presetSettings(experiment).steps / 2));
    expect(settings.evalEvery).toBeLessThanOrEqual(settings.steps);
    if (after !== undefined) expect(parts.slice(0, at).map(({ name }) => name)).toContain(after);
  }
});

test('a run that is smaller measures as often as the whole one', () => {
  const whole = presetSettings('repeats');
  const { steps, evalEvery } = smaller(whole);
  expect(Math.floor(steps / evalEvery)).toBe(Math.floor(whole.steps / whole.evalEvery));
});

test('a network of half the size takes half the time', () => {
  const parts = partsOf('a2d').slice(0, 2);
  const [large = 0, small = 0] = secondsOf(parts, [2000, 1000], { passMilliseconds: 10, parameters: 2000 });
  expect(large).toBeGreaterThan(0);
  expect(small).toBeCloseTo(large / 2, 6);
});

test('what is left follows what the parts before took', () => {
  const seconds = [10, 10, 20];
  expect(secondsLeft({ seconds, at: 0, spent: 0 }, undefined)).toBe(40);
  // Twice as slow as expected.
  expect(secondsLeft({ seconds, at: 1, spent: 20 }, undefined)).toBe(60);
  expect(secondsLeft({ seconds, at: 1, spent: 20 }, 5)).toBe(45);
  expect(secondsLeft({ seconds: undefined, at: 1, spent: 20 }, 5)).toBeUndefined();
});
