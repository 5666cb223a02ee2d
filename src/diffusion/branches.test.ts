import { describe, expect, test } from 'vitest';
import {
  branchOf,
  currentTrace,
  leftAt,
  MOST_BRANCHES,
  sharedSteps,
  type TraceTree,
  treeOf,
  withBranch,
  withName,
  withoutBranch,
  withTrace,
} from './branches.ts';
import { UnmaskError } from './error.ts';
import { recordExample } from './testing/record.ts';

const { trace, branched } = await recordExample();

/** 0 with the children 1 (left at step 2) and 2 (from 1, at step 1). */
function family(): TraceTree {
  const first = withBranch(treeOf(trace), branched, 0);
  return withBranch(first, { ...branched, steps: branched.steps.slice(0, 1) }, 1);
}

describe('a tree of branches', () => {
  test('knows where a branch left its parent from the steps they share', () => {
    const tree = family();
    expect(tree.branches.map((branch) => leftAt(tree, branch))).toEqual([0, 2, 1]);
    expect(currentTrace(tree).steps).toHaveLength(1);
  });

  test('an edit that only one of them has ends what they share', () => {
    const edit = { before: 1, slot: 5, id: 3, state: 4 };
    expect(sharedSteps(trace, { ...trace, edits: [edit] })).toBe(1);
    expect(sharedSteps({ ...trace, edits: [edit] }, { ...trace, edits: [edit] })).toBe(trace.steps.length);
    expect(sharedSteps({ ...trace, edits: [edit] }, { ...trace, edits: [{ ...edit, id: 4 }] })).toBe(1);
    const twin = { ids: trace.start.ids.slice(), states: trace.start.states.slice() };
    expect(sharedSteps(trace, { ...trace, start: twin })).toBe(0);
  });

  test('a deleted branch leaves its children to its parent, and is not followed by one of its name', () => {
    const tree = withoutBranch(family(), 1);
    expect(tree.branches.map(({ id, parent }) => [id, parent])).toEqual([
      [0, undefined],
      [2, 0],
    ]);
    expect(branchOf(withBranch(withoutBranch(tree, 2), trace, 0), 3)).toBeDefined();
  });

  test('deleting the branch on screen shows its parent; the last one stays', () => {
    expect(withoutBranch(family(), 2).current).toBe(1);
    expect(withoutBranch(withoutBranch(family(), 0), 1).current).toBe(2);
    const one = treeOf(trace);
    expect(withoutBranch(one, 0)).toBe(one);
  });

  test('names are trimmed and short; a line is replaced in its place', () => {
    const tree = withName(family(), 1, `  ${'🦊'.repeat(70)} `);
    expect(Array.from(branchOf(tree, 1)?.name ?? '')).toHaveLength(60);
    expect(branchOf(withTrace(tree, 0, branched), 0)?.trace).toBe(branched);
  });

  test('is full at some point, and says so', () => {
    let tree = treeOf(trace);
    while (tree.branches.length < MOST_BRANCHES) tree = withBranch(tree, trace, 0);
    expect(() => withBranch(tree, trace, 0)).toThrow(UnmaskError);
  });
});
