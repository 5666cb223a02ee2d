import { describe, expect, test } from 'vitest';
import { Slot } from '../../diffusion/canvas.ts';
import type { Trace } from '../../diffusion/trace.ts';
import { LENGTH, recordedTrace } from '../testing/runs.ts';
import { frameAt, Look } from './frame.ts';

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
    expect(now).toEqual([...(trace.steps[1]?.revealed ?? [])].sort((a, b) => a - b));
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
    const [kept = 0, replaced = 0] = trace.steps.at(-1)?.revealed ?? [];
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
    const slot = trace.steps[0]?.revealed[0] as number;
    const masked: Trace = {
      ...trace,
      steps: trace.steps.slice(0, 1),
      edits: [{ before: 1, slot, id: trace.maskId, state: Slot.Remasked }],
    };
    expect(frameAt(masked, 1).looks[slot]).toBe(Look.Open | Look.Rewritten);
    expect(frameAt(masked, 1).writtenAt[slot]).toBe(-1);
  });

  test('stays inside the trace', async () => {
    const trace = await recordedTrace();
    expect(frameAt(trace, -3).playhead).toBe(0);
    expect(frameAt(trace, 99).playhead).toBe(trace.steps.length);
  });
});
