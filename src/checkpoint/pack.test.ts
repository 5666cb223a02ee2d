import { beforeEach, describe, expect, test } from 'vitest';
import { type AppFile, makePack, openPack } from './pack.ts';
import { memorySource } from './sources.ts';
import { memoryDisk } from './store/disk.ts';
import { Store } from './store/store.ts';

const bytes = (size: number, first: number) => Uint8Array.from({ length: size }, (_, i) => (first + 7 * i) % 251);
const model = new Map([
  ['config.json', bytes(700, 1)],
  ['model.safetensors', bytes(5_000_001, 2)],
]);
const app: AppFile = { path: 'models/stories/config.json', bytes: bytes(513, 3) };
const lesson = { title: 'One', link: '#/generate?v=1&seed=7' };

let teacher: Store;
let student: Store;
let pack: Blob;
beforeEach(async () => {
  teacher = new Store(memoryDisk());
  student = new Store(memoryDisk());
  const { key } = await teacher.put('class/tiny', memorySource(model, 'class/tiny'), [...model.keys()]);
  pack = await makePack(teacher, [key], [app], [lesson]);
});

const taken: [string, string][] = [];
const open = (blob: Blob, signal?: AbortSignal) =>
  openPack(student, blob, async ({ path }, hash) => void taken.push([path, hash]), { signal });

test('what one machine packs, another has: models, files of the page, lessons', async () => {
  taken.length = 0;
  const progress: number[] = [];
  const opened = await openPack(
    student,
    pack,
    async ({ path, bytes: got }) => {
      taken.push([path, '']);
      expect(got).toEqual(app.bytes);
    },
    { onProgress: (done, total) => progress.push(done / total) },
  );
  expect(opened).toEqual({ models: ['class/tiny'], kept: [], lessons: [lesson], broken: [] });
  expect(taken).toEqual([[app.path, '']]);
  expect(progress.at(-1)).toBe(1);
  const item = await student.newest('class/tiny');
  const source = await student.source(item?.key ?? '');
  const copied = (await source.readAll('model.safetensors')) as Uint8Array;
  expect(Buffer.compare(copied, model.get('model.safetensors') ?? new Uint8Array())).toBe(0);
  expect(item?.commit).toBe((await teacher.newest('class/tiny'))?.commit);
});

test('a second time nothing changes', async () => {
  await open(pack);
  await open(pack);
  expect((await student.list()).length).toBe(1);
});

test('a file cut short is refused, and nothing of it is taken', async () => {
  await expect(open(pack.slice(0, 4_600_000))).rejects.toMatchObject({ code: 'storage' });
  expect(await student.disk.names()).toEqual([]);
  await open(pack);
  expect((await student.newest('class/tiny'))?.complete).toBe(true);
});

test('a changed byte is found', async () => {
  const all = new Uint8Array(await pack.arrayBuffer());
  all[2_000_000] = (all[2_000_000] ?? 0) ^ 1;
  taken.length = 0;
  await expect(open(new Blob([all]))).rejects.toMatchObject({ code: 'storage' });
  expect([await student.disk.names(), taken]).toEqual([[], []]);
});

test.each([
  ['text', 'hello'],
  ['nothing', ''],
])('%s is no pack', async (_, text) => {
  await expect(open(new Blob([text]))).rejects.toMatchObject({ message: expect.stringContaining('no classroom pack') });
});

test.each(['index.html', 'models/../sw.js', 'assets/index.js'])('a pack that brings %s is refused', async (path) => {
  const evil = await makePack(teacher, [], [{ path, bytes: bytes(3, 0) }], []);
  taken.length = 0;
  await expect(open(evil)).rejects.toMatchObject({ code: 'storage' });
  expect(taken).toEqual([]);
});

test('a lesson that leads elsewhere is left out and named; the others come', async () => {
  const evil = { title: 'Elsewhere', link: 'javascript:alert(1)' };
  const untitled = { link: 7 } as unknown as typeof evil;
  expect(await open(await makePack(teacher, [], [], [evil, lesson, untitled]))).toMatchObject({
    lessons: [lesson],
    broken: ['Elsewhere', '3'],
  });
});

test('it can be stopped', async () => {
  await expect(open(pack, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});

describe('a model that the hub verified', () => {
  const origin = { endpoint: 'https://hub.example', revision: 'main' };
  /** As a download leaves it: complete, with its origin. */
  async function downloaded(store: Store, files: Map<string, Uint8Array<ArrayBuffer>>, commit: string) {
    const scratch = new Store(store.disk);
    const item = await scratch.put('class/tiny', memorySource(files, 'hub'), [...files.keys()]);
    const { key: _, bytes: _b, have: _h, inMemory: _i, ...record } = item;
    await store.complete({ ...record, commit, origin });
    if (item.commit !== commit) await store.remove(item.key);
    return store.find(`model:class/tiny@${commit}`);
  }
  const hub = new Map([
    ['config.json', bytes(700, 9)],
    ['model.safetensors', bytes(90_001, 10)],
  ]);

  test('is not overwritten by a pack of the same name and commit', async () => {
    const { commit = '' } = (await teacher.newest('class/tiny')) ?? {};
    const before = await downloaded(student, hub, commit);
    expect((await open(pack)).kept).toEqual(['class/tiny']);
    expect(await student.newest('class/tiny')).toEqual(before);
    const source = await student.source(before?.key ?? '');
    expect(await source.size('model.safetensors')).toBe(90_001);
  });

  test('is not put in the shade by a newer pack of the same name', async () => {
    const before = await downloaded(student, hub, 'abcdef0123456789');
    await open(pack);
    expect((await student.newest('class/tiny'))?.key).toBe(before?.key);
    expect(await student.list()).toHaveLength(2);
  });

  test('is not made incomplete by a pack that is damaged, and keeps its origin through one that is whole', async () => {
    const { commit = '' } = (await teacher.newest('class/tiny')) ?? {};
    const before = await downloaded(student, model, commit);
    const all = new Uint8Array(await pack.arrayBuffer());
    all[3_000_000] = (all[3_000_000] ?? 0) ^ 1;
    await expect(open(new Blob([all]))).rejects.toMatchObject({ code: 'storage' });
    expect(await student.newest('class/tiny')).toEqual(before);
    expect((await open(pack)).models).toEqual(['class/tiny']);
    expect(await student.newest('class/tiny')).toEqual(before);
  });

  test('that is still on its way is finished by a pack with the same files, as what it is', async () => {
    const item = await teacher.newest('class/tiny');
    const { commit = '', files = [] } = item ?? {};
    await student.begin({ kind: 'model', name: 'class/tiny', commit, origin, files, date: 5 });
    await open(pack);
    expect(await student.newest('class/tiny')).toMatchObject({ complete: true, origin, date: 5 });
  });
});

describe('a pack whose list is not what it should be', () => {
  /** A pack with its list changed; the archive around it stays. */
  async function listed(change: (contents: Record<string, unknown>) => void): Promise<Blob> {
    const all = new Uint8Array(await pack.arrayBuffer());
    const text = new TextDecoder().decode(all.subarray(512, 512 * 40));
    const json = text.slice(0, text.lastIndexOf('}', text.indexOf('\0') < 0 ? undefined : text.indexOf('\0')) + 1);
    const contents = JSON.parse(json) as Record<string, unknown>;
    change(contents);
    const { createTarPacker } = await import('modern-tar');
    const { readable, controller } = createTarPacker();
    const body = new TextEncoder().encode(JSON.stringify(contents));
    const writer = controller.add({ name: 'pack.json', size: body.length }).getWriter();
    void writer
      .write(body)
      .then(() => writer.close())
      .then(() => controller.finalize());
    return new Response(readable as ReadableStream<Uint8Array<ArrayBuffer>>).blob();
  }
  const first = (contents: Record<string, unknown>) =>
    (contents['models'] as Record<string, unknown>[])[0] as Record<string, unknown>;
  const file = (contents: Record<string, unknown>) =>
    (first(contents)['files'] as Record<string, unknown>[])[0] as Record<string, unknown>;

  test.each<[string, (contents: Record<string, unknown>) => void]>([
    ['an origin that is a number', (contents) => Object.assign(first(contents), { origin: 7 })],
    ['an origin without an address', (contents) => Object.assign(first(contents), { origin: { revision: 'x' } })],
    ['no name', (contents) => Object.assign(first(contents), { name: '' })],
    ['no files', (contents) => Object.assign(first(contents), { files: [] })],
    ['a size that is none', (contents) => Object.assign(file(contents), { size: 1e300 })],
    ['a negative size', (contents) => Object.assign(file(contents), { size: -1 })],
    [
      'a checksum of another kind',
      (contents) => Object.assign(file(contents), { sum: { kind: 'md5', hex: 'a'.repeat(40) } }),
    ],
    ['a way out of its folder', (contents) => Object.assign(file(contents), { name: '../x' })],
    ['a model twice', (contents) => void (contents['models'] as unknown[]).push(first(contents))],
    ['models that are no list', (contents) => Object.assign(contents, { models: { 0: 1 } })],
    ['lessons that are no list', (contents) => Object.assign(contents, { lessons: { title: 'One' } })],
    ['files that are not there', () => undefined],
  ])('as with %s, is refused before anything changes', async (_, change) => {
    await expect(open(await listed(change))).rejects.toMatchObject({ code: 'storage' });
    expect(await student.disk.names()).toEqual([]);
  });
});
