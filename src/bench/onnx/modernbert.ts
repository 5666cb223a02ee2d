/**
 * ModernBERT (arXiv 2412.13663) as an ONNX graph, written for ONNX Runtime's WebGPU provider: attention, rotary
 * positions, norm with residual and GELU are its own fused operators, so that it runs as well as it can; where its fused
 * attention is wrong, attention may be written out as two products and a softmax. The sums are those of
 * src/engine/reference.ts. Lengths are free: `ids` `[1, T]` and `rows` `[M]` (asked positions) in, `logits` `[M, V]` in
 * f32 out.
 */

import { fromFloat32, toFloat32 } from '../../checkpoint/half.ts';
import type { Weights } from '../../checkpoint/model.ts';
import { ElementType, GraphWriter, MICROSOFT, type OnnxModel } from '../../checkpoint/onnx/graph.ts';
import type { Arch, AttentionSpec, LayerSpec, Norm, Rotary, Sees } from '../../model/arch.ts';
import { frequencies } from '../../model/rotary.ts';
import { windowOf } from '../../model/sees.ts';
import type { Precision } from '../names.ts';
import { BLOCK, quantise, quantise4 } from './quantise.ts';

/** Added to scores outside the window; far below any score, and finite in f16. */
const HIDDEN = -30_000;

/** As ONNX Runtime's one operator, or as the operators of the ONNX standard. */
export type Attention = 'fused' | 'plain';

/** The graph for canvases of up to `maxLength` tokens. Throws what reading the weights throws. */
export async function exportModernBert(
  arch: Arch,
  weights: Weights,
  precision: Precision,
  maxLength: number,
  attention: Attention = 'fused',
): Promise<OnnxModel> {
  const graph = new GraphWriter('ModernBERT');
  const { width: hiddenSize, vocab: vocabSize } = arch;
  const {
    attention: { heads, headDim },
    mlp: { width: intermediateSize },
  } = arch.layers[0] as LayerSpec;
  const half = precision === 'f16';
  const real = half ? ElementType.Float16 : ElementType.Float;
  const epsilon = { epsilon: { float: (arch.finalNorm as Norm).eps } };

  function floats(name: string, shape: readonly number[], values: Float32Array): string {
    return graph.tensor(name, real, shape, half ? fromFloat32(values, 'F16') : values);
  }
  async function read(name: string): Promise<Float32Array> {
    const { dtype } = weights.tensors.get(name) as { dtype: 'F32' | 'F16' | 'BF16' };
    return toFloat32(await weights.read(name), dtype);
  }
  async function vector(name: string): Promise<string> {
    const values = weights.tensors.has(name) ? await read(name) : new Float32Array(hiddenSize);
    return floats(name, [values.length], values);
  }
  async function biasOf(name: string): Promise<string | undefined> {
    return weights.tensors.has(`${name}.bias`) ? vector(`${name}.bias`) : undefined;
  }
  /** x Wᵀ + b; `rows` outputs. */
  async function linear(x: string, name: string, rows: number, columns: number, part?: Part): Promise<string> {
    const label = part === undefined ? name : `${name}.${part.first}`;
    const values = (await read(name)).subarray((part?.first ?? 0) * columns, ((part?.first ?? 0) + rows) * columns);
    const product =
      precision === 'int8' || precision === 'int4'
        ? matMulBits(x, label, values, rows, columns, precision === 'int4' ? 4 : 8)
        : graph.one('MatMul', [x, floats(label, [columns, rows], transposed(values, rows, columns))]);
    const bias = await biasOf(name);
    if (bias === undefined) return product;
    const of = part === undefined ? bias : graph.one('Slice', [bias, ...range(label, part.first, rows)]);
    return graph.one('Add', [product, of]);
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
  async function norm(x: string, name: string): Promise<string> {
    const inputs = [x, await vector(name), ...[await biasOf(name)].filter((bias) => bias !== undefined)];
    return graph.one('LayerNormalization', inputs, { axis: -1, ...epsilon });
  }
  /** `[normed, sum]` of x + change. */
  async function addAndNorm(x: string, change: string, name: string): Promise<[string, string]> {
    const inputs = [change, x, await vector(name), ...[await biasOf(name)].filter((bias) => bias !== undefined)];
    const sum = `${name}.sum`;
    const outputs = [`${name}.normed`, '', '', sum];
    graph.node('SkipLayerNormalization', inputs, { domain: MICROSOFT, attributes: epsilon, outputs });
    return [`${name}.normed`, sum];
  }
  const gelu = (x: string) => graph.one('Gelu', [x], {}, MICROSOFT);

  const ids = graph.input('ids', ElementType.Int64, [1, 'tokens']);
  const rows = graph.input('rows', ElementType.Int64, ['asked']);
  const rotary = rotaryTables(maxLength, (name, values) => floats(name, [maxLength, headDim / 2], values));
  const bias = windowBias(graph, arch, ids, maxLength, floats);
  const start = graph.tensor('start', ElementType.Int64, [1], new BigInt64Array(1));

  const table = await read('embeddings');
  const embeddings = floats('embeddings', [vocabSize, hiddenSize], table);
  const attend = attention === 'fused' ? fusedAttention() : plainAttention();
  let x = await norm(graph.one('Gather', [embeddings, ids]), 'embeddings.norm');
  let normed = x;
  for (const [i, { attention: spec }] of arch.layers.entries()) {
    const at = `layers.${i}`;
    const qkv = await linear(normed, `${at}.qkv`, 3 * hiddenSize, hiddenSize);
    const [q, k, v] = graph.node('Split', [qkv], { outputs: 3, attributes: { axis: -1, num_outputs: 3 } });
    const turn = (part: string) =>
      graph.one('RotaryEmbedding', [part, start, ...rotary(spec)], { num_heads: heads }, MICROSOFT);
    const mixed = attend(turn(q as string), turn(k as string), v as string, bias(spec.sees));
    const attended = await linear(mixed, `${at}.attnOut`, hiddenSize, hiddenSize);
    [normed, x] = await addAndNorm(x, attended, `${at}.mlpNorm`);
    // The halves of mlpIn as two products: splitting one product would copy it.
    const activated = await linear(normed, `${at}.mlpIn`, intermediateSize, hiddenSize, { first: 0 });
    const gate = await linear(normed, `${at}.mlpIn`, intermediateSize, hiddenSize, { first: intermediateSize });
    const gated = graph.one('Mul', [gelu(activated), gate]);
    const change = await linear(gated, `${at}.mlpOut`, hiddenSize, intermediateSize);
    const next = i + 1 < arch.layers.length ? `layers.${i + 1}.attnNorm` : 'finalNorm';
    [normed, x] = await addAndNorm(x, change, next);
  }
  const asked = graph.one('Gather', [normed, rows], { axis: 1 });
  const dense = gelu(await linear(asked, 'head.dense', hiddenSize, hiddenSize));
  const h = graph.one('Squeeze', [
    await norm(dense, 'head.norm'),
    graph.tensor('first axis', ElementType.Int64, [1], new BigInt64Array(1)),
  ]);
  const logits = await decode(h);
  graph.node(half ? 'Cast' : 'Identity', [logits], {
    outputs: ['logits'],
    attributes: half ? { to: ElementType.Float } : {},
  });
  graph.output('logits', ElementType.Float, ['asked', vocabSize]);
  return graph.finish();

  function fusedAttention(): Attend {
    const attributes = { num_heads: heads, scale: { float: headDim ** -0.5 } };
    return (q, k, v, hidden) => graph.one('MultiHeadAttention', [q, k, v, '', '', hidden], attributes, MICROSOFT);
  }
  function plainAttention(): Attend {
    const shape = (name: string, ...sizes: number[]) =>
      graph.tensor(name, ElementType.Int64, [sizes.length], BigInt64Array.from(sizes, BigInt));
    const perHead = shape('per head', 0, 0, heads, headDim);
    const joined = shape('joined', 0, 0, hiddenSize);
    const scale = floats('scale', [1], Float32Array.of(headDim ** -0.5));
    const split = (x: string, ...perm: number[]) =>
      graph.one('Transpose', [graph.one('Reshape', [x, perHead])], { perm });
    return (q, k, v, hidden) => {
      const scaled = graph.one('Mul', [q, scale]);
      const scores = graph.one('MatMul', [split(scaled, 0, 2, 1, 3), split(k, 0, 2, 3, 1)]);
      const seen = hidden === '' ? scores : graph.one('Add', [scores, hidden]);
      const mixed = graph.one('MatMul', [graph.one('Softmax', [seen], { axis: -1 }), split(v, 0, 2, 1, 3)]);
      return graph.one('Reshape', [graph.one('Transpose', [mixed], { perm: [0, 2, 1, 3] }), joined]);
    };
  }
  async function decode(h: string): Promise<string> {
    const shift = weights.tensors.has('decoder.bias') ? await vector('decoder.bias') : undefined;
    if (precision === 'int8' || precision === 'int4') {
      // In 8 bits as ours.
      const product = matMulBits(h, 'decoder', arch.tied ? table : await read('decoder'), vocabSize, hiddenSize, 8);
      return shift === undefined ? product : graph.one('Add', [product, shift]);
    }
    const matrix = arch.tied ? embeddings : floats('decoder', [vocabSize, hiddenSize], await read('decoder'));
    return graph.one('Gemm', shift === undefined ? [h, matrix] : [h, matrix, shift], { transB: 1 });
  }
}

/** `[1, T, hidden]` from queries, keys and values, all of that shape; `hidden`: what is added to the scores, or ''. */
type Attend = (q: string, k: string, v: string, hidden: string) => string;

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
  write: (name: string, values: Float32Array) => string,
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
        Float32Array.from({ length }, (_, i) => Math.cos(angle(i))),
      ),
      write(
        `sin ${key}`,
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
