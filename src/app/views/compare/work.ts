/** One piece of work at a time in this view: it can be stopped, and a new one takes its place. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import { forgetJudge } from '../../session/comparedModels.ts';
import { useCompute } from '../../session/compute.ts';

interface Work {
  readonly status: 'idle' | 'loading' | 'running';
  readonly error: ErrorData | undefined;
}

export const useWork = create<Work>(() => ({ status: 'idle', error: undefined }));

let current: AbortController | undefined;

export function stopWork(): void {
  current?.abort();
  current = undefined;
  useWork.setState({ status: 'idle' });
}

/** Runs `work` in the place of whatever ran before; what it throws is shown by the view. */
export async function startWork(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  stopWork();
  const own = new AbortController();
  current = own;
  useWork.setState({ status: 'loading', error: undefined });
  try {
    await work(own.signal);
  } catch (cause) {
    if (current === own) {
      const error = UnmaskError.from(cause);
      if (error.code === 'checkpoint' || error.code === 'internal' || error.code === 'device') forgetJudge();
      // A model that did not load is reported by its own notice.
      if (useCompute.getState().status !== 'failed') useWork.setState({ error: error.toJSON() });
    }
  } finally {
    if (current === own) stopWork();
  }
}
