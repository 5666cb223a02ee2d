import { expect, test } from 'vitest';
import { type Estimator, type Sample, summarise } from '../diffusion/likelihood.ts';
import { createCompute } from './client.ts';
import { lineTo, onFallback } from './testing/surroundings.ts';

const TEXT = 'Once upon a time, there was a little girl named Lily. She loved to play with her toys in the park.';
const load = { source: 'stories', model: 'stories', backend: 'fallback' } as const;
const estimators: readonly Estimator[] = [
  { kind: 'count', times: 'low-discrepancy' },
  { kind: 'schedule', schedule: 'cosine-mdlm', curve: '', times: 'low-discrepancy' },
];

test('the shipped model’s NELBO is measured in turns, and two estimators agree', async () => {
  const compute = createCompute(() => lineTo(onFallback));
  await compute.load(load);
  const values: number[][][] = [[], []];
  const order: number[] = [];
  let tokens = 0;
  for await (const event of compute.run('nelbo', { text: TEXT, estimators, batches: 6, size: 8, seed: 1 })) {
    if (event.kind === 'scored') tokens = event.tokens;
    else {
      order.push(event.estimator);
      values[event.estimator]?.push(event.samples.map(({ value }: Sample) => value));
    }
  }
  expect(order).toEqual(Array.from({ length: 12 }, (_, i) => i % 2));
  const [count, cosine] = values.map(summarise);
  if (!count || !cosine) throw new Error('two estimates');
  // The model card says 2.65 nats per token on held-out stories; this is an easy sentence of the same kind.
  expect(count.mean / tokens).toBeGreaterThan(0.8);
  expect(count.mean / tokens).toBeLessThan(3.5);
  const error = Math.hypot(count.standardError, cosine.standardError);
  expect(Math.abs(count.mean - cosine.mean)).toBeLessThan(4 * error);
  compute.dispose();
});

test('measuring stops when asked, goes on beside a tokenizer, and needs a text', async () => {
  const compute = createCompute(() => lineTo(onFallback));
  await compute.load(load);
  const stop = new AbortController();
  const run = compute.run('nelbo', { text: TEXT, estimators, batches: 1000, size: 2, seed: 1 }, stop.signal);
  expect((await run.next()).value).toMatchObject({ kind: 'scored' });
  expect((await compute.tokenize('Once')).ids.length).toBeGreaterThan(0);
  stop.abort();
  let last = await run.next();
  while (!last.done) last = await run.next();
  expect(last.value).toEqual({ stopped: true });
  const empty = compute.run('nelbo', { text: '', estimators, batches: 1, size: 2, seed: 1 });
  await expect(empty.next()).rejects.toMatchObject({ code: 'canvas' });
  compute.dispose();
});
