/**
 * An adapter from its folder as PEFT saves it: `adapter_config.json` and `adapter_model.safetensors`, whose tensors are
 * called `base_model.model.MODULE.lora_A.weight`, … `lora_B.weight`, … `lora_embedding_A` and so on. Every tensor finds its
 * place in the network, or the adapter is refused.
 */
import type { Described } from '../../model/families/index.ts';
import { type LowRankPlace, placeOf } from '../../model/lora.ts';
import { isLinear, type Module, modulesOf } from '../../model/modules.ts';
import { said } from '../../text/said.ts';
import { damaged, present } from '../damage.ts';
import { toFloat32 } from '../half.ts';
import type { DType, FileSource, ReadOptions } from '../model.ts';
import { readHeader, type TensorEntry } from '../safetensors.ts';
import type { Adapter, LowRank, Replaced } from './adapter.ts';
import { ADAPTER_CONFIG_FILE, type AdapterConfig, parseAdapterConfig } from './peft-config.ts';

export const ADAPTER_FILE = 'adapter_model.safetensors';

const SMALL_FILE = 2 ** 20;
const FILES = 'Check that the address or folder holds adapter_config.json and adapter_model.safetensors.';
/** With `bias="all"` PEFT writes the biases of saved modules three times: by their own name, and by those inside its wrapper. */
const UNUSED = /[.](original_module|modules_to_save)[.](.*[.])?bias$/;
const LOW_RANK = /[.]lora_(embedding_)?([AB])([.]weight)?$/;

interface Halves {
  a?: TensorEntry;
  b?: TensorEntry;
}

type Read = (name: string, entry: TensorEntry) => Promise<Float32Array>;

/** For a network of this description. Throws `UnmaskError`: checkpoint, network, or the signal's reason. */
export async function openAdapter(
  source: FileSource,
  described: Described,
  { id, ...options }: ReadOptions & { readonly id: string },
): Promise<Adapter> {
  const config = await readAdapterConfig(source, options);
  const index = await readHeader(source, ADAPTER_FILE, options);
  // A tied decoder can have an adapter of its own, too.
  const modules = modulesOf({ ...described, arch: { ...described.arch, tied: false } });
  const halves = new Map<Module, Halves>();
  const whole: { readonly name: string; readonly entry: TensorEntry }[] = [];
  for (const [name, entry] of index) {
    if (UNUSED.test(name)) continue;
    if (entry.dtype !== 'F32' && entry.dtype !== 'F16' && entry.dtype !== 'BF16') {
      const message = said`Tensor ${name} of the adapter is stored as ${entry.dtype}; adapters are read in F32, F16 and BF16.`;
      throw damaged(ADAPTER_FILE, message, { tensor: name });
    }
    const [, , half] = LOW_RANK.exec(name) ?? [];
    if (half === undefined) whole.push({ name, entry });
    else {
      const module = moduleOf(modules, plain(name.replace(LOW_RANK, '')));
      if (module === undefined) throw noPlace(name, described);
      const found = halves.get(module) ?? {};
      found[half === 'A' ? 'a' : 'b'] = entry;
      halves.set(module, found);
    }
  }
  const read: Read = async (name, { file, start, end, dtype }) => {
    const values = toFloat32(await source.read(file, start, end, options), dtype as DType);
    if (values.every(Number.isFinite)) return values;
    const message = said`Tensor ${name} of the adapter holds values that are not finite numbers.`;
    throw damaged(ADAPTER_FILE, message, { tensor: name });
  };
  const lowRank: LowRank[] = [];
  for (const module of modules) {
    const found = halves.get(module);
    if (found) lowRank.push(await readLowRank(placeOf(config.spec, module), found, read));
  }
  const replaced: Replaced[] = [];
  for (const { name, entry } of whole) replaced.push(await readReplaced(name, entry, modules, described, read));
  if (lowRank.length + replaced.length === 0) {
    throw damaged(ADAPTER_FILE, said`${ADAPTER_FILE} of ${source.label} holds no tensor.`);
  }
  return { id, ...config, lowRank, replaced };
}

/** What the adapter asks for, checked. Throws `UnmaskError`. */
export async function readAdapterConfig(source: FileSource, options: ReadOptions = {}): Promise<AdapterConfig> {
  const bytes = await source.readAll(ADAPTER_CONFIG_FILE, { ...options, maxBytes: SMALL_FILE });
  return parseAdapterConfig(present(bytes, ADAPTER_CONFIG_FILE, source, FILES));
}

/** Without what PEFT's wrappers put into a name. */
function plain(name: string): string {
  return name
    .replace(/^base_model[.]model[.]/, '')
    .replaceAll('.base_layer', '')
    .replace(/[.]modules_to_save([.][^.]+)?(?=[.])/, '');
}

/** By name; a network that was a part of another, or held another, has one prefix more or less. */
function moduleOf(modules: readonly Module[], name: string): Module | undefined {
  const exact = modules.find((each) => each.name === name);
  if (exact) return exact;
  const near = modules.filter((each) => each.name.endsWith(`.${name}`) || name.endsWith(`.${each.name}`));
  return near.length === 1 ? near[0] : undefined;
}

async function readLowRank({ module, rank, scale }: LowRankPlace, { a, b }: Halves, read: Read): Promise<LowRank> {
  const { rows, columns } = module;
  const isTable = !isLinear(module);
  const shapes = isTable
    ? ([
        [rank, rows],
        [columns, rank],
      ] as const)
    : ([
        [rank, columns],
        [rows, rank],
      ] as const);
  const nameOf = (half: 'A' | 'B') => `${module.name}.lora_${isTable ? 'embedding_' : ''}${half}`;
  for (const [i, entry] of [a, b].entries()) {
    const name = nameOf(i === 0 ? 'A' : 'B');
    if (entry === undefined) throw damaged(ADAPTER_FILE, said`Tensor ${name} is missing from ${ADAPTER_FILE}.`);
    if (entry.shape.join() === shapes[i]?.join()) continue;
    const message = said`Tensor ${name} has shape [${entry.shape.join(', ')}], but model and rank ask for [${(shapes[i] as readonly number[]).join(', ')}].`;
    throw damaged(ADAPTER_FILE, message, { tensor: name });
  }
  const first = await read(nameOf('A'), a as TensorEntry);
  const second = await read(nameOf('B'), b as TensorEntry);
  // Of a table PEFT looks up the columns of A: turned, both are those of a matrix [rows, columns].
  return isTable
    ? { module, rank, scale, a: turned(second, columns, rank), b: turned(first, rank, rows) }
    : { module, rank, scale, a: first, b: second };
}

async function readReplaced(
  name: string,
  entry: TensorEntry,
  modules: readonly Module[],
  described: Described,
  read: Read,
): Promise<Replaced> {
  const [, path = '', leaf = ''] = /^(.*)[.]([^.]+)$/.exec(plain(name)) ?? [];
  const module = moduleOf(modules, path);
  const isBias = leaf === 'bias' || leaf === 'beta';
  // The output's bias belongs to the decoder, which is no module of its own where it is tied.
  const output = isBias && module === undefined && described.arch.head.decoderBias;
  if (module === undefined) {
    if (!output || !/(decoder|predictions|lm_head)$/.test(path)) throw noPlace(name, described);
    return { parameter: 'decoder.bias', first: 0, values: await checked(name, entry, [described.arch.vocab], read) };
  }
  if (leaf === 'weight' || leaf === 'gamma') {
    const shape = module.kind === 'norm' ? [module.rows] : [module.rows, module.columns];
    return { parameter: module.parameter, first: module.first, values: await checked(name, entry, shape, read) };
  }
  if (!isBias || module.bias === undefined) throw noPlace(name, described);
  return { parameter: module.bias, first: module.first, values: await checked(name, entry, [module.rows], read) };
}

async function checked(name: string, entry: TensorEntry, shape: readonly number[], read: Read): Promise<Float32Array> {
  if (entry.shape.join() === shape.join()) return read(name, entry);
  const message = said`Tensor ${name} has shape [${entry.shape.join(', ')}], but model and rank ask for [${shape.join(', ')}].`;
  throw damaged(ADAPTER_FILE, message, { tensor: name });
}

function noPlace(name: string, { modelType }: Described) {
  const message = said`Tensor ${name} of the adapter has no place in this ${modelType}.`;
  return damaged(ADAPTER_FILE, message, { tensor: name, remedy: 'Open it with the model that it was trained on.' });
}

/** A matrix `[rows, columns]`, transposed. */
export function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c] as number;
  return result;
}
