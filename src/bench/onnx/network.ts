/**
 * A network as an ONNX graph, written for ONNX Runtime's WebGPU provider: attention, rotary positions, norm with residual,
 * GELU and SiLU are its own fused operators, so that it runs as well as it can; where its fused attention is wrong,
 * attention may be written out as two products and a softmax. The sums are those of src/engine/reference.ts. Lengths are
 * free: `ids` `[1, T]` and `rows` `[M]` (asked positions) in, `logits` `[M, V]` in f32 out.
 */

import { fromFloat32, toFloat32 } from '../../checkpoint/half.ts';
import type { Weights } from '../../checkpoint/model.ts';
import { type Attribute, ElementType, GraphWriter, MICROSOFT, type OnnxModel } from '../../checkpoint/onnx/graph.ts';
import {
  type Activation,
  type Arch,
  type AttentionSpec,
  type MlpSpec,
  type Norm,
  qkvRows,
  type Rotary,
  type Sees,
} from '../../model/arch.ts';
import { frequencies } from '../../model/rotary.ts';
import { windowOf } from '../../model/sees.ts';
import type { Precision } from '../names.ts';
import { BLOCK, quantise, quantise4 } from './quantise.ts';

/** Added to scores outside the window; far below any score, and finite in f16. */
const HIDDEN = -30_000;

/** As ONNX Runtime's one operator, or as the operators of the ONNX standard. */
export type Attention = 'fused' | 'plain';

/** ONNX Runtime's operators for an activation; SiLU is its QuickGelu with a factor of one (x · sigmoid(x)). */
const ACTIVATIONS = {
  gelu: { operator: 'Gelu', domain: MICROSOFT },
  'gelu-tanh': { operator: 'FastGelu', domain: MICROSOFT },
  silu: { operator: 'QuickGelu', domain: MICROSOFT, attributes: { alpha: { float: 1 } } },
  relu: { operator: 'Relu', domain: '' },
} as const satisfies Record<
  Activation,
  { operator: string; domain: string; attributes?: Readonly<Record<string, Attribute>> }
>;

/** The graph for canvases of up to `maxLength` tokens. Throws what reading the weights throws. */
export async function exportNetwork(
  arch: Arch,
  weights: Weights,
  precision: Precision,
  maxLength: number,
  attention: Attention = 'fused',
): Promise<OnnxModel> {
  const graph = new GraphWriter('network');
  const { width: hiddenSize, vocab: vocabSize } = arch;
  const half = precision === 'f16';
  const real = half ? ElementType.Float16 : ElementType.Float;

  function floats(name: string, shape: readonly number[], values: Float32Array): string {
    return graph.tensor(name, real, shape, half ? fromFloat32(values, 'F16') : values);
  }
  async function read(name: string): Promise<Float32Array> {
    const { dtype } = weights.tensors.get(name) as { dtype: 'F32' | 'F16' | 'BF16' };
    return toFloat32(await weights.read(name), dtype);
  }
  async function vector(name: string, size = hiddenSize): Promise<string> {
    const values = weights.tensors.has(name) ? await read(name) : new Float32Array(size);
    return floats(name, [values.length], values);
  }
  async function biasOf(name: string): Promise<string | undefined> {
    return weights.tensors.has(`${name}.bias`) ? vector(`${name}.bias`) : undefined;
  }
  const known = new Set<string>();
  const sizes = (name: string, ...values: number[]) => {
    if (known.has(name)) return name;
    known.add(name);
    return graph.tensor(name, ElementType.Int64, [values.length], BigInt64Array.from(values, BigInt));
  };
  /** x Wᵀ, its bias left to whoever can add it with something else; `rows` outputs. */
  async function product(x: string, name: string, rows: number, columns: number, part?: Part): Promise<string> {
    const label = part === undefined ? name : `${name}.${part.first}`;
    const values = (await read(name)).subarray((part?.first ?? 0) * columns, ((part?.first ?? 0) + rows) * columns);
    return precision === 'int8' || precision === 'int4'
      ? matMulBits(x, label, values, rows, columns, precision === 'int4' ? 4 : 8)
      : graph.one('MatMul', [x, floats(label, [columns, rows], transposed(values, rows, columns))]);
  }
  /** x Wᵀ + b. */
  async function linear(x: string, name: string, rows: number, columns: number, part?: Part): Promise<string> {
    const y = await product(x, name, rows, columns, part);
    const bias = await biasOf(name);
    if (bias === undefined) return y;
    const of =
      part === undefined ? bias : graph.one('Slice', [bias, ...range(`${name}.${part.first}`, part.first, rows)]);
    return graph.one('Add', [y, of]);
  }
  function matMulBits(
    x: string,
    label: string,
    values: Float32Array,
    rows: number,
    columns: number,
    bits: 4 | 8,
  ): string {
    const { bytes, scales } = (bits === 4 ? quantise4 : quantise)(values, rows, columns);
    const blocks = Math.ceil(columns / BLOCK);
    const matrix = graph.tensor(`${label}.q`, ElementType.Uint8, [rows, blocks, (BLOCK * bits) / 8], bytes);
    const scale = graph.tensor(`${label}.s`, ElementType.Float, [rows * blocks], scales);
    // Accuracy level 4 lets it round activations to 8 bits, too, where the card multiplies those faster.
    const attributes = { K: columns, N: rows, bits, block_size: BLOCK, accuracy_level: 4 };
    return graph.one('MatMulNBits', [x, matrix, scale], attributes, MICROSOFT);
  }
  function range(label: string, first: number, count: number): string[] {
    const one = (name: string, value: number) =>
      graph.tensor(`${label}.${name}`, ElementType.Int64, [1], BigInt64Array.of(BigInt(value)));
    return [one('from', first), one('to', first + count)];
  }
  async function norm(x: string, name: string, { kind, eps }: Pick<Norm, 'kind' | 'eps'>): Promise<string> {
    const attributes = { axis: -1, epsilon: { float: eps } };
    if (kind === 'rms') return graph.one('SimplifiedLayerNormalization', [x, await vector(name)], attributes);
    const bias = await biasOf(name);
    return graph.one('LayerNormalization', [x, await vector(name), ...(bias ? [bias] : [])], attributes);
  }
  /** `[normed, sum]` of x + change, to which the bias of `changed` is added. Without a norm, both are the sum. */
  async function addAndNorm(
    x: string,
    change: string,
    changed: string,
    name: string,
    spec: Norm | undefined,
  ): Promise<[string, string]> {
    const added = (await biasOf(changed)) ?? '';
    if (spec === undefined) {
      const sum = graph.one('Add', [x, added === '' ? change : graph.one('Add', [change, added])]);
      return [sum, sum];
    }
    const shift = spec.kind === 'rms' ? [] : [(await biasOf(name)) ?? ''];
    const inputs = [change, x, await vector(name), ...shift, added];
    while (inputs.at(-1) === '') inputs.pop();
    const operator = spec.kind === 'rms' ? 'SkipSimplifiedLayerNormalization' : 'SkipLayerNormalization';
    const outputs = [`${name}.normed`, '', '', `${name}.sum`];
    graph.node(operator, inputs, { domain: MICROSOFT, attributes: { epsilon: { float: spec.eps } }, outputs });
    return [`${name}.normed`, `${name}.sum`];
  }
  function activate(x: string, activation: Activation): string {
    const { operator, domain, ...rest } = ACTIVATIONS[activation];
    return graph.one(operator, [x], 'attributes' in rest ? rest.attributes : {}, domain);
  }
  /** What `mlpOut` multiplies. */
  async function inner(x: string, name: string, { form, activation, width }: MlpSpec): Promise<string> {
    if (form === 'plain') {
      const bias = await biasOf(name);
      const y = await product(x, name, width, hiddenSize);
      if (bias !== undefined && activation === 'gelu') return graph.one('BiasGelu', [y, bias], {}, MICROSOFT);
      return activate(bias === undefined ? y : graph.one('Add', [y, bias]), activation);
    }
    // The halves as two products: splitting one product would copy it.
    const active = await linear(x, name, width, hiddenSize, { first: 0 });
    const gate = await linear(x, name, width, hiddenSize, { first: width });
    return graph.one('Mul', [activate(active, activation), gate]);
  }

  const ids = graph.input('ids', ElementType.Int64, [1, 'tokens']);
  const rows = graph.input('rows', ElementType.Int64, ['asked']);
  const rotary = rotaryTables(maxLength, floats);
  const bias = windowBias(graph, arch, ids, maxLength, floats);
  const attend = attention === 'fused' ? fusedAttention : plainAttention;

  const table = await read('embeddings');
  const embeddings = floats('embeddings', [vocabSize, hiddenSize], table);
  let x = await embedded();
  let normed = x; // of layers whose norms stand before the products, what the next of them reads
  for (const [i, { order, attention: spec, mlp }] of arch.layers.entries()) {
    const at = `layers.${i}`;
    const { heads, kvHeads, headDim } = spec;
    if (i === 0 && order === 'pre' && spec.norm) normed = await norm(x, `${at}.attnNorm`, spec.norm);
    const qkv = await linear(normed, `${at}.qkv`, qkvRows(spec), hiddenSize);
    const [q, k, v] = split(qkv, spec) as [string, string, string];
    const turn = async (part: string, name: string, count: number) => {
      const even = spec.queryKeyNorm ? await headNorm(part, `${at}.${name}`, count, spec) : part;
      if (spec.rotary === undefined) return even;
      return graph.one('RotaryEmbedding', [even, sizes('start', 0), ...rotary(spec)], { num_heads: count }, MICROSOFT);
    };
    const mixed = attend(await turn(q, 'queryNorm', heads), await turn(k, 'keyNorm', kvHeads), v, spec);
    const attended = await product(mixed, `${at}.attnOut`, hiddenSize, heads * headDim);
    const [first, second] = order === 'pre' ? ['mlpNorm', mlp.norm] : ['attnNorm', spec.norm];
    [normed, x] = await addAndNorm(x, attended, `${at}.attnOut`, `${at}.${first}`, second as Norm | undefined);
    if (order === 'post') x = normed;
    const active = await inner(normed, `${at}.mlpIn`, mlp);
    const change = await product(active, `${at}.mlpOut`, hiddenSize, mlp.width);
    const following = arch.layers[i + 1];
    const [next, its] =
      order === 'post'
        ? [`${at}.mlpNorm`, mlp.norm]
        : following
          ? [`layers.${i + 1}.attnNorm`, following.attention.norm]
          : ['finalNorm', arch.finalNorm];
    [normed, x] = await addAndNorm(x, change, `${at}.mlpOut`, next, its);
    if (order === 'post') x = normed;
  }
  const asked = graph.one('Gather', [normed, rows], { axis: 1 });
  const h = graph.one('Squeeze', [await head(asked), sizes('first axis', 0)]);
  const logits = await decode(h);
  graph.node(half ? 'Cast' : 'Identity', [logits], {
    outputs: ['logits'],
    attributes: half ? { to: ElementType.Float } : {},
  });
  graph.output('logits', ElementType.Float, ['asked', vocabSize]);
  return graph.finish();

  /** Positions and the first token type come as one table. */
  async function embedded(): Promise<string> {
    const { positions, tokenTypes, embeddingNorm } = arch;
    const tokens = graph.one('Gather', [embeddings, ids]);
    if (positions === undefined) {
      return embeddingNorm ? norm(tokens, 'embeddings.norm', embeddingNorm) : tokens;
    }
    const [places, types] = [
      await read('positions'),
      tokenTypes ? await read('tokenTypes') : new Float32Array(hiddenSize),
    ];
    const count = Math.min(maxLength, positions.rows - positions.offset);
    const from = positions.offset * hiddenSize;
    const sum = places
      .slice(from, from + count * hiddenSize)
      .map((value, i) => value + (types[i % hiddenSize] as number));
    const length = graph.one('Shape', [ids], { start: 1 });
    const whole = floats('positions', [1, count, hiddenSize], sum);
    const own = graph.one('Slice', [whole, sizes('first position', 0), length, sizes('axis of positions', 1)]);
    return (await addAndNorm(own, tokens, 'embeddings', 'embeddings.norm', embeddingNorm))[0];
  }
  function split(qkv: string, { heads, kvHeads, headDim }: AttentionSpec): string[] {
    if (heads === kvHeads) return graph.node('Split', [qkv], { outputs: 3, attributes: { axis: -1, num_outputs: 3 } });
    const parts = sizes(`parts ${heads} ${kvHeads} ${headDim}`, heads * headDim, kvHeads * headDim, kvHeads * headDim);
    return graph.node('Split', [qkv, parts], { outputs: 3, attributes: { axis: -1 } });
  }
  async function headNorm(x: string, name: string, count: number, { headDim, queryKeyNorm }: AttentionSpec) {
    const apart = graph.one('Reshape', [x, sizes(`${name}.apart`, 0, 0, count, headDim)]);
    const normed = await norm(apart, name, queryKeyNorm as Norm);
    return graph.one('Reshape', [normed, sizes(`${name}.joined`, 0, 0, count * headDim)]);
  }
  /** Its keys and values have as many heads as the queries, so those that several share are repeated. */
  function fusedAttention(q: string, k: string, v: string, { heads, kvHeads, headDim, sees }: AttentionSpec): string {
    const group = heads / kvHeads;
    const repeated = (part: string) => {
      if (group === 1) return part;
      const apart = graph.one('Reshape', [part, sizes(`${part} apart`, 0, 0, kvHeads, 1, headDim)]);
      const all = graph.one('Expand', [apart, sizes(`${part} all`, 1, 1, 1, group, 1)]);
      return graph.one('Reshape', [all, sizes(`${part} joined`, 0, 0, heads * headDim)]);
    };
    const attributes = { num_heads: heads, scale: { float: headDim ** -0.5 } };
    const inputs = [q, repeated(k), repeated(v), '', '', bias(sees)];
    while (inputs.at(-1) === '') inputs.pop();
    return graph.one('MultiHeadAttention', inputs, attributes, MICROSOFT);
  }
  /** Queries that share a key stand on an axis of their own, over which the products broadcast. */
  function plainAttention(q: string, k: string, v: string, { heads, kvHeads, headDim, sees }: AttentionSpec): string {
    const group = heads / kvHeads;
    const turned = (part: string, of: readonly number[], perm: readonly number[]) =>
      graph.one('Transpose', [graph.one('Reshape', [part, sizes(`${part} heads`, 0, 0, ...of, headDim)])], { perm });
    const scaled = graph.one('Mul', [q, floats(`${q} scale`, [1], Float32Array.of(headDim ** -0.5))]);
    const [queries, keys, values] =
      group === 1
        ? [turned(scaled, [heads], [0, 2, 1, 3]), turned(k, [heads], [0, 2, 3, 1]), turned(v, [heads], [0, 2, 1, 3])]
        : [
            turned(scaled, [kvHeads, group], [0, 2, 3, 1, 4]),
            turned(k, [kvHeads, 1], [0, 2, 3, 4, 1]),
            turned(v, [kvHeads, 1], [0, 2, 3, 1, 4]),
          ];
    const scores = graph.one('MatMul', [queries as string, keys as string]);
    const hidden = bias(sees);
    const seen = hidden === '' ? scores : graph.one('Add', [scores, hidden]);
    const mixed = graph.one('MatMul', [graph.one('Softmax', [seen], { axis: -1 }), values as string]);
    const back = graph.one('Transpose', [mixed], { perm: group === 1 ? [0, 2, 1, 3] : [0, 3, 1, 2, 4] });
    return graph.one('Reshape', [back, sizes(`${mixed} joined`, 0, -1, heads * headDim)]);
  }
  async function head(x: string): Promise<string> {
    const { dense } = arch.head;
    if (dense === undefined) return x;
    return norm(
      activate(await linear(x, 'head.dense', hiddenSize, hiddenSize), dense.activation),
      'head.norm',
      dense.norm,
    );
  }
  async function decode(h: string): Promise<string> {
    const shift = await biasOf('decoder');
    if (precision === 'int8' || precision === 'int4') {
      // In 8 bits as ours.
      const product = matMulBits(h, 'decoder', arch.tied ? table : await read('decoder'), vocabSize, hiddenSize, 8);
      return shift === undefined ? product : graph.one('Add', [product, shift]);
    }
    const matrix = arch.tied ? embeddings : floats('decoder', [vocabSize, hiddenSize], await read('decoder'));
    return graph.one('Gemm', shift === undefined ? [h, matrix] : [h, matrix, shift], { transB: 1 });
  }
}

interface Part {
  /** First output. */
  readonly first: number;
}

/** `[columns, rows]` from `[rows, columns]`. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = values[row * columns + column] as number;
    }
  }
  return turned;
}

/** Names of the cosines and sines `[maxLength, headDim / 2]` of a layer's positions, written once per base. */
function rotaryTables(
  maxLength: number,
  write: (name: string, shape: readonly number[], values: Float32Array) => string,
): (spec: AttentionSpec) => [string, string] {
  const known = new Map<string, [string, string]>();
  return ({ rotary, headDim }) => {
    const turns = frequencies(rotary as Rotary, headDim);
    const angle = (at: number) => Math.floor(at / turns.length) * (turns[at % turns.length] as number);
    const length = maxLength * turns.length;
    const key = JSON.stringify(rotary);
    const tables = known.get(key) ?? [
      write(
        `cos ${key}`,
        [maxLength, turns.length],
        Float32Array.from({ length }, (_, i) => Math.cos(angle(i))),
      ),
      write(
        `sin ${key}`,
        [maxLength, turns.length],
        Float32Array.from({ length }, (_, i) => Math.sin(angle(i))),
      ),
    ];
    known.set(key, tables);
    return tables;
  };
}

/** Name of the bias `[1, 1, T, T]` that hides keys outside a layer's window, cut once per run; '' when all is seen. */
function windowBias(
  graph: GraphWriter,
  { layers }: Arch,
  ids: string,
  maxLength: number,
  write: (name: string, shape: readonly number[], values: Float32Array) => string,
): (sees: Sees) => string {
  const known = new Map<string, string>();
  const constant = (name: string, ...values: number[]) =>
    graph.tensor(name, ElementType.Int64, [values.length], BigInt64Array.from(values, BigInt));
  const limited = layers
    .map(({ attention }) => windowOf(attention.sees))
    .filter(([before, after]) => before < maxLength - 1 || after < maxLength - 1);
  if (limited.length === 0) return () => '';
  const tokens = graph.one('Shape', [ids], { start: 1 });
  const ends = graph.one('Concat', [tokens, tokens], { axis: 0 });
  const cut = (whole: string) =>
    graph.one('Slice', [whole, constant(`${whole} from`, 0, 0), ends, constant(`${whole} axes`, 2, 3)]);
  for (const [before, after] of limited) {
    const key = `window ${before} ${after}`;
    if (known.has(key)) continue;
    const values = new Float32Array(maxLength ** 2).fill(HIDDEN);
    for (let query = 0; query < maxLength; query++) {
      const from = query * maxLength;
      values.fill(0, from + Math.max(0, query - before), from + Math.min(maxLength - 1, query + after) + 1);
    }
    known.set(key, cut(write(key, [1, 1, maxLength, maxLength], values)));
  }
  return (sees) => known.get(`window ${windowOf(sees).join(' ')}`) ?? '';
}
