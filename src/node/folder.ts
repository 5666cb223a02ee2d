/** A model's files in a folder on this machine, read by part, so that large weights never lie in memory whole. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileSource } from '../checkpoint/model.ts';
import { exactly } from '../checkpoint/sources.ts';
import { UnmaskError } from '../diffusion/error.ts';

/** One read call of Node takes less than 2 GiB. */
const READ_AT_ONCE = 2 ** 30;

/** The folder at `path`. Throws `UnmaskError` code `checkpoint` when there is none. */
export async function folderSource(path: string): Promise<FileSource> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isDirectory()) throw unreadable(path, `There is no folder ${path}.`);
  const size = async (name: string) => {
    const found = await stat(inside(path, name)).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw unreadable(name, `${name} in ${path} cannot be read (${cause.code}).`, cause);
    });
    return found?.isFile() ? found.size : undefined;
  };
  const read = (name: string, start: number, end: number, signal?: AbortSignal) =>
    withFile(path, name, (file) => readRange(file, start, end, signal));
  return {
    label: path,
    size,
    async readAll(name, options) {
      const length = await size(name);
      if (length === undefined) return 'missing';
      if (length > (options?.maxBytes ?? Number.POSITIVE_INFINITY)) return 'large';
      const bytes = await read(name, 0, length, options?.signal);
      options?.onProgress?.(bytes.length, length);
      return exactly(bytes, name, path, length);
    },
    async read(name, start, end, options) {
      const bytes = (await size(name)) === undefined ? undefined : await read(name, start, end, options?.signal);
      return exactly(bytes, name, path, end - start);
    },
  };
}

/** Links inside the folder are followed (the hub's own cache is made of them); names that leave it are not. */
function inside(folder: string, name: string): string {
  if (name !== '.' && name !== '..' && !/[\\/\0]/.test(name)) return join(folder, name);
  throw unreadable(name, `"${name}" is not the name of a file in ${folder}.`);
}

async function withFile<T>(folder: string, name: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await open(inside(folder, name));
    return await work(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof UnmaskError || code === undefined || code === 'ABORT_ERR') throw cause;
    throw unreadable(name, `${name} in ${folder} cannot be read (${code}).`, cause);
  } finally {
    await file?.close();
  }
}

/** Bytes `[start, end)`, fewer where the file ends before. */
async function readRange(file: FileHandle, start: number, end: number, signal: AbortSignal | undefined) {
  const length = Math.max(0, Math.min(end, (await file.stat()).size) - start);
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(bytes, filled, Math.min(length - filled, READ_AT_ONCE), start + filled);
    if (bytesRead === 0) return bytes.slice(0, filled);
    filled += bytesRead;
  }
  return bytes;
}

function unreadable(file: string, message: string, cause?: unknown): UnmaskError {
  const remedy = 'Give a folder that holds config.json, tokenizer.json and model.safetensors.';
  return new UnmaskError({ code: 'checkpoint', message, remedy, file }, { cause });
}
