/**
 * Models and data sets kept on this machine. A record says what something is called, where it came from and which files
 * it has; the files themselves are named by their checksums, so that two records share what is equal and nothing is
 * fetched twice. Data first, record last: a record is `complete` only when every file of it has been checked.
 */

import { UnmaskError } from '../../diffusion/error.ts';
import { said } from '../../text/said.ts';
import { damaged, isObject } from '../damage.ts';
import type { FileSource, ReadOptions } from '../model.ts';
import { BlobWriter, blobName, blobState, journalName, verifyBlob } from './blob.ts';
import { type Blocks, busy, type Disk, type DiskFile, type DiskUse, isFull } from './disk.ts';
import { type Checksum, hasher, sha256 } from './hash.ts';
import { copyOf, putTwice, readEither } from './twice.ts';

export interface StoredFile {
  readonly name: string;
  readonly size: number;
  readonly sum: Checksum;
}

export interface StoreRecord {
  readonly version: 1;
  /** `onnx` is a model that another program runs, whom the page races against; `adapter` what PEFT keeps of one. */
  readonly kind: 'model' | 'dataset' | 'onnx' | 'adapter';
  /** The hub's id, or the name it was given. */
  readonly name: string;
  /** Commit of the hub, or a sum over the files: two records of one name differ in it. */
  readonly commit: string;
  /** Where it came from, and under which name of the commit; undefined for what came from this machine. */
  readonly origin?: { readonly endpoint: string; readonly revision: string } | undefined;
  /** Id of the training run whose weights these are. */
  readonly run?: string | undefined;
  readonly files: readonly StoredFile[];
  /** When it was begun, in milliseconds since 1970. */
  readonly date: number;
  readonly complete: boolean;
  /** It came in a pack: what it says of itself no hub has vouched for. */
  readonly packed?: boolean | undefined;
}

export interface StoredItem extends StoreRecord {
  readonly key: string;
  readonly bytes: number;
  /** Bytes that are here already. */
  readonly have: number;
  /** True while a part of it is in memory only, because the disk is full. */
  readonly inMemory: boolean;
}

export interface PutOptions extends ReadOptions {
  readonly kind?: StoreRecord['kind'];
  readonly run?: string | undefined;
}

const RECORD = /^record-[0-9a-f]+$/;
const RECORD_OR_COPY = /^(record-[0-9a-f]+)([.]copy)?$/;
/** Files of the store and their journals; `.new` is what a folder under Node had not put in its place. */
const BLOB = /^(sha256|git)-[0-9a-f]+([.]journal)?$|^(record|sha256|git)-[0-9a-f]+([.]journal|[.]copy)?[.]new$/;
/** Whatever of these lies on the disk belongs to the store; the rest to runs (`worker/train/run-store.ts`). */
const OWN = /^(record|opening|sha256|git)-/;
const PIECE = 2 ** 22;

export const keyOf = ({ kind, name, commit }: Pick<StoreRecord, 'kind' | 'name' | 'commit'>) =>
  `${kind}:${name}@${commit}`;

export class Store {
  readonly disk: Disk;
  /** Records for which the disk had no room. */
  readonly #unwritten = new Map<string, StoreRecord>();
  /** Ends of files that did not fit on the disk, by blob. */
  readonly #tails = new Map<string, { start: number; tail: Blocks }>();

  constructor(disk: Disk) {
    this.disk = disk;
  }

  /** Everything in the store, newest first. */
  async list(): Promise<StoredItem[]> {
    const names = (await this.disk.names()).filter((name) => RECORD.test(name));
    const written = await Promise.all(names.map((name) => this.#read(name)));
    const records = new Map(
      [...written, ...this.#unwritten.values()].flatMap((one) => (typeof one === 'object' ? [[keyOf(one), one]] : [])),
    );
    const items = await Promise.all([...records.values()].map((each) => this.#item(each)));
    return items.sort((a, b) => b.date - a.date);
  }

  /** A complete item by its key. */
  async find(key: string): Promise<StoredItem | undefined> {
    return (await this.list()).find((item) => item.key === key && (item.complete || item.inMemory));
  }

  /** The newest complete model of that name: what a link means by it. One from a pack only where there is no other. */
  async newest(model: string): Promise<StoredItem | undefined> {
    const items = (await this.list()).filter((item) => item.complete || item.inMemory);
    const named = items.filter(({ kind, name }) => kind === 'model' && name === model);
    return named.find(({ packed }) => packed !== true) ?? named[0];
  }

  /** Bytes that all items take on the disk, with what is still on its way and the notes about them. */
  async total(): Promise<number> {
    const names = (await this.disk.names()).filter((name) => OWN.test(name));
    const files = await Promise.all(names.map((name) => this.disk.open(name)));
    return files.reduce((bytes, file) => bytes + (file?.size ?? 0), 0);
  }

  /**
   * Removes what no record speaks of, so that what is listed is what takes room: torn records, files whose record was
   * never written or went first. A file that somebody writes just now stays, and so does everything beside records of a
   * later version of this page.
   */
  async sweep(): Promise<void> {
    const names = await this.disk.names();
    const needed = new Set<string>();
    // Also where only the copy of a record was written.
    for (const name of new Set(names.flatMap((each) => RECORD_OR_COPY.exec(each)?.[1] ?? []))) {
      const record = names.includes(name) ? await this.#read(name) : undefined;
      if (record === 'later') return;
      if (record === undefined) await this.#removeRecord(name).catch(() => undefined);
      else for (const { sum } of record.files) needed.add(blobName(sum)).add(journalName(sum));
    }
    for (const record of this.#unwritten.values()) {
      for (const { sum } of record.files) needed.add(blobName(sum)).add(journalName(sum));
    }
    for (const name of names)
      if (BLOB.test(name) && !needed.has(name)) await this.disk.remove(name).catch(() => undefined);
  }

  use(): Promise<DiskUse | undefined> {
    return this.disk.use();
  }

  /** Notes that something is on its way; what has come of it stays when the page closes. */
  async begin(record: Omit<StoreRecord, 'version' | 'complete'>): Promise<void> {
    await this.#write({ ...record, version: 1, complete: false });
  }

  /** Opens one file for writing, unless it is here already. */
  async writer({ sum, size }: StoredFile): Promise<BlobWriter | undefined> {
    if (this.#tails.has(blobName(sum))) return undefined;
    const { verified } = await blobState(this.disk, sum, size);
    return verified ? undefined : BlobWriter.open(this.disk, sum, size);
  }

  /** Takes over a writer that has finished, with what it had to keep in memory. */
  keep({ sum }: StoredFile, { tail, tailStart: start }: BlobWriter): void {
    if (tail !== undefined) this.#tails.set(blobName(sum), { start, tail });
  }

  /** Notes that every file is here. Throws `UnmaskError` code `storage` when one is not. */
  async complete(record: Omit<StoreRecord, 'version' | 'complete'>): Promise<StoredItem> {
    const item = await this.#item({ ...record, version: 1, complete: true });
    if (item.have < item.bytes) throw gone(record.name);
    // What is partly in memory is gone with the page, so on disk it stays unfinished.
    if (record.files.some(({ sum }) => this.#tails.has(blobName(sum)))) return { ...item, complete: false };
    await this.#write({ ...record, version: 1, complete: true });
    return item;
  }

  /**
   * Stores files from elsewhere: dropped ones, or a model this page has trained. They are read twice, for their sums and
   * for the copy. Progress counts both. What does not fit stays in memory. Throws `UnmaskError`.
   */
  async put(name: string, source: FileSource, files: readonly string[], options: PutOptions = {}): Promise<StoredItem> {
    const sizes = await Promise.all(files.map(async (file) => [file, await source.size(file, options)] as const));
    const present = sizes.flatMap(([file, size]) => (size === undefined ? [] : [{ name: file, size }]));
    const total = 2 * present.reduce((sum, { size }) => sum + size, 0);
    let loaded = 0;
    const count = (bytes: number) => {
      loaded += bytes;
      options.onProgress?.(loaded, total);
    };
    const stored: StoredFile[] = [];
    for (const { name: file, size } of present) {
      const sum = await hasher('sha256', size);
      for await (const piece of piecesOf(source, file, size, options)) {
        sum.update(piece);
        count(piece.length);
      }
      stored.push({ name: file, size, sum: { kind: 'sha256', hex: sum.hex() } });
    }
    const text = stored.map(({ name: file, sum }) => `${sum.hex} ${file}\n`).join('');
    const commit = (await sha256(new TextEncoder().encode(text))).slice(0, 40);
    const { kind = 'model', run } = options;
    const record = { kind, name, commit, ...(run !== undefined && { run }), files: stored, date: Date.now() };
    const held = await this.disk.exclusive(keyOf(record), async () => {
      await this.begin(record);
      for (const file of stored) await this.#copy(source, file, options, count);
      return this.complete(record);
    });
    if (held === 'busy') throw busy(name);
    return held;
  }

  async #copy(source: FileSource, file: StoredFile, options: ReadOptions, count: (bytes: number) => void) {
    const writer = await this.writer(file);
    if (writer === undefined) return count(file.size);
    try {
      count(writer.have);
      for await (const piece of piecesOf(source, file.name, file.size, options, writer.have)) {
        await writer.append(piece);
        count(piece.length);
      }
      await writer.finish(file.name);
      this.keep(file, writer);
    } finally {
      await writer.close();
    }
  }

  /** The files of a complete item, read where they lie. Throws `UnmaskError` code `storage` when there is no such item. */
  async source(key: string): Promise<FileSource> {
    const item = await this.find(key);
    if (item === undefined) throw gone(key);
    const fileOf = async (name: string) => {
      const stored = item.files.find((file) => file.name === name);
      return stored && { size: stored.size, file: await this.#open(stored, item.name) };
    };
    const read = async (name: string, start: number, end: number, options?: ReadOptions) => {
      options?.signal?.throwIfAborted();
      const found = await fileOf(name);
      if (found === undefined) throw damaged(name, said`${name} is missing from ${item.name}.`);
      const bytes = await found.file.read(start, end);
      if (bytes.length !== end - start) throw gone(item.name);
      return bytes;
    };
    const size = async (name: string) => item.files.find((file) => file.name === name)?.size;
    return {
      label: item.name,
      size,
      read,
      async readAll(name, options) {
        const length = await size(name);
        if (length === undefined) return 'missing';
        if (length > (options?.maxBytes ?? Number.POSITIVE_INFINITY)) return 'large';
        const bytes = await read(name, 0, length, options);
        options?.onProgress?.(length, length);
        return bytes;
      },
    };
  }

  /**
   * Reads the files of an item back from the disk: a sample of each, or all, the first time and when the last opening
   * did not come to its end. Throws `UnmaskError` code `storage` when one has changed; the item is then incomplete.
   */
  async verify(key: string, { all = false, signal }: ReadOptions & { readonly all?: boolean } = {}): Promise<void> {
    const item = await this.find(key);
    if (item === undefined) throw gone(key);
    for (const { name, sum, size } of item.files) {
      if (this.#tails.has(blobName(sum)) || (await verifyBlob(this.disk, sum, size, all, signal))) continue;
      const { key: _key, bytes: _bytes, have: _have, inMemory: _inMemory, ...record } = item;
      await this.#write({ ...record, complete: false });
      throw new UnmaskError({
        code: 'storage',
        message: said`${item.name} has changed in this browser's storage: ${name} is not what was checked when it came.`,
        remedy: 'Download it again, or choose its files again; only what has changed is fetched.',
        file: name,
      });
    }
  }

  /**
   * Verifies an item that is about to run, and leaves a mark until the returned function is called: when a page finds one,
   * the opening before it crashed, and every byte is read again. Throws as `verify` does.
   */
  async opening(key: string, options: ReadOptions = {}): Promise<() => Promise<void>> {
    const mark = `opening-${(await recordName(key)).slice('record-'.length)}`;
    const crashed = (await this.disk.open(mark)) !== undefined;
    const done = () => this.disk.remove(mark).catch(() => undefined);
    await this.disk.put(mark, new TextEncoder().encode(JSON.stringify({ key }))).catch(() => undefined);
    try {
      await this.verify(key, { ...options, all: crashed });
    } catch (error) {
      await done();
      throw error;
    }
    return done;
  }

  /** Removes an item and the files that no other item needs. */
  async remove(key: string): Promise<void> {
    const items = await this.list();
    const item = items.find((each) => each.key === key);
    if (item === undefined) return;
    const done = await this.disk.exclusive(key, async () => {
      this.#unwritten.delete(key);
      await this.#removeRecord(await recordName(key));
      const others = items.filter((each) => each !== item).flatMap(({ files }) => files);
      const needed = new Set(others.map(({ sum }) => blobName(sum)));
      for (const { sum } of item.files) {
        if (needed.has(blobName(sum))) continue;
        this.#tails.delete(blobName(sum));
        await this.disk.remove(journalName(sum));
        await this.disk.remove(blobName(sum));
      }
    });
    if (done === 'busy') throw busy(item.name);
  }

  async #open({ sum, size }: StoredFile, name: string): Promise<DiskFile> {
    const spilled = this.#tails.get(blobName(sum));
    const file = await this.disk.open(blobName(sum));
    if (spilled !== undefined) return joined(file, spilled.start, spilled.tail);
    if (file?.size !== size) throw gone(name);
    return file;
  }

  async #item(record: StoreRecord): Promise<StoredItem> {
    let have = 0;
    let inMemory = !this.disk.lasting;
    for (const { sum, size } of record.files) {
      const spilled = this.#tails.has(blobName(sum));
      have += spilled ? size : (await blobState(this.disk, sum, size)).have;
      inMemory ||= spilled;
    }
    const bytes = record.files.reduce((sum, { size }) => sum + size, 0);
    return { ...record, key: keyOf(record), bytes, have, inMemory: inMemory && have === bytes };
  }

  async #removeRecord(name: string): Promise<void> {
    await this.disk.remove(name);
    await this.disk.remove(copyOf(name));
  }

  async #write(record: StoreRecord): Promise<void> {
    const key = keyOf(record);
    this.#unwritten.delete(key);
    const bytes = new TextEncoder().encode(JSON.stringify(record));
    await putTwice(this.disk, await recordName(key), bytes).catch((error: unknown) => {
      if (!isFull(error)) throw error;
      this.#unwritten.set(key, record);
    });
  }

  /** Undefined when it was torn by a crash. */
  async #read(name: string): Promise<StoreRecord | 'later' | undefined> {
    try {
      const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
      const value = await readEither(this.disk, name, parse);
      if (!isObject(value)) return undefined;
      const whole = mended(value);
      if (isRecord(whole)) return whole;
      return typeof value['version'] === 'number' && value['version'] > 1 ? 'later' : undefined;
    } catch {
      return undefined;
    }
  }
}

const isText = (value: unknown, most: number): value is string => typeof value === 'string' && value.length <= most;
const isSum = (value: unknown): value is Checksum =>
  isObject(value) &&
  ((value['kind'] === 'sha256' && /^[0-9a-f]{64}$/.test(String(value['hex']))) ||
    (value['kind'] === 'git' && /^[0-9a-f]{40}$/.test(String(value['hex']))));

/** A file's entry, whoever wrote it. */
export const isStoredFile = (value: unknown): value is StoredFile =>
  isObject(value) &&
  isText(value['name'], 400) &&
  value['name'] !== '' &&
  Number.isSafeInteger(value['size']) &&
  (value['size'] as number) >= 0 &&
  isSum(value['sum']);

export const isOrigin = (value: unknown): value is StoreRecord['origin'] =>
  value === undefined || (isObject(value) && isText(value['endpoint'], 400) && isText(value['revision'], 400));

/** A record is believed whole or not at all: views say its date and its size, and draw by its kind. */
export function isRecord(value: unknown): value is StoreRecord {
  if (!isObject(value) || value['version'] !== 1) return false;
  const { kind, name, commit, origin, files, date, complete, packed } = value;
  return (
    (kind === 'model' || kind === 'dataset' || kind === 'onnx' || kind === 'adapter') &&
    isText(name, 400) &&
    isText(commit, 100) &&
    isOrigin(origin) &&
    Array.isArray(files) &&
    files.every(isStoredFile) &&
    Number.isFinite(date) &&
    Math.abs(date as number) <= 8.64e15 &&
    typeof complete === 'boolean' &&
    (packed === undefined || typeof packed === 'boolean')
  );
}

/** What only tells of a model is let go where it is none; its files are worth more than its date. */
function mended(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { date, origin, complete } = value;
  const dated = Number.isFinite(date) && Math.abs(date as number) <= 8.64e15;
  return {
    ...value,
    date: dated ? date : 0,
    origin: isOrigin(origin) ? origin : undefined,
    complete: complete === true,
  };
}

async function recordName(key: string): Promise<string> {
  return `record-${(await sha256(new TextEncoder().encode(key))).slice(0, 32)}`;
}

async function* piecesOf(source: FileSource, name: string, size: number, { signal }: ReadOptions, from = 0) {
  for (let at = from; at < size; at += PIECE) {
    signal?.throwIfAborted();
    yield await source.read(name, at, Math.min(size, at + PIECE), { signal });
  }
}

/** A file whose first bytes are on disk and whose last are in memory. */
function joined(head: DiskFile | undefined, start: number, tail: Blocks): DiskFile {
  return {
    size: start + tail.size,
    async read(from, to) {
      if (from >= start) return tail.read(from - start, to - start);
      const front = (await head?.read(from, Math.min(to, start))) ?? new Uint8Array(0);
      if (to <= start) return front;
      const back = await tail.read(0, to - start);
      const bytes = new Uint8Array(front.length + back.length);
      bytes.set(front);
      bytes.set(back, front.length);
      return bytes;
    },
  };
}

function gone(name: string): UnmaskError {
  return new UnmaskError({
    code: 'storage',
    message: said`${name} is not in this browser's storage, or not whole any more.`,
    remedy: 'Download it; what is left of it is used.',
  });
}
