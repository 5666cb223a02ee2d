/** The playhead, moved by hand. */
import { expect, test } from 'vitest';
import { recordedTrace } from '../testing/runs.ts';
import { seek, useRun } from './run.ts';

test('who goes to the end of a run that is being made stays with it; elsewhere, and once it is over, nothing plays', async () => {
  const trace = await recordedTrace();
  useRun.setState({ trace, status: 'running', playing: true });
  seek(1);
  expect(useRun.getState()).toMatchObject({ playhead: 1, playing: false });
  seek(Number.POSITIVE_INFINITY);
  expect(useRun.getState()).toMatchObject({ playhead: trace.steps.length, playing: true });
  useRun.setState({ status: 'idle' });
  seek(Number.POSITIVE_INFINITY);
  expect(useRun.getState()).toMatchObject({ playhead: trace.steps.length, playing: false });
});
