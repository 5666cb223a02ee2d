/** Has texts written and makes a Trace of each: what the race and the columns are drawn from. */
import type { Trace } from '../../diffusion/trace.ts';
import type { ComparedRun, Written } from '../../worker/protocol.ts';
import { beginTrace, withStep } from '../trace/record.ts';
import { loadPair } from './comparedModels.ts';
import { compute, loadModel } from './compute.ts';

export interface TracedRun {
  readonly writer: ComparedRun['writer'];
  readonly trace: Trace;
  /** Once it is finished. */
  readonly result: Written | undefined;
}

interface Options {
  readonly judge: boolean;
  /** Who appends; the judge unless told. */
  readonly rival?: string | undefined;
  readonly signal: AbortSignal;
  /** Each step of all of them is one batch; not where times are to be compared. */
  readonly together?: boolean;
  /** Called with number and run whenever something was written. */
  readonly onRun: (at: number, run: TracedRun) => void;
  /** The models are here. */
  readonly onReady: () => void;
}

/** Resolves when all are written or the signal has aborted. Throws `UnmaskError`. */
export async function compareRuns(
  runs: readonly ComparedRun[],
  { judge, rival, together = false, signal, onRun, onReady }: Options,
): Promise<void> {
  // The judge is needed where it writes, too.
  const needsJudge = judge || runs.some(({ writer }) => writer === 'append');
  const { set, append = set } = needsJudge ? await loadPair(rival) : { set: await loadModel() };
  if (signal.aborted) return;
  onReady();
  const model = { set, append };
  const worker = await compute();
  const adapts = runs.some(({ adapter }) => adapter !== undefined);
  const traces: Trace[] = [];
  for await (const event of worker.run('compare', { runs, steps: true, judge, together }, signal)) {
    const { writer, settings, adapter } = runs[event.run] as ComparedRun;
    let trace = traces[event.run];
    if (event.kind === 'run') {
      const own = adapts && writer === 'set' ? { ...model.set, adapter } : model[writer];
      trace = { ...beginTrace(settings, own, event.start, event.pieces), maskId: event.maskId };
    } else if (event.kind === 'runStep' && trace) {
      trace = withStep(trace, event.step, event.pieces);
    }
    if (!trace) continue;
    traces[event.run] = trace;
    onRun(event.run, { writer, trace, result: event.kind === 'written' ? event.result : undefined });
  }
}
