/**
 * What the store needs of a place to keep files: a flat folder with files that grow, small files that are replaced at
 * once, and locks. Implementations: memory (here), the browser's origin-private file system (`opfs.ts`), a folder under
 * Node (`src/node/disk.ts`).
 */

import { UnmaskError } from '../../diffusion/error.ts';
import { said } from '../../text/said.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface DiskFile {
  readonly size: number;
  /** Bytes `[start, end)`; fewer at the end of the file. */
  read(start: number, end: number): Promise<Bytes>;
}

/** A file open for writing, by nobody else. Call `close` whatever happens. */
export interface DiskWriter {
  size(): number;
  /** Throws what `isFull` knows when there is no room. */
  write(bytes: Uint8Array, at: number): void | Promise<void>;
  truncate(size: number): void | Promise<void>;
  /** Afterwards what was written survives a crash. */
  flush(): void | Promise<void>;
  close(): void | Promise<void>;
}

export interface DiskUse {
  /** Bytes this site takes, and may take. */
  readonly usage: number;
  readonly quota: number;
  /** The browser has promised not to clear it when space runs short. */
  readonly persisted: boolean;
}

export interface Disk {
  /** False when everything is gone with the page. */
  readonly lasting: boolean;
  names(): Promise<string[]>;
  open(name: string): Promise<DiskFile | undefined>;
  /** Creates the file when there is none. Throws `UnmaskError` code `storage` when somebody else writes it. */
  writer(name: string): Promise<DiskWriter>;
  /** Replaces a small file as a whole. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** Runs `work` unless somebody, in another tab perhaps, runs under the same name: then `busy`. */
  exclusive<T>(name: string, work: () => Promise<T>): Promise<T | 'busy'>;
  /** Undefined where the browser does not say. */
  use(): Promise<DiskUse | undefined>;
}

/** Whether writing failed for want of room. */
export function isFull(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { name?: string; code?: unknown };
  return name === 'QuotaExceededError' || code === 'ENOSPC' || code === 'EDQUOT';
}

export function busy(what: string): UnmaskError {
  return new UnmaskError({
    code: 'storage',
    message: said`${what} is in use by another tab of this page.`,
    remedy: 'Let the other tab finish, or close it, then try again.',
  });
}

/** Runs work under names, one at a time, within one program. */
export function localLocks(): Disk['exclusive'] {
  const held = new Set<string>();
  return async (name, work) => {
    if (held.has(name)) return 'busy';
    held.add(name);
    try {
      return await work();
    } finally {
      held.delete(name);
    }
  };
}

const BLOCK = 2 ** 22;

/** Bytes in memory that grow without being copied. */
export class Blocks implements DiskFile {
  readonly #blocks: Bytes[] = [];
  size = 0;

  write(bytes: Uint8Array, at: number): void {
    for (let done = 0; done < bytes.length; ) {
      const offset = (at + done) % BLOCK;
      const index = (at + done - offset) / BLOCK;
      while (this.#blocks.length <= index) this.#blocks.push(new Uint8Array(BLOCK));
      const part = bytes.subarray(done, done + BLOCK - offset);
      (this.#blocks[index] as Bytes).set(part, offset);
      done += part.length;
    }
    this.size = Math.max(this.size, at + bytes.length);
  }

  truncate(size: number): void {
    this.#blocks.length = Math.min(this.#blocks.length, Math.ceil(size / BLOCK));
    this.size = Math.min(this.size, size);
  }

  async read(start: number, end: number): Promise<Bytes> {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, this.size) - start));
    for (let done = 0; done < bytes.length; ) {
      const offset = (start + done) % BLOCK;
      const block = this.#blocks[(start + done - offset) / BLOCK] as Bytes;
      const part = block.subarray(offset, offset + bytes.length - done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }
}

/** Files in memory: what remains in windows that allow no storage. */
export function memoryDisk(): Disk {
  const files = new Map<string, Blocks>();
  const open = (name: string) => {
    const file = files.get(name) ?? new Blocks();
    files.set(name, file);
    return file;
  };
  return {
    lasting: false,
    names: async () => [...files.keys()],
    open: async (name) => files.get(name),
    async writer(name) {
      const file = open(name);
      return {
        size: () => file.size,
        write: (bytes, at) => file.write(bytes, at),
        truncate: (size) => file.truncate(size),
        flush: () => undefined,
        close: () => undefined,
      };
    },
    async put(name, bytes) {
      const file = new Blocks();
      file.write(bytes, 0);
      files.set(name, file);
    },
    remove: async (name) => void files.delete(name),
    exclusive: localLocks(),
    use: async () => undefined,
  };
}
