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
import { type Checksum, sha256 } from './store/hash.ts';
import { keyOf, type Store, type StoredFile } from './store/store.ts';

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
 * The pack as a blob, which the browser keeps outside of JavaScript's memory. `keys` are complete models of the store.
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
    models: items.map(({ name, commit, origin, files }) => ({ name, commit, origin, files })),
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
  readonly lessons: readonly Lesson[];
}

/**
 * Puts what a pack holds where it belongs; what is here already is passed over. `takeApp` gets each file of the page
 * with its SHA-256, checked. Throws `UnmaskError` code `storage` for a file that is no pack, is damaged or ends early;
 * models that were whole by then stay.
 */
export async function openPack(
  store: Store,
  pack: Blob,
  takeApp: (file: AppFile, hash: string) => Promise<void>,
  { signal, onProgress }: PackOptions = {},
): Promise<OpenedPack> {
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
  let contents: Contents | undefined;
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
      else if (file.kind === 'app') await takeApp(await appFile(file, body), file.sha256);
      else await copy(store, file, body);
      expected?.delete(header.name);
    }
  } catch (cause) {
    if (cause instanceof UnmaskError || signal?.aborted) throw cause;
    throw contents ? torn(cause) : noPack(cause);
  }
  if (contents === undefined) throw noPack();
  if (expected && expected.size > 0) throw torn();
  for (const model of contents.models) {
    await store.complete({ kind: 'model', ...model, date: Date.now() });
  }
  return { models: contents.models.map(({ name }) => name), lessons: contents.lessons };
}

type Expected =
  | { readonly kind: 'app'; readonly path: string; readonly size: number; readonly sha256: string }
  | { readonly kind: 'model'; readonly model: PackModel; readonly file: StoredFile; readonly size: number };

function filesOf({ models, app }: Contents): Map<string, Expected> {
  return new Map<string, Expected>([
    ...app.map((file) => [`app/${file.path}`, { kind: 'app', ...file }] as const),
    ...models.flatMap((model) =>
      model.files.map((file) => [pathOf(model, file.name), { kind: 'model', model, file, size: file.size }] as const),
    ),
  ]);
}

async function appFile({ path, sha256: sum }: Expected & { kind: 'app' }, body: ReadableStream<Uint8Array>) {
  const bytes = new Uint8Array(await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
  if ((await sha256(bytes)) !== sum) throw torn();
  return { path, bytes };
}

async function copy(store: Store, { model, file }: Expected & { kind: 'model' }, body: ReadableStream<Uint8Array>) {
  const record = { kind: 'model', ...model, date: Date.now() } as const;
  const held = await store.disk.exclusive(keyOf(record), async () => {
    const writer = await store.writer(file);
    if (writer === undefined) return body.cancel();
    try {
      await store.begin(record);
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
export const isLesson = (value: unknown): value is Lesson =>
  isObject(value) && isText(value['title'], 200) && isText(value['link'], 8000) && /^#\/\w/.test(value['link']);
const isSum = (value: unknown): value is Checksum =>
  isObject(value) && isText(value['kind'], 20) && isText(value['hex'], 64) && /^[0-9a-f]{40,64}$/.test(value['hex']);
const isFile = (value: unknown): value is StoredFile =>
  isObject(value) && isText(value['name'], 200) && isSize(value['size']) && isSum(value['sum']);
const isModel = (value: unknown): value is PackModel =>
  isObject(value) &&
  isText(value['name'], 200) &&
  isText(value['commit'], 64) &&
  Array.isArray(value['files']) &&
  value['files'].every(isFile);
const isApp = (value: unknown): value is Contents['app'][number] =>
  isObject(value) &&
  isText(value['path'], 200) &&
  // Models of the page only: a pack can not bring code.
  /^models\/[\w-]+\/[\w-]+[.](json|safetensors)$/.test(value['path']) &&
  isSize(value['size']) &&
  isText(value['sha256'], 64);

function parseContents(text: string): Contents {
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
    Array.isArray(models) &&
    models.every(isModel) &&
    Array.isArray(app) &&
    app.every(isApp) &&
    Array.isArray(lessons) &&
    lessons.every(isLesson);
  if (!whole) throw torn();
  return { format: 'unmask-pack', version: 1, models, app, lessons };
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
      remedy: 'Copy it again from where it was made; what had come whole is kept.',
    },
    { cause },
  );
}
