/** The estimators that the view compares, and a measurement of them on the loaded model as it fills. */
import { type Estimator, summarise } from '../../../diffusion/likelihood.ts';
import { SCHEDULE_CHOICES } from '../../../diffusion/settings.ts';
import { TIMES } from '../../../diffusion/times.ts';
import { compute, loadModel } from '../../session/compute.ts';
import type { Row } from './measured.ts';

/** Exact counts and every schedule, each with both kinds of times. */
export function estimatorsWith(curve: string): Estimator[] {
  return [
    ...TIMES.map((times) => ({ kind: 'count' as const, times })),
    ...SCHEDULE_CHOICES.flatMap((schedule) =>
      TIMES.map((times) => ({ kind: 'schedule' as const, schedule, curve, times })),
    ),
  ];
}

export interface Progress {
  readonly text: string;
  readonly tokens: number;
  readonly rows: readonly Row[];
  /** Batches done, and of how many. */
  readonly done: number;
  readonly total: number;
  readonly device: string;
}

export const BATCH = 8;

/** Yields after every batch. Throws `UnmaskError`. */
export async function* measure(
  text: string,
  curve: string,
  { batches, seed }: { readonly batches: number; readonly seed: number },
  signal: AbortSignal,
): AsyncGenerator<Progress, void> {
  const { device } = await loadModel();
  const estimators = estimatorsWith(curve);
  const values: number[][][] = estimators.map(() => []);
  const total = estimators.length * batches;
  let [tokens, done] = [0, 0];
  const request = { text, estimators, batches, size: BATCH, seed };
  for await (const event of (await compute()).run('nelbo', request, signal)) {
    if (event.kind === 'scored') tokens = event.tokens;
    else {
      values[event.estimator]?.push(event.samples.map(({ value }) => value));
      done++;
    }
    const rows = estimators.map((estimator, i) => ({ estimator, ...summarise(values[i] ?? []) }));
    yield { text, tokens, rows, done, total, device: device.device };
  }
}
