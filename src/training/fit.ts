/** How a step is cut up so that it fits, and what is said when it does not. */
import { UnmaskError } from '../diffusion/error.ts';
import { said } from '../text/said.ts';
import type { LayerBlock } from './network.ts';

/**
 * How much of a step exists at once: so many rows of a batch, and of the layers one of so many blocks. The activations of
 * the others are computed again on the way back (arXiv 1604.06174), so that only the stream between blocks is kept. Neither
 * changes what a step computes: blocks not a bit, rows the order of a sum.
 */
export interface Fit {
  readonly rows: number;
  readonly blocks: number;
}

/** The layers in blocks of about the same size. */
export function blocksOf(layers: number, blocks: number): LayerBlock[] {
  const count = Math.max(1, Math.min(blocks, layers));
  const edge = (i: number) => Math.round((i * layers) / count);
  return Array.from({ length: count }, (_, i) => ({ from: edge(i), to: edge(i + 1) }));
}

/** The next smaller one: more blocks until each has one layer, which costs one more pass, then half the rows. */
export function smallerFit({ rows, blocks }: Fit, layers: number): Fit | undefined {
  if (blocks < layers) return { rows, blocks: Math.min(layers, 2 * blocks) };
  return rows > 1 ? { rows: Math.ceil(rows / 2), blocks } : undefined;
}

/** Whether an error says that there is no memory left, in the words of the programs that we compute with. */
export function isFull(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof UnmaskError) return false;
  return /out of memory|OOM|allocation failed|memory access out of bounds|enlarge memory/i.test(error.message);
}

export function tooLarge(cause: unknown, backend: string): UnmaskError {
  const words = cause instanceof Error || hasMessage(cause) ? cause.message : String(cause);
  return new UnmaskError(
    {
      code: 'settings',
      message: said`This run does not fit into memory, not even one row at a time and layer by layer (${backend}: ${words}).`,
      remedy: 'Take shorter rows, an adapter beside fewer bits, or a smaller model.',
    },
    { cause },
  );
}

function hasMessage(cause: unknown): cause is { readonly message: string } {
  return typeof cause === 'object' && cause !== null && 'message' in cause && typeof cause.message === 'string';
}
