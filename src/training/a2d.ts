/**
 * From an autoregressive model to one that diffuses (A2D; dLLM's pipelines/a2d/convert.py): the same weights, where every
 * position sees all and its row speaks of itself, with no shift, which dLLM's authors found to hurt. Llama and Qwen become
 * `a2d-…`, which dLLM opens; a ModernBERT decoder becomes ModernBERT.
 *
 * A model without a mask token is given `<|mask|>` under the next free id, as dLLM's get_tokenizer does when it opens such
 * a model. Where its table has no row for that id, it gets one more, the mean of all others, as transformers adds rows.
 */
import { CONFIG_FILE, parseConfig } from '../checkpoint/config.ts';
import { parseObject, present } from '../checkpoint/damage.ts';
import { toFloat32 } from '../checkpoint/half.ts';
import type { FileSource, Model, TensorInfo, Weights } from '../checkpoint/model.ts';
import { openNetwork, type ReadingOptions, readSpeech } from '../checkpoint/open.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { type Arch, isCausal, type LayerSpec } from '../model/arch.ts';
import { type Described, writeConfig } from '../model/families/index.ts';
import type { Json } from '../model/json.ts';
import { said } from '../text/said.ts';
import { utf8 } from './model-files.ts';

/** What becomes of a causal model type. */
const CONVERTED: Readonly<Record<string, string>> = {
  'modernbert-decoder': 'modernbert',
  llama: 'a2d-llama',
  qwen2: 'a2d-qwen2',
  qwen3: 'a2d-qwen3',
};

/** Whether the model in `source` sees to the left only. Throws `UnmaskError`. */
export async function isAutoregressive(source: FileSource, options: ReadingOptions = {}): Promise<boolean> {
  return isCausal((await configOf(source, options)).described.arch);
}

export interface Converted {
  readonly model: Model;
  /** The source with the new config.json. */
  readonly source: FileSource;
}

/** Opens an autoregressive model as one that diffuses. Throws `UnmaskError`. */
export async function openConverted(
  source: FileSource,
  { id, ...options }: ReadingOptions & { readonly id: string },
): Promise<Converted> {
  const { json, described } = await configOf(source, options);
  const modelType = CONVERTED[described.modelType];
  if (modelType === undefined) {
    const message = said`A model of type ${described.modelType} cannot be turned into a diffusion model.`;
    throw new UnmaskError({ code: 'settings', message, remedy: 'Choose another model, or predict the next token.' });
  }
  const { tokenizer, ids } = await readSpeech(source, described, { id, ...options });
  const { vocab } = described.arch;
  const mask = ids.mask ?? tokenizer.size;
  const configFor = (rows: number) =>
    configOfConverted(json, { modelType, arch: diffusing(described.arch, mask, rows) });
  const rows = Math.max(vocab, mask + 1);
  const network = await openNetwork(withConfig(source, configFor(vocab)), options);
  const turned = withConfig(source, configFor(rows));
  const arch: Arch = { ...network.arch, vocab: rows, ids: { ...network.arch.ids, mask } };
  const speech = await readSpeech(turned, { modelType, arch }, { id, ...options });
  const model: Model = {
    id,
    modelType,
    arch: { ...arch, ids: speech.ids },
    weights: rows > vocab ? grown(network.weights, arch, vocab) : network.weights,
    tokenizer: speech.tokenizer,
    maskText: speech.maskText,
    chatTemplate: speech.chatTemplate,
    chat: speech.chatTemplate !== undefined,
  };
  return { model, source: turned };
}

async function configOf(source: FileSource, { signal }: ReadingOptions) {
  const bytes = present(await source.readAll(CONFIG_FILE, { signal }), CONFIG_FILE, source);
  return { json: parseObject(CONFIG_FILE, bytes) as Json, described: parseConfig(bytes) };
}

/** Windows look as far ahead as they looked back. */
function diffusing(arch: Arch, id: number, vocab: number): Arch {
  const mask = id < vocab ? id : undefined;
  const layers = arch.layers.map((layer): LayerSpec => {
    const { sees } = layer.attention;
    const before = 'window' in sees ? sees.window[0] : Number.POSITIVE_INFINITY;
    return { ...layer, attention: { ...layer.attention, sees: { window: [before, before] } } };
  });
  return { ...arch, vocab, layers, logitShift: 0, ids: { ...arch.ids, mask } };
}

/** The file with what the new type says in place of the old; code that came with the old one does not belong to it. */
function configOfConverted({ auto_map: _, ...json }: Json, described: Described): Json {
  return { ...json, ...writeConfig(described), mask_token_id: described.arch.ids.mask ?? null };
}

/** The same files with another configuration. */
export function withConfig(source: FileSource, json: Json): FileSource {
  const config = utf8(`${JSON.stringify(json, undefined, 1)}\n`);
  return {
    ...source,
    readAll: async (name, options) => (name === CONFIG_FILE ? config.slice() : source.readAll(name, options)),
    size: async (name, options) => (name === CONFIG_FILE ? config.length : source.size(name, options)),
    read: async (name, start, end, options) =>
      name === CONFIG_FILE ? config.slice(start, end) : source.read(name, start, end, options),
  };
}

/** Tables of `rows` rows get more, each the mean of those they have. */
function grown(weights: Weights, { vocab }: Arch, rows: number): Weights {
  const tensors = new Map<string, TensorInfo>();
  const tables = new Set(['embeddings', 'decoder', 'decoder.bias']);
  for (const [name, info] of weights.tensors) {
    if (!tables.has(name)) tensors.set(name, info);
    else {
      const shape = [vocab, ...info.shape.slice(1)];
      tensors.set(name, { dtype: 'F32', shape, byteLength: 4 * shape.reduce((product, dim) => product * dim, 1) });
    }
  }
  const added = [...weights.tensors].reduce(
    (sum, [name, { shape }]) => sum + (tables.has(name) ? (vocab - rows) * (shape[1] ?? 1) : 0),
    0,
  );
  const read = async (name: string, signal?: AbortSignal) => {
    const bytes = await weights.read(name, signal);
    if (!tables.has(name)) return bytes;
    const { dtype, shape } = weights.tensors.get(name) as TensorInfo;
    const width = shape[1] ?? 1;
    const old = toFloat32(bytes, dtype);
    const values = new Float32Array(vocab * width);
    values.set(old);
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += old[row * width + column] as number;
      for (let row = rows; row < vocab; row++) values[row * width + column] = sum / rows;
    }
    return new Uint8Array(values.buffer);
  };
  return { tensors, parameters: weights.parameters + added, read };
}
