/**
 * What a network is, as data. Engine, fallback, trainer, loader, export and the ONNX peer read the same description, so
 * that a family of models is one file that makes an `Arch` (see `family.ts`), and none of them asks for a family's name.
 */

/** A transformer that reads a canvas and has one row of logits for each position. */
export interface Arch {
  /** Rows of the token table, and logits of a row. */
  readonly vocab: number;
  /** Of the residual stream. */
  readonly width: number;
  /** Longest canvas, in tokens. */
  readonly maxLength: number;
  /** A table added to the embeddings; absent where positions are told by rotation alone. */
  readonly positions?: LearnedPositions;
  /** Rows of a second table of which row 0 is added to every token (BERT's segment embeddings). */
  readonly tokenTypes?: number;
  /** After the embeddings. */
  readonly embeddingNorm?: Norm;
  readonly layers: readonly LayerSpec[];
  /** After the last layer. */
  readonly finalNorm?: Norm;
  readonly head: Head;
  /**
   * Of an edit network (Edit Flows, arXiv 2506.09018): the decoder says what would take a token's place, and beside it are
   * `insertions`, a second one for what would come after it, and `rates`, how many edits are expected.
   */
  readonly edits?: boolean;
  /** The decoder's matrix is the token table. */
  readonly tied: boolean;
  /** 1: row p of the network speaks of position p + 1, as in networks that were autoregressive (Dream kept it). */
  readonly logitShift: 0 | 1;
  readonly ids: SpecialIds;
}

/** Position p reads row p + offset (RoBERTa begins after its padding id). */
export interface LearnedPositions {
  readonly rows: number;
  readonly offset: number;
}

export interface LayerSpec {
  /** pre: x + f(norm(x)). post: norm(x + f(x)), as in BERT. */
  readonly order: 'pre' | 'post';
  readonly attention: AttentionSpec;
  readonly mlp: MlpSpec;
}

/** Softmax attention: `heads` queries of `headDim`, every `heads / kvHeads` of them sharing one key and value. */
export interface AttentionSpec {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** Absent in ModernBERT's first layer, whose input is normed already. */
  readonly norm?: Norm;
  /** Of each head's query and key, over `headDim`, before rotation (Qwen3). */
  readonly queryKeyNorm?: Norm;
  readonly bias: { readonly qkv: boolean; readonly out: boolean };
  readonly rotary?: Rotary;
  readonly sees: Sees;
}

/** Rotary positions of whole heads, the half-split kind: dimension j turns with j + headDim / 2 (arXiv 2104.09864). */
export interface Rotary {
  readonly theta: number;
  readonly scaling?: RotaryScaling;
}

/** How a model's frequencies were changed for texts longer than those it first learnt from; see `rotary.ts`. */
export type RotaryScaling =
  | { readonly kind: 'linear'; readonly factor: number }
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalLength: number;
    };

export interface MlpSpec {
  /** gated: out(activation(in₁ x) · in₂ x), whose `in` is stored activated half first. plain: out(activation(in x)). */
  readonly form: 'gated' | 'plain';
  readonly activation: Activation;
  /** Columns of `out`. */
  readonly width: number;
  readonly norm?: Norm;
  readonly bias: { readonly in: boolean; readonly out: boolean };
}

export type Activation = 'gelu' | 'gelu-tanh' | 'silu' | 'relu';

/** layer: mean subtracted, divided by the deviation. rms: divided by the root of the mean square. Both scaled. */
export interface Norm {
  readonly kind: 'layer' | 'rms';
  readonly eps: number;
  readonly bias: boolean;
}

/** From the stream to logits: norm(activation(dense x)) where there is a dense layer, then the decoder. */
export interface Head {
  readonly dense?: { readonly activation: Activation; readonly bias: boolean; readonly norm: Norm };
  readonly decoderBias: boolean;
}

/**
 * Which keys a query sees. window: `before` and `after` it, itself not counted, Infinity for all. blocks: its own block of
 * so many positions and all before it (BD3-LM, arXiv 2503.09573); with an offset the first block is only so long, if it is
 * not 0. noisyAndClean: the training pattern of the same paper
 * over x_t followed by x_0, blocks of so many positions in each.
 */
export type Sees =
  | { readonly window: readonly [before: number, after: number] }
  | { readonly blocks: number; readonly offset?: number }
  | { readonly noisyAndClean: number };

/** Ids of tokens with a meaning of their own; undefined where a model has none. */
export interface SpecialIds {
  readonly mask: number | undefined;
  readonly pad: number | undefined;
  readonly cls: number | undefined;
  readonly sep: number | undefined;
  readonly bos: number | undefined;
  readonly eos: number | undefined;
  /** Other tokens at which a text that is written from left to right ends, as generation_config.json names them. */
  readonly ends?: readonly number[];
}

export const SEES_ALL: Sees = { window: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] };
export const SEES_BEFORE: Sees = { window: [Number.POSITIVE_INFINITY, 0] };

/** Whether no query sees a later key: the text so far can then be continued, and its keys and values kept. */
export function isCausal({ layers }: Pick<Arch, 'layers'>): boolean {
  return layers.every(({ attention: { sees } }) => 'window' in sees && sees.window[1] === 0);
}

/** Rows of the product that makes queries, keys and values, in this order. */
export function qkvRows({ heads, kvHeads, headDim }: Pick<AttentionSpec, 'heads' | 'kvHeads' | 'headDim'>): number {
  return (heads + 2 * kvHeads) * headDim;
}
