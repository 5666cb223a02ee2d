import { describe, expect, test } from 'vitest';
import { openId, openSlots, Slot } from '../../diffusion/canvas.ts';
import { writtenSlotsIn } from '../../diffusion/ops.ts';
import { canvasAt } from '../../diffusion/replay.ts';
import type { Step, Trace } from '../../diffusion/trace.ts';
import { LENGTH, recordedTrace } from '../testing/runs.ts';
import { frameAt, Look } from './frame.ts';
import { plannedAhead } from './resume.ts';

const has = (look: number | undefined, bit: number) => ((look ?? 0) & bit) !== 0;

describe('a frame', () => {
  test('before the first step shows the prompt and masks, and already knows what will stand in them', async () => {
    const trace = await recordedTrace();
    const frame = frameAt(trace, 0);
    expect([...frame.looks.subarray(0, 2)]).toEqual([Look.Given, Look.Given]);
    expect([...frame.looks.subarray(2)]).toEqual(Array(LENGTH).fill(Look.Open));
    expect(frame.masks).toBe(LENGTH);
    expect([...frame.later.subarray(2)]).toEqual([...frameAt(trace, 99).ids.subarray(2)]);
  });

  test('marks the words of the last step, and only those, as just written', async () => {
    const trace = await recordedTrace();
    const frame = frameAt(trace, 2);
    const now = [...frame.looks.keys()].filter((slot) => has(frame.looks[slot], Look.Now));
    expect(now).toEqual([...(writtenSlotsIn(trace.steps[1]!) ?? [])].sort((a, b) => a - b));
  });

  test('underlines by the probability the network gave when it wrote', async () => {
    const trace = await recordedTrace();
    const frame = frameAt(trace, trace.steps.length);
    for (let slot = 2; slot < frame.ids.length; slot++) {
      const p = frame.probability[slot] as number;
      expect(p).toBeGreaterThan(0);
      expect(has(frame.looks[slot], Look.Unsure)).toBe(p < 0.3);
      expect(has(frame.looks[slot], Look.Halfsure)).toBe(p >= 0.3 && p < 0.6);
    }
  });

  test('keeps what is known of a word that was kept, and forgets it for a word that was replaced', async () => {
    const trace = await recordedTrace();
    const end = trace.steps.length;
    const [kept = 0, replaced = 0] = writtenSlotsIn(trace.steps.at(-1)!) ?? [];
    const whole = frameAt(trace, end);
    const id = whole.ids[kept] as number;
    const other = ((whole.ids[replaced] as number) + 1) % 8;
    const edited: Trace = {
      ...trace,
      edits: [
        { before: end, slot: kept, id, state: Slot.Pinned },
        { before: end, slot: replaced, id: other, state: Slot.Pinned },
      ],
    };
    const frame = frameAt(edited, end);
    expect(frame.writtenAt[kept]).toBe(end - 1);
    expect(frame.writtenAt[replaced]).toBe(-1);
    expect(frame.probability[replaced]).toBeNaN();
    expect(has(frame.looks[kept], Look.Pinned)).toBe(true);
  });

  test('shows a slot that was masked again as such, and as rewritten afterwards', async () => {
    const trace = await recordedTrace();
    const slot = writtenSlotsIn(trace.steps[0]!)[0] as number;
    const masked: Trace = {
      ...trace,
      steps: trace.steps.slice(0, 1),
      edits: [{ before: 1, slot, id: openId(trace.maskId), state: Slot.Remasked }],
    };
    expect(frameAt(masked, 1).looks[slot]).toBe(Look.Open | Look.Rewritten);
    expect(frameAt(masked, 1).writtenAt[slot]).toBe(-1);
  });

  test('counts what stands behind the end of an answer as not needed, until the end is masked again', async () => {
    const whole = await recordedTrace();
    const canvas = canvasAt(whole, 2);
    const open = openSlots(canvas);
    const [from = 0] = [...canvas.states.keys()].filter((slot) => canvas.states[slot] === Slot.Revealed && slot > 1);
    const behind = open.filter((slot) => slot > from);
    const [first, second] = whole.steps as [Step, Step];
    const trace: Trace = { ...whole, steps: [first, { ...second, ended: { from, to: from + 1, saved: 2 } }] };
    const frame = frameAt(trace, 2);
    for (const slot of behind) expect(frame.looks[slot]).toBe(Look.Open | Look.Unneeded);
    expect(behind.length).toBeGreaterThan(0);
    expect(frame.masks).toBe(open.length - behind.length);
    expect(plannedAhead(trace)).toEqual([]);
    // Before that step nobody knew.
    expect(frameAt(trace, 1).masks).toBe(openSlots(canvasAt(whole, 1)).length);

    const again = { ...trace, edits: [{ before: 2, slot: from, id: openId(trace.maskId), state: Slot.Remasked }] };
    expect(frameAt(again, 2).masks).toBe(open.length + 1);
    expect(plannedAhead(again).length).toBeGreaterThan(0);
  });

  test('stays inside the trace', async () => {
    const trace = await recordedTrace();
    expect(frameAt(trace, -3).playhead).toBe(0);
    expect(frameAt(trace, 99).playhead).toBe(trace.steps.length);
  });
});
