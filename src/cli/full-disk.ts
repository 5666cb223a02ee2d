/** A full disk ends what writes to it; what was saved before is not lost by that, and is named. */
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { isFull } from '../checkpoint/store/disk.ts';
import { UnmaskError } from '../diffusion/error.ts';

/**
 * The events of a run. Throws `UnmaskError` code `storage` with the words of `last` about the last good checkpoint, or that
 * there is none.
 */
export async function* withFullDisk<T>(
  events: AsyncIterable<T>,
  last: () => string | undefined,
): AsyncGenerator<T, void> {
  try {
    yield* events;
  } catch (cause) {
    if (!isFull(cause)) throw cause;
    const kept = last();
    const message = `There is no room on the disk for another checkpoint. ${kept ?? 'Nothing was saved before.'}`;
    const remedy = kept === undefined ? 'Make room, then start it anew.' : 'Make room, then go on with --resume.';
    throw new UnmaskError({ code: 'storage', message, remedy }, { cause });
  }
}

/** What the system says of a file, in words; whatever else failed stays what it is. */
export function ofFiles(cause: unknown): unknown {
  const { code, path } = (cause ?? {}) as NodeJS.ErrnoException;
  const failed = (message: string, remedy: string) => new UnmaskError({ code: 'storage', message, remedy }, { cause });
  if (isFull(cause)) {
    const where = path === undefined ? '' : ` for ${path}`;
    return failed(`There is no room on the disk${where}.`, 'Make room, or choose another disk, and try again.');
  }
  if (path === undefined) return cause;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return failed(`${path} may not be read or written here.`, 'Choose another place, or change its permissions.');
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ENAMETOOLONG')
    return failed(`${path} is no place to read from or write to.`, 'Check the path: a folder of it may be missing.');
  return cause;
}

/** Replaces a file at once, so that an end in the middle leaves the one before. What is no file, such as a pipe, is written to. */
export async function writeWhole(file: string, text: string): Promise<void> {
  if (
    await stat(file).then(
      (found) => !found.isFile(),
      () => false,
    )
  )
    return writeFile(file, text);
  try {
    await writeFile(`${file}.part`, text);
    await rename(`${file}.part`, file);
  } catch (error) {
    await rm(`${file}.part`, { force: true });
    throw error;
  }
}
