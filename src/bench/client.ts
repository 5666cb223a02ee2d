/**
 * The page's end of a bench: a worker of its own for each run, so that stopping is ending the worker, and whatever the
 * programs keep on the card goes with it.
 */
import { UnmaskError } from '../diffusion/error.ts';
import { Client } from '../rpc/client.ts';
import { lineTo } from '../rpc/line.ts';
import type { Report } from './report.ts';
import type { BenchOptions, BenchProgress } from './run.ts';

export type { BenchOptions, BenchProgress } from './run.ts';

export interface BenchJobs {
  bench: {
    readonly request: BenchOptions;
    readonly event:
      | { readonly kind: 'progress'; readonly progress: BenchProgress }
      | { readonly kind: 'report'; readonly report: Report };
  };
}

export interface RunningBench {
  /** Rejects with an `UnmaskError` (device), or with an `AbortError` once stopped. */
  readonly result: Promise<Report>;
  stop(): void;
}

export function startBench(options: BenchOptions, onProgress: (progress: BenchProgress) => void): RunningBench {
  const client = new Client<BenchJobs>(() =>
    lineTo(new Worker(new URL('./bench.worker.ts', import.meta.url), { type: 'module', name: 'bench' })),
  );
  const run = async () => {
    try {
      for await (const event of client.run('bench', options)) {
        if (event.kind === 'report') return event.report;
        onProgress(event.progress);
      }
      throw UnmaskError.from(new Error('The bench ended without a report.'));
    } finally {
      client.dispose();
    }
  };
  return { result: run(), stop: () => client.dispose() };
}
