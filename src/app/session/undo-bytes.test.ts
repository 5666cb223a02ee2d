import { beforeEach, expect, test } from 'vitest';
import { treeOf } from '../../diffusion/branches.ts';
import { continueCanvas } from '../../diffusion/canvas.ts';
import { blankPrediction } from '../../diffusion/network.ts';
import { defaultSettings } from '../../diffusion/settings.ts';
import type { Step, Trace } from '../../diffusion/trace.ts';
import { clearRun, type Moment, replaceTrace, undo, useRun } from './run.ts';
import { withinBytes } from './undo-bytes.ts';

const SLOTS = 256;
/** 256 slots with eight alternatives: 21 kB. */
const step = (index: number): Step => ({
  index,
  ops: [{ set: index, id: 1 }],
  prediction: blankPrediction(
    Int32Array.from({ length: SLOTS }, (_, i) => i),
    8,
    { forwards: 1, rows: SLOTS },
  ),
  next: { step: index + 1, block: 0, grid: index + 1 },
  forwards: 1,
  milliseconds: 1,
});
const traceOf = (steps: readonly Step[]): Trace => ({
  version: 3,
  settings: defaultSettings(),
  model: { id: 'm', parameters: 1 },
  backend: { name: 'cpu', device: '' },
  start: continueCanvas([], SLOTS, 4),
  maskId: 4,
  steps,
  edits: [],
  pieces: {},
});
const momentOf = (trace: Trace): Moment => ({ tree: treeOf(trace), sources: {}, playhead: 0 });
const run = (length: number) => Array.from({ length }, (_, index) => step(index));

beforeEach(() =>
  useRun.setState({ tree: undefined, trace: undefined, past: [], future: [], sources: {}, playhead: 0 }),
);

test('the newest moments stay, as many as fit; one that alone is too large stays all the same', () => {
  const moments = Array.from({ length: 6 }, () => momentOf(traceOf(run(10))));
  expect(withinBytes(moments, 1e9)).toBe(moments);
  expect(withinBytes(moments, 500_000)).toEqual(moments.slice(-2));
  expect(withinBytes(moments, 1)).toEqual(moments.slice(-1));
});

test('what moments share is counted once', () => {
  const shared = run(10);
  const moments = Array.from({ length: 20 }, (_, i) => momentOf(traceOf([...shared, step(10 + i)])));
  expect(withinBytes(moments, 1_000_000)).toHaveLength(20);
});

test('undo holds at most 64 MiB, however few moments that is', () => {
  for (let n = 0; n < 9; n++) replaceTrace(traceOf(run(600)), 0, 'live'); // 12.9 MB each
  expect(useRun.getState().past.length).toBe(5);
  undo();
  expect(useRun.getState().trace?.steps).toHaveLength(600);
  clearRun();
  expect(useRun.getState().past.length).toBeLessThanOrEqual(5);
});
