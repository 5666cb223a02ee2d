/** The bench as the page sees it: what was chosen, the run that is going on, and what it has measured. */
import { create } from 'zustand';
import { type BenchProgress, type RunningBench, startBench } from '../../../bench/client.ts';
import type { Report } from '../../../bench/report.ts';
import type { SizeName } from '../../../bench/sizes.ts';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';

type Phase = 'idle' | 'running' | 'stopped' | 'done' | 'failed';

interface BenchState {
  readonly size: SizeName;
  readonly quick: boolean;
  readonly phase: Phase;
  readonly report: Report | undefined;
  readonly doing: BenchProgress['doing'] | undefined;
  /** Share that is done, 0 to 1. */
  readonly done: number;
  /** Seconds still to go, once enough is done to tell. */
  readonly left: number | undefined;
  readonly error: ErrorData | undefined;
}

/** Rounds of a full run; generations take half of them. */
const ROUNDS = 10;
const QUICK_ROUNDS = 3;

export const useBench = create<BenchState>(() => ({
  size: 'narrow',
  quick: true,
  phase: 'idle',
  report: undefined,
  doing: undefined,
  done: 0,
  left: undefined,
  error: undefined,
}));

let running: RunningBench | undefined;

export function runBench(): void {
  running?.stop();
  const { size, quick } = useBench.getState();
  useBench.setState({
    phase: 'running',
    report: undefined,
    doing: undefined,
    done: 0,
    left: undefined,
    error: undefined,
  });
  const rest = timer();
  const run = startBench({ size, quick, rounds: quick ? QUICK_ROUNDS : ROUNDS }, ({ report, doing, done }) => {
    if (running === run) useBench.setState({ report, doing, done, left: rest(done) });
  });
  running = run;
  run.result.then(
    (report) =>
      running === run && useBench.setState({ phase: 'done', report, done: 1, doing: undefined, left: undefined }),
    (error: unknown) =>
      running === run && useBench.setState({ phase: 'failed', error: UnmaskError.from(error).toJSON() }),
  );
}

/** What was measured stays. */
export function stopBench(): void {
  if (useBench.getState().phase !== 'running') return;
  running?.stop();
  running = undefined;
  useBench.setState({ phase: 'stopped', doing: undefined, left: undefined });
}

/** Seconds left, from the time since the first share was done; undefined until 3 % more are. */
function timer(): (done: number) => number | undefined {
  let first: { readonly at: number; readonly done: number } | undefined;
  return (done) => {
    if (done === 0) return undefined;
    first ??= { at: performance.now(), done };
    const more = done - first.done;
    return more < 0.03 ? undefined : ((performance.now() - first.at) / 1000 / more) * (1 - done);
  };
}
