/**
 * One file of a download, named by its checksum, written from front to back and checked as it comes. Beside it stands a
 * journal: how many bytes are safely on disk, the state of the sum over them, and at the end that the sum was right.
 * Bytes are flushed before the journal speaks of them. When the disk is full, the rest stays in memory.
 */

import { UnmaskError } from '../../diffusion/error.ts';
import { said } from '../../text/said.ts';
import { isObject } from '../damage.ts';
import { Blocks, type Disk, type DiskFile, type DiskWriter, isFull } from './disk.ts';
import { type Checksum, type Hasher, hasher } from './hash.ts';

interface Journal {
  readonly size: number;
  readonly durable: number;
  readonly state: string;
  readonly verified: boolean;
  /** Sum over parts of the file as they were read back from the disk, once all of it had been. */
  readonly sample?: string | undefined;
}

/** A crash loses at most this much of a download. */
const JOURNAL_EVERY = 2 ** 22;
const READ_AT_ONCE = 2 ** 22;

export const blobName = ({ kind, hex }: Checksum) => `${kind}-${hex}`;
export const journalName = (sum: Checksum) => `${blobName(sum)}.journal`;

/** What the disk has of a file: bytes that are safe, and whether it is whole and checked. */
export async function blobState(disk: Disk, sum: Checksum, size: number): Promise<{ have: number; verified: boolean }> {
  const journal = await readJournal(disk, sum);
  const file = journal && (await disk.open(blobName(sum)));
  if (journal === undefined || file === undefined || journal.size !== size || file.size < journal.durable) {
    return { have: 0, verified: false };
  }
  return { have: journal.durable, verified: journal.verified && file.size === size && journal.durable === size };
}

async function readJournal(disk: Disk, sum: Checksum): Promise<Journal | undefined> {
  const file = await disk.open(journalName(sum));
  if (file === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(await file.read(0, file.size)));
    if (!isObject(value)) return undefined;
    const { size, durable, state, verified, sample } = value;
    const whole = Number.isInteger(size) && Number.isInteger(durable) && typeof state === 'string';
    if (!whole) return undefined;
    const known = typeof sample === 'string' ? { sample } : {};
    return { size, durable, state, verified: verified === true, ...known } as Journal;
  } catch {
    return undefined; // torn by a crash: the file is fetched anew
  }
}

/** Parts of a file that are read each time it is opened: its ends, where headers are, and some between. */
const SAMPLE = { end: 2 ** 16, between: 2 ** 12, parts: 16 };

/**
 * Reads a file back from the disk. The first time, and whenever `all` is asked for, every byte, against its checksum;
 * otherwise its size and a sample. What is not as it was is forgotten, so that it is fetched anew. False then.
 */
export async function verifyBlob(
  disk: Disk,
  sum: Checksum,
  size: number,
  all: boolean,
  signal?: AbortSignal,
): Promise<boolean> {
  const journal = await readJournal(disk, sum);
  const file = await disk.open(blobName(sum));
  if (journal?.verified !== true || file?.size !== size) return forget(disk, sum, size);
  const sample = await sampleOf(file);
  if (!all && journal.sample !== undefined) return journal.sample === sample || forget(disk, sum, size);
  const hash = await hasher(sum.kind, size);
  await hashAgain(disk, sum, size, hash, signal);
  if (hash.hex() !== sum.hex) return forget(disk, sum, size);
  // Where there is no room for the note, everything is read again the next time.
  if (journal.sample !== sample) await putJournal(disk, sum, { ...journal, sample }).catch(ifFull);
  return true;
}

async function sampleOf(file: DiskFile): Promise<string> {
  const { size } = file;
  const hash = await hasher('sha256', 0);
  hash.update(await file.read(0, Math.min(size, SAMPLE.end)));
  for (let part = 1; part <= SAMPLE.parts; part++) {
    const at = Math.floor((size * part) / (SAMPLE.parts + 1));
    hash.update(await file.read(at, Math.min(size, at + SAMPLE.between)));
  }
  hash.update(await file.read(Math.max(0, size - SAMPLE.end), size));
  return hash.hex();
}

async function forget(disk: Disk, sum: Checksum, size: number): Promise<false> {
  await putJournal(disk, sum, { size, durable: 0, state: '', verified: false }).catch(ifFull);
  return false;
}

const putJournal = (disk: Disk, sum: Checksum, journal: Journal) =>
  disk.put(journalName(sum), new TextEncoder().encode(JSON.stringify(journal)));

export class BlobWriter {
  readonly #disk: Disk;
  readonly #sum: Checksum;
  readonly #size: number;
  /** Undefined when there was no room to open the file. */
  readonly #writer: DiskWriter | undefined;
  #hasher: Hasher;
  /** Bytes there are, on disk and in memory. */
  have: number;
  #journaled: number;
  /** What did not fit on the disk any more, from byte `tailStart` on. */
  tail: Blocks | undefined;
  tailStart = 0;

  private constructor(
    disk: Disk,
    sum: Checksum,
    size: number,
    writer: DiskWriter | undefined,
    hash: Hasher,
    have: number,
  ) {
    this.#disk = disk;
    this.#sum = sum;
    this.#size = size;
    this.#writer = writer;
    this.#hasher = hash;
    this.have = have;
    this.#journaled = have;
    if (writer === undefined) this.#keepInMemory();
  }

  /** Goes on where an earlier writer of the same file stopped. */
  static async open(disk: Disk, sum: Checksum, size: number): Promise<BlobWriter> {
    const { have } = await blobState(disk, sum, size);
    const state = have > 0 ? (await readJournal(disk, sum))?.state : undefined;
    const resumed = state === undefined ? undefined : await hasher(sum.kind, size, state);
    const hash = resumed ?? (await hasher(sum.kind, size));
    if (resumed === undefined && have > 0) await hashAgain(disk, sum, have, hash);
    const writer = await disk.writer(blobName(sum)).catch((error: unknown) => {
      if (isFull(error)) return undefined;
      throw error;
    });
    try {
      await writer?.truncate(have);
    } catch (error) {
      await writer?.close();
      throw error;
    }
    return new BlobWriter(disk, sum, size, writer, hash, have);
  }

  /** Adds the next bytes. Throws `RangeError` beyond the promised size. */
  async append(bytes: Uint8Array): Promise<void> {
    if (this.have + bytes.length > this.#size) throw new RangeError(`More than ${this.#size} bytes came.`);
    if (this.tail === undefined) {
      try {
        await this.#writer?.write(bytes, this.have);
      } catch (error) {
        if (!isFull(error)) throw error;
        await this.#spill();
      }
    }
    this.tail?.write(bytes, this.have - this.tailStart);
    this.#hasher.update(bytes);
    this.have += bytes.length;
    if (this.tail !== undefined || this.have - this.#journaled < JOURNAL_EVERY) return;
    await this.#journal(false).catch(ifFull); // the next write says so, too
  }

  /** Checks the whole. A file with another sum is thrown away. Throws `UnmaskError` code `checkpoint`. */
  async finish(name: string): Promise<void> {
    const state = this.#hasher.state();
    const hex = this.#hasher.hex();
    if (this.have === this.#size && hex === this.#sum.hex) {
      if (this.tail !== undefined) return;
      await this.#journal(true, state).catch((error: unknown) => {
        if (!isFull(error)) throw error;
        this.#keepInMemory(); // the bytes are on disk, but nothing says so: whole for as long as the page is open
      });
      return;
    }
    await this.#writer?.truncate(0);
    this.have = 0;
    this.tail = undefined;
    this.#hasher = await hasher(this.#sum.kind, this.#size);
    await this.#journal(false).catch(() => undefined); // an empty file needs no journal to be fetched anew
    throw new UnmaskError({
      code: 'checkpoint',
      message: said`${name} arrived damaged: its checksum is not the one that was promised. It was thrown away.`,
      remedy: 'Download it again; if it happens again, something on the way changes the file.',
      file: name,
    });
  }

  /** Makes what has come survive, and lets go of the file. */
  async close(): Promise<void> {
    try {
      if (this.tail === undefined && this.have > this.#journaled) await this.#journal(false).catch(ifFull);
    } finally {
      await this.#writer?.close();
    }
  }

  async #spill(): Promise<void> {
    await this.#writer?.truncate(this.have); // a part of these bytes may have been written
    await this.#journal(false).catch(() => undefined); // no room for the journal either: the last one holds
    this.#keepInMemory();
  }

  #keepInMemory(): void {
    this.tail = new Blocks();
    this.tailStart = this.have;
  }

  async #journal(verified: boolean, state = this.#hasher.state()): Promise<void> {
    await this.#writer?.flush();
    const journal: Journal = { size: this.#size, durable: this.have, state, verified };
    await putJournal(this.#disk, this.#sum, journal);
    this.#journaled = this.have;
  }
}

/** A full disk is no failure here; the journal before this one holds. */
function ifFull(error: unknown): void {
  if (!isFull(error)) throw error;
}

async function hashAgain(disk: Disk, sum: Checksum, have: number, hash: Hasher, signal?: AbortSignal): Promise<void> {
  const file = (await disk.open(blobName(sum))) as DiskFile;
  for (let at = 0; at < have; at += READ_AT_ONCE) {
    signal?.throwIfAborted();
    hash.update(await file.read(at, Math.min(have, at + READ_AT_ONCE)));
  }
}
