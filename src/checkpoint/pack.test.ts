import { beforeEach, expect, test } from 'vitest';
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
  expect(opened).toEqual({ models: ['class/tiny'], lessons: [lesson] });
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

test('a file cut short is refused, and the copy goes on from there', async () => {
  await expect(open(pack.slice(0, 4_600_000))).rejects.toMatchObject({ code: 'storage' });
  expect(await student.newest('class/tiny')).toBeUndefined();
  await open(pack);
  expect((await student.newest('class/tiny'))?.complete).toBe(true);
});

test('a changed byte is found', async () => {
  const all = new Uint8Array(await pack.arrayBuffer());
  all[2_000_000] = (all[2_000_000] ?? 0) ^ 1;
  await expect(open(new Blob([all]))).rejects.toMatchObject({ code: 'checkpoint' });
  expect(await student.newest('class/tiny')).toBeUndefined();
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

test('a lesson that leads elsewhere is refused', async () => {
  const evil = await makePack(teacher, [], [], [{ title: 'x', link: 'javascript:alert(1)' }]);
  await expect(open(evil)).rejects.toMatchObject({ code: 'storage' });
});

test('it can be stopped', async () => {
  await expect(open(pack, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
});
