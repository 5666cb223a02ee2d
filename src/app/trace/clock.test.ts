import { describe, expect, test } from 'vitest';
import { recordedTrace } from '../testing/runs.ts';
import { advance } from './clock.ts';

describe('the replay clock', () => {
  test('plays at the asked pace, however the frames fall', async () => {
    const trace = await recordedTrace({ steps: 8 });
    let clock = { playhead: 0, spent: 0 };
    for (let frame = 0; frame < 30; frame++) clock = advance(clock, 1000 / 60, trace, 8);
    expect(clock.playhead).toBe(4);
  });

  test('waits at the last step made and shows the next as soon as it comes', async () => {
    const trace = await recordedTrace({ steps: 8 });
    const partly = { ...trace, steps: trace.steps.slice(0, 2) };
    let clock = advance({ playhead: 0, spent: 0 }, 900, partly, 8);
    expect(clock.playhead).toBe(2);
    clock = advance(clock, 900, partly, 8);
    clock = advance(clock, 1, { ...trace, steps: trace.steps.slice(0, 4) }, 8);
    expect(clock.playhead).toBe(3);
  });

  test('can play as slowly as the model was', async () => {
    const trace = await recordedTrace();
    const slow = { ...trace, steps: trace.steps.map((step) => ({ ...step, milliseconds: 400 })) };
    expect(advance({ playhead: 0, spent: 0 }, 399, slow, 'measured').playhead).toBe(0);
    expect(advance({ playhead: 0, spent: 0 }, 801, slow, 'measured').playhead).toBe(2);
  });

  test('does not leap after the tab has slept', async () => {
    const trace = await recordedTrace({ length: 32, steps: 32 });
    expect(advance({ playhead: 0, spent: 0 }, 60_000, trace, 8).playhead).toBe(8);
  });
});
