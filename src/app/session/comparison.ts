/** Two branches at the same step, computed once per moment: the other's frame, and where the two canvases differ. */
import { branchOf, sharedSteps } from '../../diffusion/branches.ts';
import { type CanvasDiff, Mark } from '../../diffusion/diff.ts';
import type { Trace } from '../../diffusion/trace.ts';
import { diffOf } from '../trace/differs.ts';
import { type Frame, frameAt } from '../trace/frame.ts';
import { currentFrame, useFrame } from './frames.ts';
import { useRun } from './run.ts';

export interface Comparison {
  /** The branch beside the current one. */
  readonly id: number;
  readonly trace: Trace;
  readonly frame: Frame;
  readonly diff: CanvasDiff;
  /** Steps from the start that are the same. */
  readonly shared: number;
}

let known: { left: Frame; trace: Trace; playhead: number; comparison: Comparison } | undefined;

export function currentComparison(): Comparison | undefined {
  const { tree, trace: own, beside, playhead } = useRun.getState();
  const trace = tree && beside !== undefined ? branchOf(tree, beside)?.trace : undefined;
  const left = currentFrame();
  if (!trace || !own || !left || beside === undefined) return undefined;
  if (known?.left !== left || known.trace !== trace || known.playhead !== playhead) {
    const frame = frameAt(trace, playhead);
    const diff = diffOf(own, left.playhead, trace, frame.playhead);
    known = { left, trace, playhead, comparison: { id: beside, trace, frame, diff, shared: sharedSteps(own, trace) } };
  }
  return known.comparison;
}

/** For components: draws again when the moment or the neighbour changes. */
export function useComparison(): Comparison | undefined {
  useFrame();
  useRun((state) => state.beside);
  useRun((state) => state.tree);
  return currentComparison();
}

/** The slots of one side that differ. */
export function diffMarks(side: 'left' | 'right'): ReadonlyMap<number, string> {
  const marks = currentComparison()?.diff[side];
  return new Map(
    Array.from(marks ?? [], (mark, slot) => [slot, mark] as const).flatMap(([slot, mark]) =>
      mark === Mark.Differs ? [[slot, '']] : [],
    ),
  );
}
