/** The store in a folder under Node: large files written in place, small ones by renaming a finished copy. */
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Disk, localLocks } from '../checkpoint/store/disk.ts';

/** The folder at `path`, made when there is none. Locks hold within this process only. */
export async function nodeDisk(path: string): Promise<Disk> {
  await mkdir(path, { recursive: true });
  return {
    lasting: true,
    names: () => readdir(path),
    async open(name) {
      const file = await open(join(path, name)).catch(missing);
      if (file === undefined) return undefined;
      const { size } = await file.stat().finally(() => file.close());
      return { size, read: (start, end) => readPart(join(path, name), start, Math.min(end, size)) };
    },
    async writer(name) {
      const file = await open(join(path, name), 'r+').catch(missing);
      const held = file ?? (await open(join(path, name), 'w+'));
      let { size } = await held.stat();
      return {
        size: () => size,
        async write(bytes, at) {
          for (let done = 0; done < bytes.length; ) {
            done += (await held.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
          }
          size = Math.max(size, at + bytes.length);
        },
        async truncate(length) {
          await held.truncate(length);
          size = length;
        },
        flush: () => held.datasync(),
        close: () => held.close(),
      };
    },
    async put(name, bytes) {
      const fresh = join(path, `${name}.new`);
      try {
        await writeFile(fresh, bytes, { flush: true });
        await rename(fresh, join(path, name));
      } catch (error) {
        await rm(fresh, { force: true });
        throw error;
      }
    },
    remove: (name) => rm(join(path, name), { force: true }),
    exclusive: localLocks(),
    use: async () => undefined,
  };
}

async function readPart(path: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(Math.max(0, end - start));
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  } finally {
    await file.close();
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}
