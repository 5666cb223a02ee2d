/**
 * A GPT-2 (Radford et al. 2019) with seeded random weights, twice: as the ONNX graph with past keys and values that
 * Optimum would export, for transformers.js to run; and as plain TypeScript that reads the whole text for every token
 * and keeps nothing, so that the two can only agree when the cache is right.
 */
import { ElementType, GraphWriter, type OnnxModel } from '../../checkpoint/onnx/graph.ts';
import { Stream, stepKey, threefry2x32 } from '../../diffusion/rng.ts';

export interface TinySize {
  readonly vocab: number;
  readonly positions: number;
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
}

/** Beside the graph, as transformers.js expects it. */
export const WEIGHTS = 'model.onnx_data';
const EPSILON = 1e-5;

type Values = Float32Array<ArrayBuffer>;

export class TinyGpt2 {
  readonly size: TinySize;
  readonly #seed: number;
  readonly #made = new Map<string, { shape: readonly number[]; values: Values }>();

  constructor(size: TinySize, seed = 1) {
    this.size = size;
    this.#seed = seed;
    const { vocab, positions, layers, width } = size;
    this.#make('wte', [vocab, width], 0.4);
    this.#make('wpe', [positions, width], 0.4);
    for (let layer = 0; layer < layers; layer++) {
      for (const norm of ['ln_1', 'ln_2']) this.#norm(`h.${layer}.${norm}`);
      this.#linear(`h.${layer}.attn.c_attn`, width, 3 * width);
      this.#linear(`h.${layer}.attn.c_proj`, width, width);
      this.#linear(`h.${layer}.mlp.c_fc`, width, 4 * width);
      this.#linear(`h.${layer}.mlp.c_proj`, 4 * width, width);
    }
    this.#norm('ln_f');
  }

  /** The files of a repository made for transformers.js; ids of the tokenizer must lie below `vocab`. */
  files(tokenizer: Uint8Array, end: number): Map<string, Uint8Array> {
    const { vocab, positions, layers, heads, width } = this.size;
    const config = {
      model_type: 'gpt2',
      architectures: ['GPT2LMHeadModel'],
      vocab_size: vocab,
      n_positions: positions,
      n_embd: width,
      n_layer: layers,
      n_head: heads,
      eos_token_id: end,
      bos_token_id: end,
    };
    const { graph, weights } = this.graph();
    return new Map([
      ['config.json', new TextEncoder().encode(JSON.stringify(config))],
      ['tokenizer.json', tokenizer],
      ['onnx/model.onnx', graph],
      [`onnx/${WEIGHTS}`, weights],
    ]);
  }

  /** Logits `[V]` of the token after `ids`, from the whole text. */
  logits(ids: readonly number[]): Float64Array {
    const { vocab, layers, heads, width } = this.size;
    const dim = width / heads;
    const [wte, wpe] = [this.#values('wte'), this.#values('wpe')];
    let x = ids.map((id, t) => column(width, (i) => at(wte, id * width + i) + at(wpe, t * width + i)));
    for (let layer = 0; layer < layers; layer++) {
      const qkv = x.map((row) => this.#apply(`h.${layer}.attn.c_attn`, this.#normed(`h.${layer}.ln_1`, row)));
      const mixed = qkv.map((query, t) => {
        const out = new Float64Array(width);
        for (let head = 0; head < heads; head++) {
          const from = head * dim;
          const scores = qkv.slice(0, t + 1).map((key) => {
            let sum = 0;
            for (let i = from; i < from + dim; i++) sum += at(query, i) * at(key, width + i);
            return sum / Math.sqrt(dim);
          });
          const most = Math.max(...scores);
          const masses = scores.map((score) => Math.exp(score - most));
          const total = masses.reduce((sum, mass) => sum + mass, 0);
          for (const [s, mass] of masses.entries()) {
            for (let i = from; i < from + dim; i++) out[i] = at(out, i) + (mass / total) * at(qkv[s], 2 * width + i);
          }
        }
        return this.#apply(`h.${layer}.attn.c_proj`, out);
      });
      x = x.map((row, t) => row.map((value, i) => value + at(mixed[t], i)));
      x = x.map((row) => {
        const wide = this.#apply(`h.${layer}.mlp.c_fc`, this.#normed(`h.${layer}.ln_2`, row));
        const added = this.#apply(`h.${layer}.mlp.c_proj`, wide.map(geluNew));
        return row.map((value, i) => value + at(added, i));
      });
    }
    const last = this.#normed('ln_f', x.at(-1) as Float64Array);
    return column(vocab, (id) => last.reduce((sum, value, i) => sum + value * at(wte, id * width + i), 0));
  }

  /** The likeliest token, `count` times over. */
  greedy(prompt: readonly number[], count: number): number[] {
    const ids = [...prompt];
    for (let n = 0; n < count; n++) {
      const logits = this.logits(ids);
      ids.push(logits.indexOf(Math.max(...logits)));
    }
    return ids.slice(prompt.length);
  }

  /** Inputs and outputs named as Optimum names them. */
  graph(): OnnxModel {
    const { layers, heads, width, vocab } = this.size;
    const graph = new GraphWriter('TinyGPT2', WEIGHTS);
    const weight = (name: string) => {
      const { shape, values } = this.#made.get(name) as { shape: readonly number[]; values: Values };
      return graph.tensor(name, ElementType.Float, shape, values);
    };
    const number = (name: string, value: number) => graph.tensor(name, ElementType.Float, [], Float32Array.of(value));
    const whole = (name: string, shape: readonly number[], ...values: number[]) =>
      graph.tensor(name, ElementType.Int64, shape, BigInt64Array.from(values, BigInt));
    const int = ElementType.Int64;
    const ids = graph.input('input_ids', int, ['batch_size', 'sequence_length']);
    const mask = graph.input('attention_mask', int, ['batch_size', 'total_sequence_length']);
    const places = graph.input('position_ids', int, ['batch_size', 'sequence_length']);

    const [zero, one] = [whole('zero', [], 0), whole('one', [], 1)];
    const total = graph.one('Gather', [graph.one('Shape', [mask]), one], { axis: 0 });
    const keys = graph.one('Range', [zero, total, one]);
    const queries = graph.one('Unsqueeze', [places, whole('axes', [2], 1, 3)]);
    const seen = graph.one('LessOrEqual', [keys, queries]);
    const hidden = graph.one('Where', [seen, number('nothing', 0), number('far', -1e9)]);

    const linear = (x: string, name: string) =>
      graph.one('Add', [graph.one('MatMul', [x, weight(`${name}.weight`)]), weight(`${name}.bias`)]);
    const norm = (x: string, name: string) =>
      graph.one('LayerNormalization', [x, weight(`${name}.weight`), weight(`${name}.bias`)], {
        axis: -1,
        epsilon: { float: EPSILON },
      });
    const split = whole('split', [4], 0, 0, heads, width / heads);
    const joined = whole('joined', [3], 0, 0, width);
    const scale = number('scale', 1 / Math.sqrt(width / heads));
    const table = weight('wte');
    let x = graph.one('Add', [graph.one('Gather', [table, ids]), graph.one('Gather', [weight('wpe'), places])]);
    for (let layer = 0; layer < layers; layer++) {
      const qkv = linear(norm(x, `h.${layer}.ln_1`), `h.${layer}.attn.c_attn`);
      const parts = graph.node('Split', [qkv], { outputs: 3, attributes: { axis: -1, num_outputs: 3 } });
      const [q, k, v] = parts.map((part) =>
        graph.one('Transpose', [graph.one('Reshape', [part, split])], { perm: [0, 2, 1, 3] }),
      ) as [string, string, string];
      const extend = (kind: 'key' | 'value', now: string) => {
        const shape = (length: string) => ['batch_size', heads, length, width / heads];
        const before = graph.input(
          `past_key_values.${layer}.${kind}`,
          ElementType.Float,
          shape('past_sequence_length'),
        );
        const [all] = graph.node('Concat', [before, now], {
          attributes: { axis: 2 },
          outputs: [`present.${layer}.${kind}`],
        });
        graph.output(all as string, ElementType.Float, shape('total_sequence_length'));
        return all as string;
      };
      const key = graph.one('Transpose', [extend('key', k)], { perm: [0, 1, 3, 2] });
      const value = extend('value', v);
      const scores = graph.one('Add', [graph.one('Mul', [graph.one('MatMul', [q, key]), scale]), hidden]);
      const mixed = graph.one('MatMul', [graph.one('Softmax', [scores], { axis: -1 }), value]);
      const flat = graph.one('Reshape', [graph.one('Transpose', [mixed], { perm: [0, 2, 1, 3] }), joined]);
      x = graph.one('Add', [x, linear(flat, `h.${layer}.attn.c_proj`)]);
      const wide = linear(norm(x, `h.${layer}.ln_2`), `h.${layer}.mlp.c_fc`);
      x = graph.one('Add', [x, linear(gelu(graph, number, wide), `h.${layer}.mlp.c_proj`)]);
    }
    const [logits] = graph.node('MatMul', [norm(x, 'ln_f'), graph.one('Transpose', [table], { perm: [1, 0] })], {
      outputs: ['logits'],
    });
    graph.output(logits as string, ElementType.Float, ['batch_size', 'sequence_length', vocab]);
    return graph.finish();
  }

  #values(name: string): Values {
    return this.#made.get(name)?.values as Values;
  }

  #make(name: string, shape: readonly number[], scale: number, shift = 0): void {
    const key = stepKey(this.#seed, this.#made.size, Stream.Init);
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (let i = 0; i < values.length; i++) {
      const [bits] = threefry2x32(key, [i, 0]);
      values[i] = shift + scale * (bits / 2 ** 31 - 1);
    }
    this.#made.set(name, { shape, values });
  }

  #linear(name: string, inputs: number, outputs: number): void {
    this.#make(`${name}.weight`, [inputs, outputs], 1.5 / Math.sqrt(inputs));
    this.#make(`${name}.bias`, [outputs], 0.1);
  }

  #norm(name: string): void {
    this.#make(`${name}.weight`, [this.size.width], 0.2, 1);
    this.#make(`${name}.bias`, [this.size.width], 0.1);
  }

  #apply(name: string, row: Float64Array): Float64Array {
    const [weight, bias] = [this.#values(`${name}.weight`), this.#values(`${name}.bias`)];
    const outputs = bias.length;
    return column(outputs, (o) =>
      row.reduce((sum, value, i) => sum + value * at(weight, i * outputs + o), at(bias, o)),
    );
  }

  #normed(name: string, row: Float64Array): Float64Array {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    const [weight, bias] = [this.#values(`${name}.weight`), this.#values(`${name}.bias`)];
    return row.map((value, i) => ((value - mean) / Math.sqrt(variance + EPSILON)) * at(weight, i) + at(bias, i));
  }
}

const at = (values: ArrayLike<number> | undefined, index: number) => values?.[index] as number;
const column = (length: number, of: (index: number) => number) => Float64Array.from({ length }, (_, i) => of(i));

const ROOT = Math.sqrt(2 / Math.PI);
const CUBE = 0.044715;

/** GPT-2's GELU, with the tanh. */
function geluNew(x: number): number {
  return 0.5 * x * (1 + Math.tanh(ROOT * (x + CUBE * x ** 3)));
}

function gelu(graph: GraphWriter, number: (name: string, value: number) => string, x: string): string {
  const cube = graph.one('Mul', [x, graph.one('Mul', [x, x])]);
  const inner = graph.one('Add', [x, graph.one('Mul', [cube, number(`cube ${x}`, CUBE)])]);
  const curve = graph.one('Tanh', [graph.one('Mul', [inner, number(`root ${x}`, ROOT)])]);
  const half = graph.one('Mul', [x, number(`half ${x}`, 0.5)]);
  return graph.one('Mul', [half, graph.one('Add', [curve, number(`one ${x}`, 1)])]);
}
