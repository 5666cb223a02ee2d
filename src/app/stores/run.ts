/** The run on screen: its Trace, the playhead, the selected slot, and what undo would bring back. */
import { create } from 'zustand';
import type { ErrorData } from '../../diffusion/error.ts';
import type { Trace } from '../../diffusion/trace.ts';

/** Where the Trace came from; the page says so. */
export type Source = 'recorded' | 'live' | 'restored' | 'opened';

export interface Moment {
  readonly trace: Trace;
  readonly playhead: number;
  readonly source: Source;
}

export interface RunState {
  readonly trace: Trace | undefined;
  readonly source: Source;
  readonly playhead: number;
  /** The replay clock runs. */
  readonly playing: boolean;
  /** `waiting`: asked to generate, the model is not there yet; `stopping`: the forward in flight is being finished. */
  readonly status: 'idle' | 'waiting' | 'running' | 'stopping';
  readonly selected: number | undefined;
  readonly hovered: number | undefined;
  readonly error: ErrorData | undefined;
  readonly past: readonly Moment[];
  readonly future: readonly Moment[];
}

export const useRun = create<RunState>(() => ({
  trace: undefined,
  source: 'recorded',
  playhead: 0,
  playing: false,
  status: 'idle',
  selected: undefined,
  hovered: undefined,
  error: undefined,
  past: [],
  future: [],
}));

const UNDO_DEPTH = 50;

function moment({ trace, playhead, source }: RunState): Moment[] {
  return trace ? [{ trace, playhead, source }] : [];
}

/** Shows another Trace; what stood there can be brought back with undo. */
export function replaceTrace(trace: Trace, playhead: number, source: Source): void {
  useRun.setState((state) => ({
    trace,
    source,
    playhead,
    past: [...state.past, ...moment(state)].slice(-UNDO_DEPTH),
    future: [],
    selected: state.selected !== undefined && state.selected < trace.start.ids.length ? state.selected : undefined,
    hovered: undefined,
    error: undefined,
  }));
}

/** Shows a Trace without a trail, as at the start of the page. */
export function showTrace(trace: Trace, playhead: number, source: Source, playing: boolean): void {
  useRun.setState({ trace, source, playhead, playing, selected: undefined, hovered: undefined });
}

export function undo(): void {
  useRun.setState((state) => {
    const last = state.past.at(-1);
    if (!last) return state;
    return { ...last, playing: false, past: state.past.slice(0, -1), future: [...moment(state), ...state.future] };
  });
}

export function redo(): void {
  useRun.setState((state) => {
    const next = state.future[0];
    if (!next) return state;
    return { ...next, playing: false, past: [...state.past, ...moment(state)], future: state.future.slice(1) };
  });
}

/** Moves the playhead by hand, which pauses the replay; a live run goes on being made behind it. */
export function seek(playhead: number): void {
  useRun.setState((state) => ({
    playhead: Math.max(0, Math.min(playhead, state.trace?.steps.length ?? 0)),
    playing: false,
  }));
}

export function select(slot: number | undefined): void {
  if (useRun.getState().selected !== slot) useRun.setState({ selected: slot });
}

export function hover(slot: number | undefined): void {
  if (useRun.getState().hovered !== slot) useRun.setState({ hovered: slot });
}
