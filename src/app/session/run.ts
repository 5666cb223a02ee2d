/**
 * The run on screen: a tree of branches, the Trace of the one being looked at, the playhead, the selected slot, and what
 * undo would bring back. `trace` and `source` are always those of the tree's current branch.
 */
import { create } from 'zustand';
import {
  branchOf,
  currentTrace,
  type TraceTree,
  treeOf,
  withBranch,
  withName,
  withoutBranch,
  withTrace,
} from '../../diffusion/branches.ts';
import { type ErrorData, UnmaskError } from '../../diffusion/error.ts';
import { slotsOf } from '../../diffusion/replay.ts';
import type { Trace } from '../../diffusion/trace.ts';
import { UNDO_BYTES, withinBytes } from './undo-bytes.ts';

/** Where a Trace came from; the page says so. */
export type Source = 'recorded' | 'live' | 'restored' | 'opened';
/** By the id of the branch. */
export type Sources = Readonly<Record<number, Source>>;

export interface Moment {
  readonly tree: TraceTree;
  readonly sources: Sources;
  readonly playhead: number;
}

export interface RunState {
  readonly tree: TraceTree | undefined;
  readonly sources: Sources;
  readonly trace: Trace | undefined;
  readonly source: Source;
  readonly playhead: number;
  /** The replay clock runs. */
  readonly playing: boolean;
  /** `waiting`: asked to generate, the model is not there yet; `stopping`: the forward in flight is being finished. */
  readonly status: 'idle' | 'waiting' | 'running' | 'stopping';
  /** The branch that the model writes on at the moment. */
  readonly writing: number | undefined;
  /** The branch laid beside the current one. */
  readonly beside: number | undefined;
  readonly selected: number | undefined;
  readonly hovered: number | undefined;
  /** Slots of the finished text that were rubbed out last and written anew; empty when something else was done since. */
  readonly rubbedOut: readonly number[];
  readonly error: ErrorData | undefined;
  readonly past: readonly Moment[];
  readonly future: readonly Moment[];
}

export const useRun = create<RunState>(() => ({
  tree: undefined,
  sources: {},
  trace: undefined,
  source: 'recorded',
  playhead: 0,
  playing: false,
  status: 'idle',
  writing: undefined,
  beside: undefined,
  selected: undefined,
  hovered: undefined,
  rubbedOut: [],
  error: undefined,
  past: [],
  future: [],
}));

const UNDO_DEPTH = 50;

/** The newest moments of a trail that are few enough and whose steps take no more memory than a page can spare. */
const trail = (past: readonly Moment[]): readonly Moment[] => withinBytes(past.slice(-UNDO_DEPTH), UNDO_BYTES);

function moment({ tree, sources, playhead }: RunState): Moment[] {
  return tree ? [{ tree, sources, playhead }] : [];
}

/** What follows from another tree; a selection or a neighbour that it does not have is let go. */
function showing(state: RunState, tree: TraceTree, sources: Sources): Partial<RunState> {
  const trace = currentTrace(tree);
  const { selected, beside } = state;
  return {
    tree,
    sources,
    trace,
    source: sources[tree.current] ?? 'opened',
    beside: beside !== undefined && beside !== tree.current && branchOf(tree, beside) ? beside : undefined,
    selected: selected !== undefined && selected < slotsOf(trace) ? selected : undefined,
  };
}

/** Shows what `change` makes of the tree; what stood there can be brought back with undo. */
function undoable(playhead: number | undefined, change: (state: RunState) => [TraceTree, Sources]): void {
  useRun.setState((state) => {
    const shown = { ...state, ...showing(state, ...change(state)) };
    const last = shown.trace?.steps.length ?? 0;
    return {
      ...shown,
      playhead: Math.min(playhead ?? state.playhead, last),
      past: trail([...state.past, ...moment(state)]),
      future: [],
      hovered: undefined,
      rubbedOut: [],
      error: undefined,
    };
  });
}

/** An empty sheet; undo brings back what stood there. */
export function clearRun(): void {
  useRun.setState((state) => ({
    tree: undefined,
    sources: {},
    trace: undefined,
    playhead: 0,
    playing: false,
    beside: undefined,
    selected: undefined,
    hovered: undefined,
    rubbedOut: [],
    error: undefined,
    past: trail([...state.past, ...moment(state)]),
    future: [],
  }));
}

/** Shows another tree. */
export function replaceTree(tree: TraceTree, playhead: number, source: Source): void {
  undoable(playhead, () => [tree, Object.fromEntries(tree.branches.map(({ id }) => [id, source]))]);
}

/** Shows another Trace in the place of the current one. */
export function replaceTrace(trace: Trace, playhead: number, source: Source): void {
  undoable(playhead, ({ tree, sources }) =>
    tree
      ? [withTrace(tree, tree.current, trace), { ...sources, [tree.current]: source }]
      : [treeOf(trace), { 0: source }],
  );
}

/** Adds a branch to the current one, or without a parent, and shows it. False, with a sentence, when the tree is full. */
export function addBranch(trace: Trace, playhead: number, source: Source, root = false): boolean {
  try {
    undoable(playhead, ({ tree, sources }) => {
      if (!tree) return [treeOf(trace), { 0: source }];
      const grown = withBranch(tree, trace, root ? undefined : tree.current);
      return [grown, { ...sources, [grown.current]: source }];
    });
    return true;
  } catch (cause) {
    useRun.setState({ error: UnmaskError.from(cause).toJSON() });
    return false;
  }
}

export function removeBranch(id: number): void {
  if ((useRun.getState().tree?.branches.length ?? 0) > 1) {
    undoable(undefined, ({ tree, sources }) => [withoutBranch(tree as TraceTree, id), sources]);
  }
}

export function renameBranch(id: number, name: string): void {
  const { tree } = useRun.getState();
  if (!tree || branchOf(tree, id)?.name === name.trim()) return;
  undoable(undefined, ({ sources }) => [withName(tree, id, name), sources]);
}

/** Puts the line of a branch that grows, on screen or not, in the place of the one before. Undo does not count steps. */
export function growBranch(id: number, trace: Trace, source: Source = 'live'): void {
  useRun.setState((state) => {
    if (!state.tree || !branchOf(state.tree, id)) return state;
    return showing(state, withTrace(state.tree, id, trace), { ...state.sources, [id]: source });
  });
}

/** Looks at another branch, at the same step. The one that stood beside it changes sides. */
export function showBranch(id: number): void {
  useRun.setState((state) => {
    const { tree, beside } = state;
    if (!tree || tree.current === id || !branchOf(tree, id)) return state;
    const swapped = { ...state, beside: beside === id ? tree.current : beside };
    const shown = showing(swapped, { ...tree, current: id }, state.sources);
    return {
      ...shown,
      playhead: Math.min(state.playhead, shown.trace?.steps.length ?? 0),
      playing: false,
      hovered: undefined,
    };
  });
}

/** Lays a branch beside the current one, or takes it away. */
export function layBeside(id: number | undefined): void {
  useRun.setState((state) => {
    const beside = id === state.tree?.current ? undefined : id;
    return { beside, playhead: Math.min(state.playhead, longest({ ...state, beside })) };
  });
}

/** Shows a tree without a trail, as at the start of the page. */
export function showTree(tree: TraceTree, playhead: number, source: Source, playing: boolean): void {
  const sources = Object.fromEntries(tree.branches.map(({ id }) => [id, source]));
  useRun.setState((state) => ({
    ...showing(state, tree, sources),
    playhead,
    playing,
    selected: undefined,
    hovered: undefined,
  }));
}

/** Goes to another moment; one that was kept with other branches brings those back as well. */
function goTo(state: RunState, { tree, sources, playhead }: Moment): Partial<RunState> {
  return { ...showing(state, tree, sources), playhead, playing: false, hovered: undefined, rubbedOut: [] };
}

export function undo(): void {
  useRun.setState((state) => {
    const last = state.past.at(-1);
    if (!last) return state;
    return { ...goTo(state, last), past: state.past.slice(0, -1), future: [...moment(state), ...state.future] };
  });
}

export function redo(): void {
  useRun.setState((state) => {
    const next = state.future[0];
    if (!next) return state;
    return { ...goTo(state, next), past: [...state.past, ...moment(state)], future: state.future.slice(1) };
  });
}

/**
 * Moves the playhead by hand, which pauses the replay; a live run goes on being made behind it. At its end one stays with
 * it, or End would leave the playhead at a step that is the last for a moment only.
 */
export function seek(playhead: number): void {
  useRun.setState((state) => ({
    playhead: Math.max(0, Math.min(playhead, longest(state))),
    playing: state.status !== 'idle' && playhead >= longest(state),
  }));
}

/** The Trace that lies beside the current one. */
export function traceBeside({ tree, beside }: Pick<RunState, 'tree' | 'beside'>): Trace | undefined {
  return tree && beside !== undefined ? branchOf(tree, beside)?.trace : undefined;
}

/** With a branch beside it, time runs to the end of the longer one. */
export function longest(state: RunState): number {
  return Math.max(state.trace?.steps.length ?? 0, traceBeside(state)?.steps.length ?? 0);
}

export function select(slot: number | undefined): void {
  if (useRun.getState().selected !== slot) useRun.setState({ selected: slot });
}

export function hover(slot: number | undefined): void {
  if (useRun.getState().hovered !== slot) useRun.setState({ hovered: slot });
}
