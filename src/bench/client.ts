/**
 * The page's end of a bench: a worker of its own for each run, so that stopping is ending the worker, and whatever the
 * programs keep on the card goes with it.
 */
import { type ErrorData, UnmaskError } from '../diffusion/error.ts';
import type { Report } from './report.ts';
import type { BenchOptions, BenchProgress } from './run.ts';

export type { BenchOptions, BenchProgress } from './run.ts';

export type BenchEvent =
  | { readonly kind: 'progress'; readonly progress: BenchProgress }
  | { readonly kind: 'done'; readonly report: Report }
  | { readonly kind: 'failed'; readonly error: ErrorData };

export interface RunningBench {
  /** Resolves at the end, or never once stopped. Rejects with an `UnmaskError`: device. */
  readonly result: Promise<Report>;
  stop(): void;
}

export function startBench(options: BenchOptions, onProgress: (progress: BenchProgress) => void): RunningBench {
  const worker = new Worker(new URL('./bench.worker.ts', import.meta.url), { type: 'module', name: 'bench' });
  const result = new Promise<Report>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<BenchEvent>) => {
      if (data.kind === 'progress') return onProgress(data.progress);
      worker.terminate();
      if (data.kind === 'done') resolve(data.report);
      else reject(new UnmaskError(data.error));
    };
    worker.onerror = ({ message }) => {
      worker.terminate();
      reject(UnmaskError.from(new Error(message ?? 'The script of the bench could not be loaded.')));
    };
  });
  worker.postMessage(options);
  return { result, stop: () => worker.terminate() };
}
