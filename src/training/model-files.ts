/**
 * A model in Hugging Face layout, in memory: `config.json`, `tokenizer.json`, `tokenizer_config.json`,
 * `model.safetensors` in float32 under Hugging Face's own names. What training starts from and what it exports.
 */

import { parseObject, present } from '../checkpoint/damage.ts';
import { fromFloat32 } from '../checkpoint/half.ts';
import type { DType, FileSource } from '../checkpoint/model.ts';
import { WEIGHTS_FILE } from '../checkpoint/shards.ts';
import { writeSafetensors } from '../checkpoint/write-safetensors.ts';
import type { Arch } from '../model/arch.ts';
import { type Described, tensorsOf, writeConfig } from '../model/families/index.ts';
import { sizeOf } from '../model/parameters.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** What training does not change: the texts of these files, by name. */
export type Surroundings = ReadonlyMap<string, Bytes>;

const KEPT = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja'];

/** Reads what lies beside the weights of a model. Throws `UnmaskError`. */
export async function readSurroundings(source: FileSource): Promise<Surroundings> {
  const files = new Map<string, Bytes>();
  for (const name of KEPT) {
    const bytes = await source.readAll(name);
    if (bytes instanceof Uint8Array) files.set(name, bytes);
  }
  return files;
}

/**
 * All files of a model with these weights (names and layout of `Weights`), and a card. In float32 unless `dtypeOf` says how a
 * tensor is to be stored.
 */
export function modelFiles(
  around: Surroundings,
  arch: Arch,
  weights: ReadonlyMap<string, Float32Array>,
  card: string,
  dtypeOf?: (name: string) => DType,
): Map<string, Bytes> {
  const label = { label: 'this model' } as FileSource;
  const json = parseObject('config.json', present(around.get('config.json'), 'config.json', label));
  const described = { arch, modelType: String(json['model_type']) };
  // A decoder of its own shows in the file as well as in the configuration, and so does a head that the start had not.
  const own = writeConfig(described);
  const changed = ['architectures', 'tie_word_embeddings', 'weight_tying'].filter((key) => key in own);
  const named = NAMES[dtypeOf?.('embeddings') ?? 'F32'];
  const dtype = 'dtype' in json ? { dtype: named } : { torch_dtype: named };
  const { quantization_config: _, ...plain } = json;
  const written = { ...plain, ...Object.fromEntries(changed.map((key) => [key, own[key]])), ...dtype };
  return new Map([
    ...around,
    ['config.json', utf8(`${JSON.stringify(written, undefined, 1)}\n`)],
    [WEIGHTS_FILE, weightsFile(described, weights, dtypeOf)],
    ['README.md', utf8(card)],
  ]);
}

/** As PyTorch calls them. */
const NAMES: Readonly<Record<DType, string>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/** The weights as a safetensors file. Stacked parts (the decoder's q, k and v) are taken apart again. */
function weightsFile(
  described: Described,
  weights: ReadonlyMap<string, Float32Array>,
  dtypeOf: (name: string) => DType = () => 'F32',
): Bytes {
  const tensors = tensorsOf(described).flatMap(({ name, parts }) => {
    const values = weights.get(name);
    if (values === undefined) throw new Error(`There are no weights ${name}.`);
    const dtype = dtypeOf(name);
    let at = 0;
    return parts.map((part) => {
      const bytes = fromFloat32(values.subarray(at, at + sizeOf(part)), dtype);
      at += sizeOf(part);
      return [part.name, { dtype, shape: part.shape, bytes }] as const;
    });
  });
  return writeSafetensors(tensors, { format: 'pt' });
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}
