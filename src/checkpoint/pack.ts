/**
 * A classroom pack: one file that carries models and lessons to machines without a network. It is a tar archive (any
 * system can look into it) that begins with `pack.json`, which says what follows and the checksum of each file; what
 * arrives damaged is not kept. Models go from one browser's store to the other's; files of the page itself (`app/`) are
 * handed to the caller, who knows where they are kept.
 */
import { createTarDecoder, createTarPacker } from 'modern-tar';
import { UnmaskError } from '../diffusion/error.ts';
import { isObject } from './damage.ts';
import { busy } from './store/disk.ts';
import { type Checksum, hasher, sha256 } from './store/hash.ts';
import { isOrigin, isStoredFile, keyOf, type Store, type StoredFile, type StoredItem } from './store/store.ts';

/** A link into the page, `#/view?…`, under a title. */
export interface Lesson {
  readonly title: string;
  readonly link: string;
}

/** A file of the page itself, by its path from the page's folder. */
export interface AppFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface PackModel {
  /** A model unless told. */
  readonly kind?: 'adapter' | undefined;
  readonly name: string;
  readonly commit: string;
  readonly origin?: { readonly endpoint: string; readonly revision: string } | undefined;
  readonly files: readonly StoredFile[];
}

interface Contents {
  readonly format: 'unmask-pack';
  readonly version: 1;
  readonly models: readonly PackModel[];
  readonly app: readonly { readonly path: string; readonly size: number; readonly sha256: string }[];
  readonly lessons: readonly Lesson[];
}

/** A list of contents as it was read: what stands among the lessons and is none, by its title or its number. */
type Listed = Contents & { readonly broken: readonly string[] };

export interface PackOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes done, of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

const CONTENTS = 'pack.json';
const PIECE = 2 ** 22;
/** Far more than any list of files needs. */
const LARGEST_CONTENTS = 2 ** 20;

/** Where a file of a model lies in the archive. */
const pathOf = ({ name, commit }: PackModel, file: string) => `models/${name}/${commit.slice(0, 8)}/${file}`;

/**
 * The pack as a blob, which the browser keeps outside of JavaScript's memory. `keys` are complete models and adapters of the store.
 * Throws `UnmaskError` code `storage` when one of them is gone, or the signal's reason.
 */
export async function makePack(
  store: Store,
  keys: readonly string[],
  app: readonly AppFile[],
  lessons: readonly Lesson[],
  { signal, onProgress }: PackOptions = {},
): Promise<Blob> {
  const items = (await store.list()).filter(({ key }) => keys.includes(key));
  const contents: Contents = {
    format: 'unmask-pack',
    version: 1,
    models: items.map(({ kind, name, commit, origin, files }) => ({
      ...(kind === 'adapter' && { kind }),
      ...{ name, commit, origin, files },
    })),
    app: await Promise.all(
      app.map(async ({ path, bytes }) => ({ path, size: bytes.length, sha256: await sha256(bytes) })),
    ),
    lessons,
  };
  const total = [...items.map(({ bytes }) => bytes), ...app.map(({ bytes }) => bytes.length)].reduce(
    (a, b) => a + b,
    0,
  );
  let done = 0;
  const { readable, controller } = createTarPacker();
  const add = async (name: string, size: number, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => {
    const writer = controller.add({ name, size, mtime: new Date(0) }).getWriter();
    for await (const piece of pieces) {
      signal?.throwIfAborted();
      await writer.write(piece);
      if (name === CONTENTS) continue;
      done += piece.length;
      onProgress?.(done, total);
    }
    await writer.close();
  };
  const writing = (async () => {
    const json = new TextEncoder().encode(JSON.stringify(contents, undefined, 1));
    await add(CONTENTS, json.length, [json]);
    for (const { path, bytes } of app) await add(`app/${path}`, bytes.length, [bytes]);
    for (const [index, item] of items.entries()) {
      const source = await store.source(item.key);
      for (const { name, size } of item.files) {
        const path = pathOf(contents.models[index] as PackModel, name);
        await add(
          path,
          size,
          piecesOf(size, (start, end) => source.read(name, start, end, { signal })),
        );
      }
    }
    controller.finalize();
  })().catch((reason: unknown) => {
    controller.error(reason);
    throw reason;
  });
  const [blob] = await Promise.all([new Response(readable as ReadableStream<Uint8Array<ArrayBuffer>>).blob(), writing]);
  return blob;
}

async function* piecesOf(size: number, read: (start: number, end: number) => Promise<Uint8Array>) {
  for (let at = 0; at < size; at += PIECE) yield await read(at, Math.min(size, at + PIECE));
}

export interface OpenedPack {
  /** Names of the models that are in the store now. */
  readonly models: readonly string[];
  /** Those of which the store holds other files under the same commit; they stay as they are. */
  readonly kept: readonly string[];
  readonly lessons: readonly Lesson[];
  /** Lessons that were left out, because they lead nowhere in the page: their titles, or their numbers. */
  readonly broken: readonly string[];
}

/**
 * Puts what a pack holds where it belongs; what is here already is passed over. The pack is read twice: nothing of the
 * store changes before every file in it has been found to have the checksum that it promises. It takes the place of
 * nothing: a model that is here under the same name and commit stays, and keeps what is known of where it came from.
 * `takeApp` gets each file of the page with its SHA-256, checked. Throws `UnmaskError` code `storage` for a file that is
 * no pack, is damaged or ends early.
 */
export async function openPack(
  store: Store,
  pack: Blob,
  takeApp: (file: AppFile, hash: string) => Promise<void>,
  { signal, onProgress }: PackOptions = {},
): Promise<OpenedPack> {
  const half = (pass: 0 | 1) => ({
    signal,
    onProgress: (done: number, total: number) => onProgress?.(pass * total + done, 2 * total),
  });
  const contents = await eachFile(pack, half(0), async (file, body) => {
    const sum = await hasher(file.sum.kind, file.size);
    let size = 0;
    for await (const piece of body) {
      sum.update(piece);
      size += piece.length;
    }
    if (size !== file.size || sum.hex() !== file.sum.hex) throw torn();
  });
  const here = new Map((await store.list()).map((item) => [item.key, item]));
  const known = ({ model }: { readonly model: PackModel }) => here.get(keyOf(recordOf(model)));
  const kept = contents.models.filter((model) => {
    const item = known({ model });
    return item !== undefined && !sameFiles(item.files, model.files);
  });
  await eachFile(pack, half(1), async (file, body) => {
    if (file.kind === 'app') return takeApp({ path: file.path, bytes: await wholeOf(body) }, file.sum.hex);
    const item = known(file);
    if (item?.complete || kept.includes(file.model)) return body.cancel();
    return copy(store, file, body, item);
  });
  for (const model of contents.models) {
    const item = known({ model });
    if (item?.complete || kept.includes(model)) continue;
    await store.complete(item ?? recordOf(model));
  }
  const names = (models: readonly PackModel[]) => models.map(({ name }) => name);
  const taken = contents.models.filter((model) => !kept.includes(model));
  return { models: names(taken), kept: names(kept), lessons: contents.lessons, broken: contents.broken };
}

/** A model of a pack as the store records it: what no hub has vouched for here. */
const recordOf = ({ kind, name, commit, origin, files }: PackModel) =>
  ({ kind: kind ?? 'model', name, commit, origin, files, date: Date.now(), packed: true }) as const;

function sameFiles(some: readonly StoredFile[], others: readonly StoredFile[]): boolean {
  const of = (files: readonly StoredFile[]) =>
    files.map(({ name, size, sum }) => `${name} ${size} ${sum.kind} ${sum.hex}`).sort();
  return of(some).join('\n') === of(others).join('\n');
}

/** Goes through the files of a pack once; each must be there, once, with its size. Throws as `openPack` does. */
async function eachFile(
  pack: Blob,
  { signal, onProgress }: PackOptions,
  take: (file: Expected, body: ReadableStream<Uint8Array>) => Promise<unknown>,
): Promise<Listed> {
  let done = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      signal?.throwIfAborted();
      done += piece.length;
      onProgress?.(done, pack.size);
      controller.enqueue(piece);
    },
  });
  const entries = pack
    .stream()
    .pipeThrough(counted)
    .pipeThrough(createTarDecoder({ strict: true }));
  let contents: Listed | undefined;
  let expected: Map<string, Expected> | undefined;
  try {
    for await (const { header, body } of entries) {
      if (contents === undefined) {
        if (header.name !== CONTENTS || header.size > LARGEST_CONTENTS) throw noPack();
        contents = parseContents(await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).text());
        expected = filesOf(contents);
        continue;
      }
      const file = expected?.get(header.name);
      if (file?.size !== header.size) await body.cancel();
      else await take(file, body);
      if (file?.size === header.size) expected?.delete(header.name);
    }
  } catch (cause) {
    if (cause instanceof UnmaskError || signal?.aborted) throw cause;
    throw contents ? torn(cause) : noPack(cause);
  }
  if (contents === undefined) throw noPack();
  if (expected && expected.size > 0) throw torn();
  return contents;
}

type Expected =
  | { readonly kind: 'app'; readonly path: string; readonly size: number; readonly sum: Checksum }
  | {
      readonly kind: 'model';
      readonly model: PackModel;
      readonly file: StoredFile;
      readonly size: number;
      readonly sum: Checksum;
    };

/** Throws when two files would lie in one place. */
function filesOf({ models, app }: Contents): Map<string, Expected> {
  const all = [
    ...app.map(({ path, size, sha256: hex }): [string, Expected] => [
      `app/${path}`,
      { kind: 'app', path, size, sum: { kind: 'sha256', hex } },
    ]),
    ...models.flatMap((model) =>
      model.files.map((file): [string, Expected] => [
        pathOf(model, file.name),
        { kind: 'model', model, file, size: file.size, sum: file.sum },
      ]),
    ),
  ];
  const files = new Map(all);
  if (files.size !== all.length || new Set(models.map((model) => keyOf(recordOf(model)))).size !== models.length)
    throw torn();
  return files;
}

const wholeOf = async (body: ReadableStream<Uint8Array>) =>
  new Uint8Array(await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());

async function copy(
  store: Store,
  { model, file }: Expected & { kind: 'model' },
  body: ReadableStream<Uint8Array>,
  begun: StoredItem | undefined,
) {
  const record = recordOf(model);
  const held = await store.disk.exclusive(keyOf(record), async () => {
    const writer = await store.writer(file);
    if (writer === undefined) return body.cancel();
    try {
      // A download of these very files that was begun goes on as what it is.
      if (begun === undefined) await store.begin(record);
      // A copy that was broken off before goes on where it stopped.
      let skip = writer.have;
      for await (const piece of body) {
        const rest = piece.subarray(Math.min(skip, piece.length));
        skip -= piece.length - rest.length;
        if (rest.length > 0) await writer.append(rest);
      }
      await writer.finish(file.name);
      store.keep(file, writer);
    } finally {
      await writer.close();
    }
  });
  if (held === 'busy') throw busy(model.name);
}

const isText = (value: unknown, most: number): value is string => typeof value === 'string' && value.length <= most;
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
/** Within the page, so that a lesson can lead nowhere else. */
const isLesson = (value: unknown): value is Lesson =>
  isObject(value) && isText(value['title'], 200) && isText(value['link'], 8000) && /^#\/\w/.test(value['link']);
const isModel = (value: unknown): value is PackModel =>
  isObject(value) &&
  (value['kind'] === undefined || value['kind'] === 'adapter') &&
  isText(value['name'], 200) &&
  value['name'] !== '' &&
  isText(value['commit'], 64) &&
  isOrigin(value['origin']) &&
  Array.isArray(value['files']) &&
  value['files'].length > 0 &&
  value['files'].every((file) => isStoredFile(file) && !/[/\\]|^[.]{1,2}$/.test(file.name));
const isApp = (value: unknown): value is Contents['app'][number] =>
  isObject(value) &&
  isText(value['path'], 200) &&
  // Models of the page only: a pack can not bring code.
  /^models\/[\w-]+\/[\w-]+[.](json|safetensors)$/.test(value['path']) &&
  isSize(value['size']) &&
  /^[0-9a-f]{64}$/.test(String(value['sha256']));

function parseContents(text: string): Listed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw noPack(cause);
  }
  if (!isObject(value) || value['format'] !== 'unmask-pack') throw noPack();
  if (value['version'] !== 1) {
    throw new UnmaskError({
      code: 'storage',
      message: 'This pack was made by a newer version of the page.',
      remedy: 'Reload the page with a network, or make the pack again with this version.',
    });
  }
  const { models, app, lessons } = value;
  const whole =
    Array.isArray(models) && models.every(isModel) && Array.isArray(app) && app.every(isApp) && Array.isArray(lessons);
  if (!whole) throw torn();
  const broken = lessons.flatMap((lesson: unknown, index) => {
    if (isLesson(lesson)) return [];
    const title = isObject(lesson) ? lesson['title'] : undefined;
    return [isText(title, 200) && title.trim() !== '' ? title : `${index + 1}`];
  });
  return { format: 'unmask-pack', version: 1, models, app, lessons: lessons.filter(isLesson), broken };
}

function noPack(cause?: unknown): UnmaskError {
  return new UnmaskError(
    {
      code: 'storage',
      message: 'This file is no classroom pack.',
      remedy: 'Choose a file that was saved with “Make the pack” on another machine.',
    },
    { cause },
  );
}

function torn(cause?: unknown): UnmaskError {
  return new UnmaskError(
    {
      code: 'storage',
      message: 'The pack is damaged or was not copied to its end.',
      remedy: 'Copy it again from where it was made; nothing of it was taken.',
    },
    { cause },
  );
}
