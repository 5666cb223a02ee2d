/**
 * The browser's origin-private file system as a `Disk` (whatwg/fs). Large files are written in place through synchronous
 * handles, which exist in dedicated workers only; they are read as `File` slices, so that nothing is held in memory.
 * Locks are `navigator.locks`, which other tabs see too.
 */
import { busy, type Disk, type DiskWriter } from './disk.ts';

const FOLDER = 'unmask';

/** Lib.dom has these for workers only. */
interface SyncHandle {
  read(buffer: ArrayBufferView, options: { at: number }): number;
  write(buffer: ArrayBufferView, options: { at: number }): number;
  getSize(): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}
type Handle = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncHandle> };

/** Undefined where this window keeps no files: private windows of some browsers, and pages without https. */
export async function opfsDisk(): Promise<Disk | undefined> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    if (!('createSyncAccessHandle' in FileSystemFileHandle.prototype)) return undefined;
    return onFolder(folder);
  } catch {
    return undefined;
  }
}

function onFolder(folder: FileSystemDirectoryHandle): Disk {
  const writer = async (name: string): Promise<DiskWriter> => {
    const handle = (await folder.getFileHandle(name, { create: true })) as Handle;
    const file = await handle.createSyncAccessHandle().catch((error: DOMException) => {
      throw error.name === 'NoModificationAllowedError' ? busy('This download') : error;
    });
    return {
      size: () => file.getSize(),
      write(bytes, at) {
        // Chromium does not throw when the quota is used up: it returns its negative error code as an unsigned number.
        const written = file.write(bytes, { at });
        if (written !== bytes.length) throw new DOMException('The disk is full.', 'QuotaExceededError');
      },
      truncate: (size) => file.truncate(size),
      flush: () => file.flush(),
      close: () => file.close(),
    };
  };
  return {
    lasting: true,
    async names() {
      const names: string[] = [];
      for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name);
      return names;
    },
    async open(name) {
      const file = await folder
        .getFileHandle(name)
        .then((handle) => handle.getFile())
        .catch(missing);
      if (file === undefined) return undefined;
      return {
        size: file.size,
        read: async (start, end) => new Uint8Array(await file.slice(start, end).arrayBuffer()),
      };
    },
    writer,
    async put(name, bytes) {
      const file = await writer(name);
      try {
        // Written over, then cut: with no room left, emptying it first would lose the old words for nothing.
        await file.write(bytes, 0);
        await file.truncate(bytes.length);
        await file.flush();
      } finally {
        await file.close();
      }
    },
    async remove(name) {
      await folder.removeEntry(name).catch((error: DOMException) => {
        if (error.name === 'NoModificationAllowedError') throw busy('This model');
        missing(error);
      });
    },
    exclusive: (name, work) =>
      navigator.locks.request(`${FOLDER}:${name}`, { ifAvailable: true }, (lock) => (lock === null ? 'busy' : work())),
    async use() {
      const { usage, quota } = await navigator.storage.estimate();
      if (usage === undefined || quota === undefined) return undefined;
      return { usage, quota, persisted: await navigator.storage.persisted() };
    },
  };
}

function missing(error: DOMException): undefined {
  if (error.name !== 'NotFoundError') throw error;
  return undefined;
}
