/** An adapter once its files have been read, or a run has learnt it: what changes a network's weights without replacing them. */
import type { LoraSpec, LowRankPlace } from '../../model/lora.ts';

/** W + scale · b a on the module's rows of its parameter. */
export interface LowRank extends LowRankPlace {
  /** `[rank, columns]`. */
  readonly a: Float32Array;
  /** `[rows, rank]`. */
  readonly b: Float32Array;
}

/** Values that take the place of a parameter's, from row `first` on. */
export interface Replaced {
  readonly parameter: string;
  readonly first: number;
  readonly values: Float32Array;
}

export interface Adapter {
  /** What lists and traces call it. */
  readonly id: string;
  readonly spec: LoraSpec;
  /** What its file says it was trained on; empty when it says nothing. */
  readonly base: string;
  readonly lowRank: readonly LowRank[];
  /** Modules saved whole, and biases that learnt. */
  readonly replaced: readonly Replaced[];
}
/**
 * Whether it can be weighed while a network runs: all it does is add low ranks to linear layers. Others change tables,
 * norms or biases, and a network takes them in as a merged copy.
 */
export function isLive({ lowRank, replaced }: Pick<Adapter, 'lowRank' | 'replaced'>): boolean {
  return replaced.length === 0 && lowRank.every(({ module }) => module.kind === 'matrix');
}
