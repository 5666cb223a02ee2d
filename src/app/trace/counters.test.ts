import { expect, test } from 'vitest';
import { recordedTrace } from '../testing/runs.ts';
import { countersOf } from './counters.ts';
import { frameAt } from './frame.ts';

test('speed is that of passes which were made; steps answered from memory are counted by themselves', async () => {
  const trace = await recordedTrace({ steps: 4 });
  const steps = trace.steps.map((step) => ({ ...step, forwards: 1, milliseconds: 10 }));
  const of = (some: typeof steps) => countersOf({ ...trace, steps: some }, frameAt({ ...trace, steps: some }, 4));
  // Eight tokens in four steps of ten milliseconds.
  expect(of(steps)).toMatchObject({ passes: 4, remembered: 0, written: 8, tokensPerPass: 2, tokensPerSecond: 200 });

  const half = steps.map((step, at) => (at < 2 ? { ...step, forwards: 0, milliseconds: 0.1 } : step));
  expect(of(half)).toMatchObject({ passes: 2, remembered: 2, written: 8, tokensPerPass: 2, tokensPerSecond: 200 });

  const none = of(steps.map((step) => ({ ...step, forwards: 0, milliseconds: 0.1 })));
  expect(none).toMatchObject({ passes: 0, remembered: 4, tokensPerPass: Number.NaN, tokensPerSecond: Number.NaN });
});
