/**
 * A model of any published size with seeded random weights, to try loading and speed without downloading anything:
 * `npm run random-model -- --size base --dtype F16 --out DIR`, `--size qwen3-0.6b`, or `--family qwen3` for a small one. Same size, type and seed, same bytes. It comes with the
 * shipped tokenizer, so that it can be opened like any model; what it writes means nothing.
 */
import { copyFile, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { fromFloat32 } from '../checkpoint/half.ts';
import type { DType } from '../checkpoint/model.ts';
import { PUBLISHED, type PublishedSize, publishedConfig } from '../checkpoint/published-config.ts';
import { type Pair, threefry2x32 } from '../diffusion/rng.ts';
import { type Described, readConfig, tensorsOf, writeConfig } from '../model/families/index.ts';
import type { Json } from '../model/json.ts';
import { sizeOf } from '../model/parameters.ts';
import { argumentError } from './arguments.ts';
import { run } from './program.ts';

const TORCH_NAMES = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const satisfies Record<DType, string>;

/** Of the other families one small size each, as their configurations are published. */
const SMALL = {
  vocab_size: 4096,
  hidden_size: 128,
  intermediate_size: 256,
  num_hidden_layers: 4,
  num_attention_heads: 4,
};
const DECODER = { ...SMALL, num_key_value_heads: 2, max_position_embeddings: 1024, bos_token_id: 2, eos_token_id: 3 };
const IDS = { pad_token_id: 0, mask_token_id: 4 };
const FAMILIES: Readonly<Record<string, Json>> = {
  bert: { ...SMALL, ...IDS, max_position_embeddings: 512 },
  roberta: { ...SMALL, mask_token_id: 4, pad_token_id: 0, max_position_embeddings: 514, layer_norm_eps: 1e-5 },
  qwen3: { ...DECODER, head_dim: 64, tie_word_embeddings: true },
  'a2d-qwen3': { ...DECODER, ...IDS, head_dim: 64, tie_word_embeddings: true },
  qwen2: { ...DECODER, tie_word_embeddings: true },
  'a2d-qwen2': { ...DECODER, ...IDS, tie_word_embeddings: true },
  llama: DECODER,
  'a2d-llama': { ...DECODER, ...IDS },
  Dream: { ...DECODER, ...IDS },
  llada: {
    ...IDS,
    vocab_size: 4096,
    d_model: 128,
    n_heads: 4,
    n_layers: 4,
    mlp_hidden_size: 256,
    max_sequence_length: 1024,
    block_type: 'llama',
    layer_norm_type: 'rms',
    weight_tying: false,
    eos_token_id: 3,
  },
};

/** Of the other families as they are published, by name; what is not named is what their configurations take. */
const PUBLISHED_OTHERS: Readonly<Record<string, Json>> = {
  'bert-base': { model_type: 'bert', pad_token_id: 0, mask_token_id: 4 },
  'roberta-base': {
    model_type: 'roberta',
    max_position_embeddings: 514,
    type_vocab_size: 1,
    layer_norm_eps: 1e-5,
    mask_token_id: 4,
  },
  'qwen3-0.6b': {
    ...IDS,
    model_type: 'a2d-qwen3',
    vocab_size: 151_936,
    hidden_size: 1024,
    intermediate_size: 3072,
    num_hidden_layers: 28,
    num_attention_heads: 16,
    num_key_value_heads: 8,
    head_dim: 128,
    max_position_embeddings: 40_960,
    rope_theta: 1_000_000,
    tie_word_embeddings: true,
    eos_token_id: 3,
  },
};

const SIZES = {
  tiny: { hidden: 128, heads: 2, intermediate: 192, layers: 4, vocab: 4096 },
  ...PUBLISHED,
} as const satisfies Record<string, PublishedSize>;

const OPTIONS = {
  family: { type: 'string', default: 'modernbert' },
  size: { type: 'string', default: 'base' },
  dtype: { type: 'string', default: 'F16' },
  seed: { type: 'string', default: '1' },
  out: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

/** Elements written at a time. */
const PIECE = 2 ** 20;

await run(async (status) => {
  const { family, size, dtype, seed, out } = given();
  const isModernBert = family === 'modernbert';
  if (!isModernBert && !Object.hasOwn(FAMILIES, family)) {
    throw argumentError(`--family must be modernbert or one of ${Object.keys(FAMILIES).join(', ')}.`);
  }
  const other = isModernBert && Object.hasOwn(PUBLISHED_OTHERS, size) ? PUBLISHED_OTHERS[size] : undefined;
  if (other === undefined && !Object.hasOwn(SIZES, size)) {
    const names = [...Object.keys(SIZES), ...Object.keys(PUBLISHED_OTHERS)];
    throw argumentError(`--size must be one of ${names.join(', ')}.`);
  }
  if (!Object.hasOwn(TORCH_NAMES, dtype)) throw argumentError('--dtype must be F32, F16 or BF16.');
  if (!/^\d{1,9}$/.test(seed)) throw argumentError('--seed must be a whole number.');
  if (out === undefined) throw argumentError('--out is missing.', 'Give the folder to write.');
  const name = other ? size : isModernBert ? `ModernBERT ${size}` : family;
  await mkdir(out, { recursive: true });
  const described = readConfig(
    other ??
      (isModernBert ? publishedConfig(SIZES[size as keyof typeof SIZES]) : { model_type: family, ...FAMILIES[family] }),
  );
  const config = { ...writeConfig(described), torch_dtype: TORCH_NAMES[dtype as DType] };
  await writeFile(join(out, 'config.json'), `${JSON.stringify(config, undefined, 1)}\n`);
  const shipped = new URL('../../public/models/stories/tokenizer.json', import.meta.url);
  await copyFile(fileURLToPath(shipped), join(out, 'tokenizer.json'));
  const parameters = await writeWeights(
    join(out, 'model.safetensors'),
    described,
    dtype as DType,
    Number(seed),
    (share) => status.show(`${name}: ${Math.round(100 * share)} % of the weights`),
  );
  status.say(`${out}: ${name} in ${dtype}, ${parameters.toLocaleString('en')} random parameters`);
});

function given() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (cause) {
    const [sentence] = (cause as Error).message.split(/\n|\. /);
    throw argumentError(`${sentence}.`, 'Its options are --family, --size, --dtype, --seed and --out.');
  }
}

/** Writes a safetensors file piece by piece and returns the number of parameters. */
async function writeWeights(
  path: string,
  described: Described,
  dtype: DType,
  seed: number,
  onShare: (share: number) => void,
): Promise<number> {
  const tensors = tensorsOf(described)
    .flatMap(({ parts }) => parts)
    .map((part) => ({ ...part, elements: sizeOf(part) }));
  const parameters = tensors.reduce((sum, { elements }) => sum + elements, 0);
  const bytes = dtype === 'F32' ? 4 : 2;
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const { name, shape, elements } of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes * elements] };
    offset += bytes * elements;
  }
  const text = JSON.stringify(header);
  const head = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ');
  head.writeBigUInt64LE(BigInt(head.length - 8), 0);
  head.write(text, 8);

  const file = await open(path, 'w');
  try {
    await file.writeFile(head);
    let written = 0;
    for (const [i, { shape, elements }] of tensors.entries()) {
      for (let from = 0; from < elements; from += PIECE) {
        const values = uniform([seed, i], from, Math.min(PIECE, elements - from));
        await file.writeFile(fromFloat32(scaled(values, shape), dtype));
        written += values.length;
        onShare(written / parameters);
      }
    }
  } finally {
    await file.close();
  }
  return parameters;
}

/** Norm weights about 1; matrices with a spread of 1.5 / √columns, so that activations neither fade nor explode. */
function scaled(values: Float32Array, shape: readonly number[]): Float32Array {
  const spread = shape.length === 1 ? 0.3 : 1.5 / Math.sqrt(shape[1] as number);
  const centre = shape.length === 1 ? 1 : 0;
  return values.map((value) => centre + spread * value);
}

/** Elements `[from, from + count)` of a stream of uniform values with mean 0 and variance 1. */
function uniform(key: Pair, from: number, count: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const [a, b] = threefry2x32(key, [(from + i) / 2, 0]);
    values[i] = Math.sqrt(3) * (2 * ((a + 0.5) / 2 ** 32) - 1);
    if (i + 1 < count) values[i + 1] = Math.sqrt(3) * (2 * ((b + 0.5) / 2 ** 32) - 1);
  }
  return values;
}
