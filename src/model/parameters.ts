/** The list of a network's parameters, for everybody who opens, uploads, counts, draws, trains, adapts or writes them. */
import { type Arch, type Norm, qkvRows } from './arch.ts';

/** table: rows are looked up. matrix: `[out, in]`, as PyTorch stores it. norm: a scale. bias: what is added. */
export type ParameterKind = 'table' | 'matrix' | 'norm' | 'bias';

export interface Parameter {
  /** See `parameters`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: ParameterKind;
  /** What it makes is added to the residual stream: such matrices begin narrower, by √(2 layers). */
  readonly residual: boolean;
}

/**
 * In the order in which a forward pass meets them: `embeddings`, `positions`, `tokenTypes`, `embeddings.norm`; for each
 * layer i `layers.{i}.` with `attnNorm`, `qkv` (queries, keys, values, each head by head), `queryNorm`, `keyNorm`,
 * `attnOut`, `mlpNorm`, `mlpIn` (of gated ones the activated half first), `mlpOut`; `finalNorm`, `head.dense`, `head.norm`,
 * `decoder` unless it is tied. Biases follow what they belong to, as `NAME.bias`; the last is `decoder.bias`. Edit networks
 * have more: `insertions`, like a decoder, and `rates`, of substitution, removal and insertion.
 */
export function parameters(arch: Arch): readonly Parameter[] {
  const { vocab, width, layers, head } = arch;
  const list: Parameter[] = [];
  const add = (name: string, kind: ParameterKind, shape: readonly number[], residual = false) => {
    list.push({ name, kind, shape, residual });
  };
  const norm = (name: string, size: number, spec: Norm | undefined) => {
    if (spec === undefined) return;
    add(name, 'norm', [size]);
    if (spec.bias) add(`${name}.bias`, 'bias', [size]);
  };
  const linear = (name: string, shape: readonly [out: number, into: number], bias: boolean, residual = false) => {
    add(name, 'matrix', shape, residual);
    if (bias) add(`${name}.bias`, 'bias', [shape[0]]);
  };

  add('embeddings', 'table', [vocab, width]);
  if (arch.positions) add('positions', 'table', [arch.positions.rows, width]);
  if (arch.tokenTypes) add('tokenTypes', 'table', [arch.tokenTypes, width]);
  norm('embeddings.norm', width, arch.embeddingNorm);
  for (const [i, { attention, mlp }] of layers.entries()) {
    const at = `layers.${i}.`;
    const { heads, headDim, queryKeyNorm } = attention;
    norm(`${at}attnNorm`, width, attention.norm);
    linear(`${at}qkv`, [qkvRows(attention), width], attention.bias.qkv);
    norm(`${at}queryNorm`, headDim, queryKeyNorm);
    norm(`${at}keyNorm`, headDim, queryKeyNorm);
    linear(`${at}attnOut`, [width, heads * headDim], attention.bias.out, true);
    norm(`${at}mlpNorm`, width, mlp.norm);
    linear(`${at}mlpIn`, [mlp.form === 'gated' ? 2 * mlp.width : mlp.width, width], mlp.bias.in);
    linear(`${at}mlpOut`, [width, mlp.width], mlp.bias.out, true);
  }
  norm('finalNorm', width, arch.finalNorm);
  if (head.dense) {
    linear('head.dense', [width, width], head.dense.bias);
    norm('head.norm', width, head.dense.norm);
  }
  if (!arch.tied) add('decoder', 'table', [vocab, width]);
  if (head.decoderBias) add('decoder.bias', 'bias', [vocab]);
  if (arch.edits) {
    add('insertions', 'table', [vocab, width]);
    if (head.decoderBias) add('insertions.bias', 'bias', [vocab]);
    linear('rates', [EDIT_KINDS, width], true);
  }
  return list;
}

/** Substitution, removal, insertion: the order of the rows of `rates`. */
const EDIT_KINDS = 3;

/** How many numbers a parameter holds. */
export function sizeOf({ shape }: Pick<Parameter, 'shape'>): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** How many numbers a network has learnt. */
export function parameterCount(arch: Arch): number {
  return parameters(arch).reduce((sum, parameter) => sum + sizeOf(parameter), 0);
}
