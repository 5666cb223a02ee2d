import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { memorySource } from '../sources.ts';
import { BlobWriter, blobName, journalName } from './blob.ts';
import { memoryDisk } from './disk.ts';
import { type Checksum, hasher } from './hash.ts';
import { Store } from './store.ts';

const bytesOf = (length: number, factor: number) => new Uint8Array(length).map((_, i) => (i * factor) >> 3);
const large = bytesOf(9_000_001, 7);
const files = new Map([
  ['config.json', new TextEncoder().encode('{}')],
  ['model.safetensors', large],
]);
const sumOf = (bytes: Uint8Array): Checksum => ({
  kind: 'sha256',
  hex: createHash('sha256').update(bytes).digest('hex'),
});

test('files put into the store come out as they were, by whole and by part', async () => {
  const store = new Store(memoryDisk());
  const seen: [number, number][] = [];
  const names = ['config.json', 'absent.json', 'model.safetensors'];
  const item = await store.put('mine', memorySource(files, 'here'), names, {
    onProgress: (loaded, total) => seen.push([loaded, total]),
  });
  expect(item.files.map(({ name }) => name)).toEqual(['config.json', 'model.safetensors']);
  expect(seen.at(-1)).toEqual([2 * item.bytes, 2 * item.bytes]);
  const source = await store.source(item.key);
  expect(await source.size('model.safetensors')).toBe(large.length);
  expect(await source.readAll('model.safetensors', { maxBytes: 1000 })).toBe('large');
  expect(await source.readAll('absent.json')).toBe('missing');
  const [start, end] = [4_194_300, 8_388_700];
  expect(Buffer.compare(await source.read('model.safetensors', start, end), large.subarray(start, end))).toBe(0);
  await expect(source.read('absent.json', 0, 1)).rejects.toMatchObject({ code: 'checkpoint' });
});

test('equal files are kept once, and go with the last item that needs them', async () => {
  const store = new Store(memoryDisk());
  const one = await store.put('one', memorySource(files, 'here'), [...files.keys()]);
  const other = new Map([...files, ['config.json', new TextEncoder().encode('{"a":1}')]]);
  const two = await store.put('two', memorySource(other, 'here'), [...other.keys()]);
  expect((await store.list()).map(({ name }) => name).sort()).toEqual(['one', 'two']);
  // The notes about them count, too: a record twice, and a journal for each file.
  expect(await store.total()).toBeGreaterThan(large.length + 2 + 7);
  expect(await store.total()).toBeLessThan(large.length + 5000);
  await store.remove(one.key);
  const source = await store.source(two.key);
  expect(Buffer.compare((await source.readAll('model.safetensors')) as Uint8Array, large)).toBe(0);
  await store.remove(two.key);
  expect(await store.disk.names()).toEqual([]);
});

test('a download that crashed goes on from its last journal, whatever had been written after it', async () => {
  const disk = memoryDisk();
  const crashed = await BlobWriter.open(disk, sumOf(large), large.length);
  await crashed.append(large.subarray(0, 8_500_000));
  await crashed.append(large.subarray(8_500_000, 8_900_000)); // never journaled: no close
  const resumed = await BlobWriter.open(disk, sumOf(large), large.length);
  expect(resumed.have).toBe(8_500_000);
  await resumed.append(large.subarray(resumed.have));
  await resumed.finish('model.safetensors');
  await resumed.close();
  expect((await disk.open(blobName(sumOf(large))))?.size).toBe(large.length);
});

test.each([
  ['torn', '{"size": 90'],
  ['of another file', '{"size":1,"durable":1,"state":"","verified":true}'],
  ['that promises more than there is', `{"size":${large.length},"durable":8999999,"state":"","verified":true}`],
])('a journal %s is not believed', async (_, words) => {
  const disk = memoryDisk();
  await disk.put(journalName(sumOf(large)), new TextEncoder().encode(words));
  await disk.put(blobName(sumOf(large)), large.subarray(0, 100));
  const writer = await BlobWriter.open(disk, sumOf(large), large.length);
  expect(writer.have).toBe(0);
});

test('a sum whose state cannot be read is computed again from what is there', async () => {
  const disk = memoryDisk();
  const journal = { size: large.length, durable: 5_000_000, state: 'abcd', verified: false };
  await disk.put(journalName(sumOf(large)), new TextEncoder().encode(JSON.stringify(journal)));
  await disk.put(blobName(sumOf(large)), large.subarray(0, 6_000_000));
  const writer = await BlobWriter.open(disk, sumOf(large), large.length);
  expect(writer.have).toBe(5_000_000);
  await writer.append(large.subarray(5_000_000));
  await writer.finish('model.safetensors');
});

test('more bytes than promised, and other bytes than promised, are refused', async () => {
  const disk = memoryDisk();
  const writer = await BlobWriter.open(disk, sumOf(large), large.length);
  await writer.append(large.subarray(1));
  await expect(writer.append(large.subarray(0, 2))).rejects.toThrow(RangeError);
  await writer.append(large.subarray(0, 1));
  await expect(writer.finish('model.safetensors')).rejects.toMatchObject({ code: 'checkpoint' });
  await writer.close();
  expect((await disk.open(blobName(sumOf(large))))?.size).toBe(0);
});

test('a record whose two copies are torn is not listed, and is swept', async () => {
  const disk = memoryDisk();
  const store = new Store(disk);
  await store.put('mine', memorySource(files, 'here'), [...files.keys()]);
  const records = (await disk.names()).filter((name) => name.startsWith('record-'));
  for (const name of records) await disk.put(name, new TextEncoder().encode('{"version":1,'));
  expect(records).toHaveLength(2);
  expect(await store.list()).toEqual([]);
  await store.sweep();
  expect(await disk.names()).toEqual([]);
});

test.each(['sha256', 'git'] as const)('a %s sum can be put down and taken up anywhere', async (kind) => {
  const whole = await hasher(kind, large.length);
  whole.update(large);
  const first = await hasher(kind, large.length);
  first.update(large.subarray(0, 1_000_003));
  const second = await hasher(kind, large.length, first.state());
  second?.update(large.subarray(1_000_003));
  const node = createHash(kind === 'git' ? 'sha1' : 'sha256');
  if (kind === 'git') node.update(`blob ${large.length}\0`);
  const want = node.update(large).digest('hex');
  expect(second?.hex()).toBe(want);
  expect(whole.hex()).toBe(want);
});

describe('what lies on the disk', () => {
  const weights = sumOf(large);
  /** Changes one byte where it lies. */
  async function rot(store: Store, at: number) {
    const file = await store.disk.writer(blobName(weights));
    await file.write(Uint8Array.of((large[at] ?? 0) ^ 1), at);
    await file.close();
  }
  async function kept() {
    const store = new Store(memoryDisk());
    const item = await store.put('mine', memorySource(files, 'here'), [...files.keys()]);
    return { store, item };
  }
  const changed = { code: 'storage', message: expect.stringContaining('model.safetensors is not what was checked') };

  test.each([0, 4_500_000, 9_000_000])('is read back whole the first time it is opened: byte %i', async (at) => {
    const { store, item } = await kept();
    await rot(store, at);
    await expect(store.verify(item.key)).rejects.toMatchObject(changed);
    expect(await store.find(item.key)).toBeUndefined();
    expect((await store.list())[0]).toMatchObject({ complete: false, have: 2 });
  });

  test('is sampled each time after: its size, its ends and parts between', async () => {
    const { store, item } = await kept();
    await store.verify(item.key);
    await store.verify(item.key);
    await rot(store, 17);
    await expect(store.verify(item.key)).rejects.toMatchObject(changed);
  });

  test('is read back whole when the last opening never came to its end', async () => {
    const { store, item } = await kept();
    await (await store.opening(item.key))();
    // Between the samples, so that only a whole reading finds it.
    await rot(store, 1_000_000);
    await store.opening(item.key); // and then the page died
    await expect(store.opening(item.key)).rejects.toMatchObject(changed);
    expect((await store.disk.names()).filter((name) => name.startsWith('opening-'))).toEqual([]);
  });

  test('is fetched anew where it has changed, and is good again', async () => {
    const { store, item } = await kept();
    await rot(store, 3);
    await expect(store.verify(item.key)).rejects.toMatchObject(changed);
    await store.put('mine', memorySource(files, 'here'), [...files.keys()]);
    await store.verify(item.key);
    const source = await store.source(item.key);
    expect(Buffer.compare((await source.readAll('model.safetensors')) as Uint8Array, large)).toBe(0);
  });
});

test.each<[string, Record<string, unknown>]>([
  ['another kind', { kind: 'virus' }],
  ['a name that is a number', { name: 7 }],
  ['a file without a sum', { files: [{ name: 'config.json', size: 2 }] }],
  ['a file of no size', { files: [{ name: 'config.json', size: 'big', sum: sumOf(large) }] }],
])('a record with %s is not listed', async (_, change) => {
  const disk = memoryDisk();
  const store = new Store(disk);
  const {
    key: _key,
    bytes: _bytes,
    have: _have,
    inMemory: _memory,
    ...record
  } = await store.put('mine', memorySource(files, 'here'), [...files.keys()]);
  for (const each of (await disk.names()).filter((one) => one.startsWith('record-')))
    await disk.put(each, new TextEncoder().encode(JSON.stringify({ ...record, ...change })));
  expect(await store.list()).toEqual([]);
});

test('a record whose date or origin is none is listed without it', async () => {
  const disk = memoryDisk();
  const store = new Store(disk);
  await store.put('mine', memorySource(files, 'here'), [...files.keys()]);
  const names = (await disk.names()).filter((name) => name.startsWith('record-'));
  const file = await disk.open(names[0] as string);
  const record = JSON.parse(new TextDecoder().decode(await file?.read(0, file.size)));
  for (const change of [
    { date: 'yesterday' },
    { date: 1e300 },
    { date: null },
    { origin: 'hub' },
    { origin: { endpoint: 3 } },
  ]) {
    for (const name of names) await disk.put(name, new TextEncoder().encode(JSON.stringify({ ...record, ...change })));
    const [item] = await store.list();
    expect(new Date(item?.date ?? Number.NaN).getTime()).not.toBeNaN();
    expect(item?.origin).toBeUndefined();
  }
});

test('a sweep removes what no record speaks of, and nothing else', async () => {
  const disk = memoryDisk();
  const store = new Store(disk);
  const item = await store.put('one', memorySource(files, 'here'), [...files.keys()]);
  const begun = { kind: 'model', name: 'two', commit: 'c', date: 0 } as const;
  const part = new Uint8Array(9).fill(3);
  await store.begin({ ...begun, files: [{ name: 'w', size: part.length, sum: sumOf(part) }] });
  const writer = await BlobWriter.open(disk, sumOf(part), part.length);
  await writer.append(part.subarray(0, 4));
  await writer.close();
  const before = (await disk.names()).sort();
  const ghost = sumOf(new Uint8Array(3));
  await disk.put(blobName(ghost), new Uint8Array(3));
  await disk.put(journalName(ghost), new Uint8Array(1));
  await disk.put('record-0123', new TextEncoder().encode('{"version":1,'));
  await disk.put('record-4567.copy', new TextEncoder().encode('{}'));
  await disk.put('run-a-record.json', new Uint8Array(1)); // somebody else's
  await new Store(disk).sweep();
  expect((await disk.names()).sort()).toEqual([...before, 'run-a-record.json'].sort());
  expect(await store.find(item.key)).toBeDefined();
  // A later version of the page may know what these files are.
  await disk.put('record-89ab', new TextEncoder().encode('{"version":2}'));
  await disk.put(blobName(ghost), new Uint8Array(3));
  await new Store(disk).sweep();
  expect(await disk.names()).toContain(blobName(ghost));
});

test('a record that was torn in the middle of its writing is read from its copy', async () => {
  const disk = memoryDisk();
  const item = await new Store(disk).put('one', memorySource(files, 'here'), [...files.keys()]);
  const record = (await disk.names()).find((name) => /^record-[0-9a-f]+$/.test(name)) as string;
  await disk.put(record, new TextEncoder().encode('{"version":1,"kind'));
  expect(await new Store(disk).find(item.key)).toMatchObject({ name: 'one', complete: true });
});
