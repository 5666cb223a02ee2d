import { describe, expect, test } from 'vitest';
import { Slot } from '../../diffusion/canvas.ts';
import { generate } from '../../diffusion/generate.ts';
import { writtenSlotsIn } from '../../diffusion/ops.ts';
import { hashNetwork } from '../../diffusion/testing/arbitrary.ts';
import type { Step, Trace } from '../../diffusion/trace.ts';
import { decodeTrace } from '../../diffusion/trace-decode.ts';
import { encodeTrace } from '../../diffusion/trace-encode.ts';
import { recordedTrace, settings } from '../testing/runs.ts';
import { editedTrace } from '../testing/traces.ts';
import { maskAgain, withChanges } from './change.ts';
import { frameAt } from './frame.ts';
import { differs, plannedAhead, resumePoint, settingsForResume, unfinished } from './resume.ts';

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
        expect(plannedAhead(begun)).toEqual(trace.steps.slice(made).map((step) => writtenSlotsIn(step).length));
      }
    }
  });

  test('nothing is promised for an order that sets its own pace', async () => {
    const trace = await recordedTrace({ sampler: 'threshold' });
    expect(plannedAhead({ ...trace, steps: [] })).toEqual([]);
  });

  test('a run that edits can be gone on with until its flow has ended, and after a change by hand', () => {
    const trace = editedTrace();
    const end = trace.steps.length;
    const at = (run: Trace, playhead: number) => unfinished(run, frameAt(run, playhead));
    expect(Array.from({ length: end + 1 }, (_, playhead) => at(trace, playhead))).toEqual([
      ...Array<boolean>(end).fill(true),
      false,
    ]);
    const changed = withChanges(trace, end, [{ slot: 3, id: trace.start.ids[4] as number, state: Slot.Revealed }]);
    expect(at(changed, end)).toBe(true);
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

test.each(['remdm-conf', 'remdm-loop', 'token-editing', 'iterative-refinement', 'first-hitting'] as const)(
  'a run by %s that is opened from a file goes on as if it had never stopped',
  async (sampler) => {
    const trace = await recordedTrace({ sampler, length: 24, steps: 30, eta: 0.1, block: 12, editThreshold: 0.3 });
    const words = (steps: Trace['steps']) => steps.map(({ ops }) => ops);
    for (let cut = 0; cut <= trace.steps.length; cut++) {
      const begun = decodeTrace(encodeTrace({ ...trace, steps: trace.steps.slice(0, cut) }));
      const { canvas, ...options } = resumePoint(begun);
      const rest: Step[] = [];
      for await (const step of generate(hashNetwork(1), canvas, begun.settings, options)) rest.push(step);
      expect(words(rest)).toEqual(words(trace.steps.slice(cut)));
    }
  },
);
