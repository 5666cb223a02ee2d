import { beforeEach, describe, expect, test } from 'vitest';
import { treeOf } from '../../diffusion/branches.ts';
import { Slot } from '../../diffusion/canvas.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { writtenIdsIn } from '../../diffusion/ops.ts';
import { recordedTrace } from '../testing/runs.ts';
import { maskAgain, withChanges } from '../trace/change.ts';
import { addBranch, removeBranch, renameBranch, replaceTrace, showTree, undo, useRun } from './run.ts';
import { decodeSession, encodeSession, type Session } from './session-file.ts';

const now = (): Session => {
  const { tree, sources, playhead, past, future } = useRun.getState();
  if (!tree) throw new Error('nothing on screen');
  return { past, future, now: { tree, playhead, ...{ sources } } };
};
const all = () => 8;
const texts = ({ past, now, future }: Session) =>
  [...past, now, ...future].map(({ tree, playhead }) => [
    tree.current,
    playhead,
    tree.branches.map(({ id, name, parent, trace }) => [id, name, parent, trace.steps.map(writtenIdsIn), trace.edits]),
  ]);

beforeEach(async () => {
  useRun.setState(useRun.getInitialState(), true);
  const trace = await recordedTrace();
  showTree(treeOf(trace), 4, 'live', false);
  replaceTrace(withChanges(trace, 4, [maskAgain(trace, 3), maskAgain(trace, 4)]), 4, 'live');
  addBranch(withChanges(trace, 2, [{ slot: 9, id: 5, state: Slot.Pinned }]), 2, 'live');
  renameBranch(1, 'with a fox');
  removeBranch(0);
  undo();
});

describe('a stored session', () => {
  test('brings back the branches on screen and everything undo and redo would', () => {
    const before = now();
    const stored = encodeSession(before, all);
    const after = decodeSession(structuredClone(stored));
    expect(texts(after)).toEqual(texts(before));
    expect([before.past.length, before.future.length]).toEqual([3, 1]);
    expect(Object.values(after.past[0]?.sources ?? {})).toEqual(['restored']);
  });

  test('holds every step once', () => {
    const stored = encodeSession(now(), all);
    const { branches } = JSON.parse(stored?.pool ?? '');
    const steps = branches.reduce((sum: number, branch: { steps: unknown[] }) => sum + branch.steps.length, 0);
    expect(steps).toBe(4);
  });

  test('is not kept when it is too long to be stored without being felt', () => {
    expect(encodeSession(now(), () => 0)).toBeUndefined();
  });

  test.each([
    ['nothing', undefined],
    ['another shape', { pool: 3 }],
    ['a moment with a line that is not there', { line: 99 }],
  ])('that is %s is refused', (_, change) => {
    const stored = structuredClone(encodeSession(now(), all)) as unknown as Record<string, unknown>;
    const damaged =
      change && 'line' in change
        ? {
            ...stored,
            moments: [{ branches: [{ id: 0, name: '', line: 99 }], current: 0, next: 1, playhead: 0 }],
            now: 0,
          }
        : change;
    expect(() => decodeSession(damaged)).toThrow(UnmaskError);
  });
});
