/**
 * Small files that a crash must not lose. The browser's file system writes them over in place, so they are written twice,
 * the copy first: whenever it breaks off, one of the two is whole, the old one or the new.
 */
import type { Disk } from './disk.ts';

/** Throws what the disk throws. */
export async function putTwice(disk: Disk, name: string, bytes: Uint8Array): Promise<void> {
  await disk.put(copyOf(name), bytes);
  await disk.put(name, bytes);
}

/** What `parse` makes of the file, or of its copy where it throws; undefined when neither is there. */
export async function readEither<T>(disk: Disk, name: string, parse: (bytes: Uint8Array) => T): Promise<T | undefined> {
  const attempt = async (each: string) => {
    const file = await disk.open(each);
    return file && parse(await file.read(0, file.size));
  };
  try {
    return await attempt(name);
  } catch (error) {
    const copy = await attempt(copyOf(name)).catch(() => undefined);
    if (copy === undefined) throw error;
    return copy;
  }
}

export function copyOf(name: string): string {
  return `${name}.copy`;
}
