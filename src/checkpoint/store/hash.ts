/**
 * Checksums over a stream, as the hub gives them: SHA-256 of large files, git's SHA-1 of small ones (over
 * `blob <length>\0` and the bytes). The state of a half-done sum is a short text, so that a download that was
 * interrupted goes on without reading again what it has.
 */
import { createSHA1, createSHA256, type IHasher } from 'hash-wasm';

export interface Checksum {
  readonly kind: 'sha256' | 'git';
  /** Lower-case hexadecimal digits: 64 or 40. */
  readonly hex: string;
}

export interface Hasher {
  update(bytes: Uint8Array): void;
  /** What `hasher` takes to go on from here. */
  state(): string;
  /** The sum; nothing can be added afterwards. */
  hex(): string;
}

/** A sum over a file of `size` bytes, from its start or from a saved state. Undefined when the state is unusable. */
export async function hasher(kind: Checksum['kind'], size: number): Promise<Hasher>;
export async function hasher(kind: Checksum['kind'], size: number, state: string): Promise<Hasher | undefined>;
export async function hasher(kind: Checksum['kind'], size: number, state?: string): Promise<Hasher | undefined> {
  const sum: IHasher = await (kind === 'sha256' ? createSHA256() : createSHA1());
  sum.init();
  if (state !== undefined) {
    try {
      sum.load(fromHex(state));
    } catch {
      return undefined; // saved by another version of the library
    }
  } else if (kind === 'git') {
    sum.update(new TextEncoder().encode(`blob ${size}\0`));
  }
  return { update: (bytes) => void sum.update(bytes), state: () => toHex(sum.save()), hex: () => sum.digest('hex') };
}

/** The SHA-256 of bytes at hand. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const sum = await hasher('sha256', bytes.length);
  sum.update(bytes);
  return sum.hex();
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
