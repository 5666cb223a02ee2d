import { describe, expect, test } from 'vitest';
import { recordedTrace, settings } from '../testing/runs.ts';
import { maskAgain, withChanges } from './change.ts';
import { differs, plannedAhead, resumePoint, settingsForResume } from './resume.ts';

describe('going on with a run', () => {
  test('what is planned ahead is what the run then writes', async () => {
    for (const change of [
      {},
      { block: 3, steps: 7 },
      { schedule: 'cosine', steps: 6 },
      { length: 13, steps: 5 },
    ] as const) {
      const trace = await recordedTrace(change);
      for (const made of [0, 1, 2]) {
        const begun = { ...trace, steps: trace.steps.slice(0, made) };
        expect(plannedAhead(begun)).toEqual(trace.steps.slice(made).map((step) => step.revealed.length));
      }
    }
  });

  test('nothing is promised for an order that sets its own pace', async () => {
    const trace = await recordedTrace({ sampler: 'threshold' });
    expect(plannedAhead({ ...trace, steps: [] })).toEqual([]);
  });

  test('a slot masked again after the end is planned for', async () => {
    const trace = await recordedTrace();
    const end = trace.steps.length;
    const changed = withChanges(trace, end, [maskAgain(trace, 4)]);
    expect(plannedAhead(changed)).toEqual([1]);
    expect(resumePoint(changed).cursor).toEqual(trace.steps.at(-1)?.next);
  });

  test('the canvas keeps its own settings, the rest may change on the way', async () => {
    const trace = await recordedTrace();
    const now = settings({ prompt: 'another', length: 99, temperature: 0.2 });
    expect(settingsForResume(trace, now)).toMatchObject({ prompt: trace.settings.prompt, length: 8, temperature: 0.2 });
    expect(differs(trace, now)).toBe(true);
    expect(differs(trace, settings({ prompt: 'another' }))).toBe(false);
  });
});
