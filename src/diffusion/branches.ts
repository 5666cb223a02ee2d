/**
 * A session of runs as a tree. Every branch is a whole Trace, so whatever draws a Trace draws a branch; what a branch
 * shares with its parent are the very same Step objects, which is how the point where it left is known, and why a tree
 * costs little more memory than its longest line. `trace-encode.ts` stores only what differs.
 */
import { said } from '../text/said.ts';
import { UnmaskError } from './error.ts';
import type { Edit, Trace } from './trace.ts';

export interface Branch {
  /** Never used again in the same tree, so that a name can be made of it. */
  readonly id: number;
  /** Given by a person; empty until then. */
  readonly name: string;
  /** The branch it left; undefined when it started from a canvas of its own. */
  readonly parent: number | undefined;
  readonly trace: Trace;
}

export interface TraceTree {
  /** In the order they were made; a parent stands before its children. Never empty. */
  readonly branches: readonly Branch[];
  /** The branch being looked at. */
  readonly current: number;
  /** The id of the next branch. */
  readonly next: number;
}

/** More than anybody can tell apart, and few enough for a list. */
export const MOST_BRANCHES = 64;
export const LONGEST_NAME = 60;

export function treeOf(trace: Trace): TraceTree {
  return { branches: [{ id: 0, name: '', parent: undefined, trace }], current: 0, next: 1 };
}

export function branchOf(tree: TraceTree, id: number): Branch | undefined {
  return tree.branches.find((branch) => branch.id === id);
}

/** The line that is being looked at. */
export function currentTrace(tree: TraceTree): Trace {
  return (branchOf(tree, tree.current) ?? (tree.branches[0] as Branch)).trace;
}

/** `branch` with another line. */
export function withTrace(tree: TraceTree, id: number, trace: Trace): TraceTree {
  return { ...tree, branches: tree.branches.map((branch) => (branch.id === id ? { ...branch, trace } : branch)) };
}

/**
 * A new branch, which becomes the current one. Without a parent it is a run from a canvas of its own. All branches of a
 * tree are written by one model, since ids mean nothing to another. Throws `UnmaskError` code `trace` when the tree is
 * full.
 */
export function withBranch(tree: TraceTree, trace: Trace, parent: number | undefined): TraceTree {
  if (tree.branches.length >= MOST_BRANCHES) {
    throw new UnmaskError({
      code: 'trace',
      message: said`There are ${MOST_BRANCHES} branches already.`,
      remedy: 'Delete one that is no longer needed, then branch again.',
    });
  }
  const branch = { id: tree.next, name: '', parent, trace };
  return { branches: [...tree.branches, branch], current: branch.id, next: tree.next + 1 };
}

/** Its children then belong to its parent. The last branch stays. */
export function withoutBranch(tree: TraceTree, id: number): TraceTree {
  const gone = branchOf(tree, id);
  if (!gone || tree.branches.length === 1) return tree;
  const at = tree.branches.indexOf(gone);
  const branches = tree.branches
    .filter((branch) => branch !== gone)
    .map((branch) => (branch.parent === id ? { ...branch, parent: gone.parent } : branch));
  const heir = gone.parent ?? (branches[Math.min(at, branches.length - 1)] as Branch).id;
  return { ...tree, branches, current: tree.current === id ? heir : tree.current };
}

/** Spaces at the ends are cut, and what is longer than a name should be. */
export function withName(tree: TraceTree, id: number, name: string): TraceTree {
  const short = Array.from(name.trim()).slice(0, LONGEST_NAME).join('');
  return { ...tree, branches: tree.branches.map((one) => (one.id === id ? { ...one, name: short } : one)) };
}

/**
 * How many steps two lines have in common: the same Step objects from the start on, with the same edits before each.
 * 0 when they started from different canvases.
 */
export function sharedSteps(a: Trace, b: Trace): number {
  if (a.start !== b.start) return 0;
  const most = Math.min(a.steps.length, b.steps.length);
  let shared = 0;
  while (shared < most && a.steps[shared] === b.steps[shared]) shared++;
  const mine = sortedEdits(a.edits);
  const theirs = sortedEdits(b.edits);
  for (let i = 0; i < Math.max(mine.length, theirs.length); i++) {
    const [one, other] = [mine[i], theirs[i]];
    const before = Math.min(one?.before ?? shared, other?.before ?? shared);
    if (before >= shared) break;
    if (!one || !other || !sameEdit(one, other)) return before;
  }
  return shared;
}

/** The step at which a branch left its parent; 0 for one that has none. */
export function leftAt(tree: TraceTree, branch: Branch): number {
  const parent = branch.parent === undefined ? undefined : branchOf(tree, branch.parent);
  return parent ? sharedSteps(branch.trace, parent.trace) : 0;
}

/** Edits by step; those before the same step keep their order, since a later one of a slot wins. */
export function sortedEdits(edits: readonly Edit[]): Edit[] {
  return edits.toSorted((a, b) => a.before - b.before);
}

function sameEdit(a: Edit, b: Edit): boolean {
  return a.before === b.before && a.slot === b.slot && a.id === b.id && a.state === b.state;
}
