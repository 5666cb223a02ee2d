/** Whether the card had room for what was recorded. */
import { freeUnusedBuffers } from '../webgpu-backend.ts';
import { device } from './run.ts';

const FILTERS: readonly GPUErrorFilter[] = ['out-of-memory', 'validation'];

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
