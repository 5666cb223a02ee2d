/** ModernBERT-base, and models of its 22 layers that a processor can run, too; and what a run downloads. */
import { PUBLISHED, type PublishedSize } from '../checkpoint/published-config.ts';

export const SIZES = {
  thin: { hidden: 32, heads: 1, intermediate: 48, layers: 22, vocab: 1024 },
  narrow: { hidden: 64, heads: 2, intermediate: 96, layers: 22, vocab: 4096 },
  middle: { hidden: 256, heads: 4, intermediate: 384, layers: 22, vocab: 16_384 },
  base: PUBLISHED.base,
} as const satisfies Record<string, PublishedSize>;
export type SizeName = keyof typeof SIZES;

/** Weights of a model without biases but the decoder's, which is tied. */
export function parametersOf({ hidden, intermediate, layers, vocab }: PublishedSize): number {
  const layer = 4 * hidden ** 2 + 3 * hidden * intermediate + 2 * hidden;
  // The first layer has no attention norm; around the layers stand three norms, a matrix and the embedding.
  return vocab * hidden + vocab + layers * layer - hidden + 3 * hidden + hidden ** 2;
}

/** ONNX Runtime's script and WebAssembly. */
export const ORT_BYTES = 26_900_000;
