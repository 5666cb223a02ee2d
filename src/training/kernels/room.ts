/** Whether the card had room for what was recorded. */
import { freeUnusedBuffers } from '../webgpu-backend.ts';
import { device } from './run.ts';

const FILTERS: readonly GPUErrorFilter[] = ['out-of-memory', 'validation'];

/** Buffers that are asked for together, so that no single one is larger than cards allow. */
const PROBE = 2 ** 26;

/**
 * Whether the card has room for so many bytes beside what is in use: they are asked for, and given back. tfjs itself does not
 * survive that it runs out in the midst of its work.
 */
export async function hasRoom(bytes: number): Promise<boolean> {
  const gpu = device();
  freeUnusedBuffers();
  for (const filter of FILTERS) gpu.pushErrorScope(filter);
  const buffers: GPUBuffer[] = [];
  for (let left = bytes; left > 0; left -= PROBE)
    buffers.push(gpu.createBuffer({ size: 4 * Math.ceil(Math.min(left, PROBE) / 4), usage: GPUBufferUsage.STORAGE }));
  const popped = FILTERS.map(() => gpu.popErrorScope());
  for (const buffer of buffers) buffer.destroy();
  return (await Promise.all(popped)).every((error) => error === null);
}

export type Tried<T> = { readonly done: T } | { readonly full: unknown; readonly done?: T | undefined };

/**
 * What `work` gives, and what the card said when it could not make all of its buffers; then `done` means nothing. A buffer
 * that is larger than the card allows is refused as invalid, which counts as well.
 */
export async function unlessFull<T>(work: () => T): Promise<Tried<T>> {
  const gpu = device();
  for (const filter of FILTERS) gpu.pushErrorScope(filter);
  let done: T | undefined;
  let thrown: { readonly error: unknown } | undefined;
  try {
    done = work();
  } catch (error) {
    thrown = { error };
  }
  // Popped in the same task, so that other users of the device never see the scopes.
  const popped = FILTERS.map(() => gpu.popErrorScope());
  const full = (await Promise.all(popped)).find((error) => error !== null);
  if (full) return { full, done };
  if (thrown) throw thrown.error;
  return { done: done as T };
}

/** Gives back what is free, invalid buffers among it, and what was recorded with them. */
export async function freeAfterFailure(): Promise<void> {
  const gpu = device();
  gpu.pushErrorScope('validation');
  freeUnusedBuffers();
  await gpu.popErrorScope();
}
