import { describe, expect, test } from 'vitest';
import { writtenSlotsIn } from '../../diffusion/ops.ts';
import { recordedTrace } from '../testing/runs.ts';
import { frameAt } from './frame.ts';
import { inspect } from './inspect.ts';

describe('inspecting a slot', () => {
  test('a written one: the step, its probability, and its word among the alternatives', async () => {
    const trace = await recordedTrace({ temperature: 0 });
    const slot = writtenSlotsIn(trace.steps[1]!)[0] as number;
    const shown = inspect(trace, frameAt(trace, 3), slot);
    expect(shown?.writtenAt).toBe(1);
    expect(shown?.alternatives.find((one) => one.chosen)?.probability).toBeCloseTo(shown?.probability ?? 0, 6);
    expect(shown?.guesses.map((guess) => guess.step)).toEqual([0, 1]);
  });

  test('a masked one: what the network thinks of this very canvas', async () => {
    const trace = await recordedTrace();
    const slot = writtenSlotsIn(trace.steps.at(-1)!)[0] as number;
    const shown = inspect(trace, frameAt(trace, 1), slot);
    expect(shown).toMatchObject({ open: true, asked: 1, writtenAt: -1 });
    expect(shown?.alternatives.every((one) => !one.chosen)).toBe(true);
    expect(shown?.entropy).toBeGreaterThan(0);
  });

  test('a word drawn from beyond the listed alternatives is listed too', async () => {
    const trace = await recordedTrace({ temperature: 2 });
    for (const step of trace.steps) {
      for (const slot of writtenSlotsIn(step)) {
        const shown = inspect(trace, frameAt(trace, trace.steps.length), slot);
        expect(shown?.alternatives.filter((one) => one.chosen)).toHaveLength(1);
      }
    }
  });

  test('the prompt: nothing was asked of it', async () => {
    const trace = await recordedTrace();
    expect(inspect(trace, frameAt(trace, 2), 0)).toMatchObject({ asked: -1, alternatives: [], guesses: [] });
  });

  test('a slot that is not there', async () => {
    const trace = await recordedTrace();
    expect(inspect(trace, frameAt(trace, 0), 99)).toBeUndefined();
  });
});
