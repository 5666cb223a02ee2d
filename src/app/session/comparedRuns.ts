/** Has texts written one after the other and makes a Trace of each: what the race and the columns are drawn from. */
import type { Trace } from '../../diffusion/trace.ts';
import type { Lane, Written } from '../../worker/protocol.ts';
import { beginTrace, withStep } from '../trace/record.ts';
import { loadPair } from './comparedModels.ts';
import { compute, loadModel } from './compute.ts';

export interface LaneRun {
  readonly writer: Lane['writer'];
  readonly trace: Trace;
  /** Once it is finished. */
  readonly result: Written | undefined;
}

interface Options {
  readonly judge: boolean;
  readonly signal: AbortSignal;
  /** Called with lane number and run whenever something was written. */
  readonly onRun: (lane: number, run: LaneRun) => void;
  /** The models are here. */
  readonly onReady: () => void;
}

/** Resolves when all are written or the signal has aborted. Throws `UnmaskError`. */
export async function runLanes(lanes: readonly Lane[], { judge, signal, onRun, onReady }: Options): Promise<void> {
  // The twin is needed where it writes or judges.
  const needsTwin = judge || lanes.some(({ writer }) => writer === 'append');
  const { set, append = set } = needsTwin ? await loadPair() : { set: await loadModel() };
  if (signal.aborted) return;
  onReady();
  const model = { set, append };
  const worker = await compute();
  let trace: Trace | undefined;
  for await (const event of worker.run('compare', { lanes, steps: true, judge }, signal)) {
    const { writer, settings } = lanes[event.lane] as Lane;
    if (event.kind === 'lane') {
      trace = { ...beginTrace(settings, model[writer], event.start, event.pieces), maskId: event.maskId };
    } else if (event.kind === 'laneStep' && trace) {
      trace = withStep(trace, event.step, event.pieces);
    }
    if (trace) onRun(event.lane, { writer, trace, result: event.kind === 'written' ? event.result : undefined });
  }
}
