/**
 * Where the page's own files are kept for use without a network: one cache, each file under its address and the SHA-256
 * of its bytes. Two versions of the page can lie in it side by side, what they share lies there once, and a file that
 * came another way (from a classroom pack) counts as fetched.
 */

export const SHELF = 'unmask-files';

/** The name of a file in the cache. `hash` is lower-case hexadecimal. */
export function shelfKey(address: string | URL, hash: string): string {
  const url = new URL(address);
  url.hash = '';
  url.search = `?sha256=${hash}`;
  return url.href;
}

export async function sha256(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What the worker tells every page while it fetches. */
export interface ShelfProgress {
  readonly kind: 'shelf';
  /** Bytes that are here, of all that will be. */
  readonly have: number;
  readonly total: number;
}

/** The page asks the worker that waits to take over now; it answers whether it does. */
export interface TakeOver {
  readonly kind: 'takeOver';
}
