import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { memoryDisk } from '../checkpoint/store/disk.ts';
import { Store } from '../checkpoint/store/store.ts';
import { serveHub } from '../checkpoint/testing/hub-server.ts';
import type { EngineDevice } from '../engine/device.ts';
import { createCompute, type Line } from './client.ts';
import type { Compute, EventOf, JobKind, RequestOf } from './protocol.ts';
import { Session, type Surroundings } from './session.ts';
import { lineTo, onFallback } from './testing/surroundings.ts';

const names = ['config.json', 'tokenizer.json', 'model.safetensors'];
const bytesOf = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../public/models/stories/${name}`, import.meta.url)));
const files = new Map(names.map((name) => [name, bytesOf(name)]));
const id = 'people/stories';

function open(disk = memoryDisk(), more: Partial<Surroundings> = {}): Compute {
  return createCompute((): Line => lineTo({ ...onFallback, store: async () => new Store(disk), ...more }));
}

async function all<K extends JobKind>(compute: Compute, kind: K, request: RequestOf<K>, signal?: AbortSignal) {
  const events: EventOf<K>[] = [];
  for await (const event of compute.run(kind, request, signal)) events.push(event);
  return events;
}

async function storageOf(compute: Compute) {
  const [event] = await all(compute, 'storage', {});
  return event!.storage;
}

test('a model is looked up, fetched while another loads, loaded from the store, and deleted', async () => {
  await using hub = await serveHub(id, files);
  const compute = open();
  const address = { endpoint: hub.endpoint, id };
  const [found] = await all(compute, 'lookUp', { address });
  expect(found?.model).toMatchObject({ id, have: 0, bytes: [...files.values()].reduce((sum, f) => sum + f.length, 0) });
  expect(found!.model.sizes.int8).toBeLessThan(0.7 * found!.model.sizes.f16);

  const loading = compute.load({ source: 'stories', model: 'stories', backend: 'fallback' });
  const events = await all(compute, 'download', { address });
  await loading;
  expect(events.at(-1)).toMatchObject({ kind: 'fetched', item: { name: id, complete: true } });
  expect(events.filter(({ kind }) => kind === 'fetching').length).toBeGreaterThan(2);

  const { items } = await storageOf(compute);
  expect(items).toMatchObject([{ name: id, sizes: found!.model.sizes }]);
  const model = await compute.load({ source: { stored: items[0]!.key }, model: id, backend: 'fallback' });
  expect(model).toMatchObject({ id, parameters: found!.model.parameters });
  expect((await compute.tokenize('Once')).ids.length).toBeGreaterThan(0);

  await all(compute, 'remove', { key: items[0]!.key });
  expect((await storageOf(compute)).items).toEqual([]);
  const again = compute.load({ source: { stored: items[0]!.key }, model: id, backend: 'fallback' });
  await expect(again).rejects.toMatchObject({ code: 'storage' });
  compute.dispose();
});

test('a model says before its download whether it fits the card', async () => {
  await using hub = await serveHub(id, files);
  const card = (bytes: number) => {
    const limits = { maxStorageBufferBindingSize: bytes, maxBufferSize: bytes };
    const device = { gpu: { limits } } as EngineDevice;
    return open(memoryDisk(), { device: async () => ({ device, giveBack: () => undefined }) });
  };
  const lookUp = async (compute: Compute) => {
    const [found] = await all(compute, 'lookUp', { address: { endpoint: hub.endpoint, id } });
    return found!.model.fits;
  };
  expect(await lookUp(open())).toBeUndefined();
  expect((await lookUp(card(2 ** 27)))!.stored).toMatchObject({ fits: true, obstacle: undefined });
  const small = (await lookUp(card(250_000)))!.stored;
  expect(small).toMatchObject({ fits: false, obstacle: { kind: 'buffer', allowed: 250_000 } });
});

test('a stopped download stays in the list as begun, and another page goes on with it', async () => {
  await using hub = await serveHub(id, files);
  hub.fault = ({ kind, name, start }) =>
    kind === 'store' && name === 'model.safetensors' && start === 0 && hub.requests.at(-1)!.end > 1e6
      ? { silentAfter: 3_000_000 }
      : undefined;
  const disk = memoryDisk();
  const address = { endpoint: hub.endpoint, id };
  const compute = open(disk);
  const stop = new AbortController();
  for await (const event of compute.run('download', { address }, stop.signal)) {
    if (event.kind === 'fetching' && event.progress.loaded > 2_000_000) stop.abort();
  }
  await expect.poll(async () => (await storageOf(compute)).items[0]?.have).toBeGreaterThan(2_000_000);
  expect((await storageOf(compute)).items).toMatchObject([{ name: id, complete: false, sizes: undefined }]);
  compute.dispose();

  const other = open(disk);
  const [found] = await all(other, 'lookUp', { address });
  expect(found!.model.have).toBeGreaterThan(2_000_000);
  await all(other, 'download', { address });
  expect((await storageOf(other)).items).toMatchObject([{ complete: true }]);
  other.dispose();
});

/** Node cannot clone a `File` through a port, so these requests go to the session as they are. */
function withoutPort(): Compute {
  return createCompute(() => {
    const session = new Session(onFallback, (event) => line.onEvent?.(event));
    const line: Line = {
      post: (request) => session.receive(request),
      onEvent: undefined,
      onCrash: undefined,
      close: () => void session.dispose(),
    };
    return line;
  });
}

test('chosen files are used as they are, or kept under a name; what is no model is not kept', async () => {
  const compute = withoutPort();
  const chosen = [...files].map(([name, bytes]) => new File([bytes], name));
  const model = await compute.load({ source: { files: chosen }, model: 'mine', backend: 'fallback' });
  expect(model.id).toBe('mine');
  const events = await all(compute, 'keepFiles', { name: 'mine', files: chosen });
  expect(events.at(-1)).toMatchObject({ kind: 'fetched', item: { name: 'mine', complete: true } });
  const { items } = await storageOf(compute);
  await compute.load({ source: { stored: items[0]!.key }, model: 'mine', backend: 'fallback' });
  const half = chosen.map((file) =>
    file.name === 'model.safetensors' ? new File([file.slice(0, 1e6)], file.name) : file,
  );
  await expect(all(compute, 'keepFiles', { name: 'half', files: half })).rejects.toMatchObject({ code: 'checkpoint' });
  expect((await storageOf(compute)).items).toHaveLength(1);
  compute.dispose();
});
