/**
 * What was stored before opens as it did: `testing/stored` is a browser's storage (a model, and a run that was stopped
 * after two of four steps) and a classroom pack, written by the code of commit 46d9976. The expected numbers are those
 * that the same code gave when it went on from there.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openPack } from '../checkpoint/pack.ts';
import { type Disk, memoryDisk } from '../checkpoint/store/disk.ts';
import { Store } from '../checkpoint/store/store.ts';
import { createCompute } from './client.ts';
import type { Compute, EventOf, JobKind, RequestOf } from './protocol.ts';
import { sweep } from './sweep.ts';
import { lineTo, onFallback } from './testing/surroundings.ts';

const here = new URL('testing/stored/', import.meta.url);
const KEY = 'model:class/tiny@62f59395acc436b775dc9621ff07dbe086dbdb6c';
/** Kernels may add up in another order. */
const close = (value: number) => expect.closeTo(value, 4);

async function storedDisk(): Promise<Disk> {
  const disk = memoryDisk();
  for (const name of readdirSync(new URL('store/', here)))
    await disk.put(name, new Uint8Array(readFileSync(new URL(`store/${name}`, here))));
  return disk;
}

const open = (disk: Disk) => createCompute(() => lineTo({ ...onFallback, store: async () => new Store(disk) }));

async function all<K extends JobKind>(compute: Compute, kind: K, request: RequestOf<K>) {
  const events: EventOf<K>[] = [];
  for await (const event of compute.run(kind, request)) events.push(event);
  return events;
}

test('a stored model is listed, stays when the storage is swept, and is loaded', async () => {
  const disk = await storedDisk();
  const names = (await disk.names()).toSorted();
  await sweep(new Store(disk));
  expect((await disk.names()).toSorted()).toEqual(names);
  const compute = open(disk);
  const [event] = await all(compute, 'storage', {});
  expect(event?.storage.items).toMatchObject([
    { key: KEY, name: 'class/tiny', kind: 'model', complete: true, have: 19_803, bytes: 19_803 },
  ]);
  const model = await compute.load({ source: { stored: KEY }, model: 'class/tiny', backend: 'fallback' });
  expect(model).toMatchObject({ id: 'class/tiny', parameters: 3549 });
  expect((await compute.tokenize('the cat')).pieces).toEqual(['t', 'h', 'e', ' ', 'c', 'a', 't']);
  compute.dispose();
});

test('a stored run is listed with what was seen of it, and goes on with the losses that it would have had', async () => {
  const disk = await storedDisk();
  const compute = open(disk);
  const [listed] = await all(compute, 'runs', {});
  expect(listed?.runs).toMatchObject([{ id: 'old', name: 'cats', step: 2 }]);
  const [run] = listed?.runs ?? [];
  expect(run?.settings).toMatchObject({ init: 'class/tiny', steps: 4, batch: 2, length: 16, seed: 42 });
  expect(run?.facts).toMatchObject({ parameters: 3549, trainRows: 29, heldOutRows: 5 });
  expect(run?.journal.points.map(({ step, loss }) => [step, loss])).toEqual([
    [1, 5.821492671966553],
    [2, 4.409468650817871],
  ]);
  expect(run?.journal.evaluations.map(({ step }) => step)).toEqual([0, 2]);
  expect(run?.journal.samples[0]?.pieces).toHaveLength(16);

  const events = (await all(compute, 'train', { run: 'old', backend: 'fallback' })).map(({ event }) => event);
  expect(events.flatMap((event) => (event.kind === 'step' ? [[event.step, event.loss]] : []))).toEqual([
    [3, close(6.61275577545166)],
    [4, close(4.601667404174805)],
  ]);
  expect(events.flatMap((event) => (event.kind === 'evaluated' ? [event.nelbo] : []))).toEqual([
    close(5.5647024677633254),
  ]);
  expect(events.at(-1)).toMatchObject({ kind: 'ended', reason: 'steps', step: 4 });
  const [kept] = await all(compute, 'keepRun', { run: 'old' });
  expect(kept).toMatchObject({ model: 'cats', step: 4 });
  compute.dispose();
});

test('a classroom pack brings its model, its file of the page and its lesson', async () => {
  const disk = memoryDisk();
  const pack = new Blob([readFileSync(new URL('pack.tar', here))]);
  const app: string[] = [];
  const opened = await openPack(new Store(disk), pack, async ({ path, bytes }) => {
    app.push(`${path} ${bytes.length}`);
  });
  expect(app).toEqual(['models/tiny/config.json 635']);
  expect(opened).toMatchObject({
    models: ['class/tiny'],
    lessons: [{ title: 'The first step', link: '#/generate?v=2&length=8&seed=1' }],
  });
  const compute = open(disk);
  const [event] = await all(compute, 'storage', {});
  const [item] = event?.storage.items ?? [];
  expect(item).toMatchObject({ name: 'class/tiny', complete: true, bytes: 19_803 });
  const model = await compute.load({ source: { stored: item!.key }, model: 'class/tiny', backend: 'fallback' });
  expect(model.parameters).toBe(3549);
  compute.dispose();
});
