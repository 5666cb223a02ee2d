/** From a checked tensor index to `Weights`: every tensor that the network has, with the right shape. */

import type { Arch } from '../model/arch.ts';
import { type Described, tensorsOf } from '../model/families/index.ts';
import type { TensorPart, TensorSource } from '../model/family.ts';
import { parameters as parametersOf, sizeOf } from '../model/parameters.ts';
import { said } from '../text/said.ts';
import { damaged, quote } from './damage.ts';
import { freshHead } from './fresh-head.ts';
import { toFloat32 } from './half.ts';
import type { DType, FileSource, ReadOptions, TensorInfo, Weights } from './model.ts';
import type { TensorEntry, TensorIndex } from './safetensors.ts';

export interface OpenedWeights extends Described {
  /** `tied` is false when the file stores a decoder matrix that is not the token table. */
  readonly arch: Arch;
  readonly weights: Weights;
  /** Stored tensors that this model does not use. */
  readonly unused: readonly string[];
  /** The file has no language-model head, and a new one stands in its place. */
  readonly headless: boolean;
}

export interface BindOptions {
  /** What is heard of every tensor that is read. */
  readonly onRead?: ((file: string, bytes: number) => void) | undefined;
  /** Gives an encoder without a head a new one: a start for training, which writes nothing sensible yet. */
  readonly newHead?: boolean | undefined;
}

/** Binds a described network to the tensors of `index`. Throws `UnmaskError` code `checkpoint`. */
export async function openWeights(
  source: FileSource,
  stored: TensorIndex,
  described: Described,
  { onRead, newHead = false, ...options }: BindOptions & ReadOptions = {},
): Promise<OpenedWeights> {
  const index = unwrapped(stored, described);
  const has = (name: string) => index.has(name);
  const arch = await withDecoder(source, index, described, options);
  const wanted = tensorsOf({ ...described, arch }, has);
  const absent = missingHead(wanted, has);
  const headless = absent.length > 0;
  if (headless && !newHead) throw noHead(described, index, absent[0] as TensorSource);
  const bound = wanted.filter((each) => !absent.includes(each));
  const tensors = new Map<string, TensorInfo>();
  const entries = new Map<string, readonly TensorEntry[]>();
  for (const each of bound) {
    const found = each.parts.map((part) => find(index, part, arch));
    checkShape(each, found);
    const dtype = typeOf(each, found);
    tensors.set(each.name, { dtype, shape: each.shape, byteLength: sizeOf(each) * (dtype === 'F32' ? 4 : 2) });
    entries.set(each.name, found);
  }
  const fresh = headless
    ? freshHead(parametersOf(arch).filter((each) => absent.some(({ name }) => name === each.name)))
    : undefined;
  for (const [name, info] of fresh?.tensors ?? []) tensors.set(name, info);

  const partsOf = (name: string) => {
    const parts = entries.get(name);
    if (parts === undefined) throw damaged('', said`This model has no tensor ${name}.`, { tensor: name });
    return parts;
  };
  const read = async (name: string, parts: readonly TensorEntry[], signal?: AbortSignal) => {
    const bytes = await readParts(source, parts, isMixed(partsOf(name)), { signal });
    onRead?.((partsOf(name)[0] as TensorEntry).file, bytes.length);
    return bytes;
  };
  const used = new Set([...entries.values()].flat());
  return {
    modelType: described.modelType,
    arch,
    headless,
    weights: {
      tensors: new Map(wanted.map(({ name }) => [name, tensors.get(name) as TensorInfo])),
      parameters: wanted.reduce((sum, each) => sum + sizeOf(each), 0),
      read: async (name, signal) => fresh?.read(name) ?? read(name, partsOf(name), signal),
      readRows: async (name, from, to, signal) =>
        fresh?.readRows(name, from, to) ?? read(name, rowsOf(partsOf(name), from, to), signal),
    },
    unused: [...stored].filter(([, entry]) => !used.has(entry)).map(([name]) => name),
  };
}

/**
 * The index under the names of transformers: torch.compile puts `_orig_mod.` into them and DataParallel `module.` before
 * them, and a model that is a part of another may have one `model.` too many. They say nothing.
 */
function unwrapped(stored: TensorIndex, described: Described): TensorIndex {
  const plain = renamed(stored, (name) => name.replaceAll('_orig_mod.', '').replace(/^(module[.])+/, ''));
  const inner = renamed(plain, (name) => name.replace(/^model[.]/, ''));
  const found = (index: TensorIndex) =>
    tensorsOf(described, (name) => index.has(name)).flatMap(({ parts }) => parts.filter(({ name }) => index.has(name)));
  return found(inner).length > found(plain).length ? inner : plain;
}

function renamed(index: TensorIndex, name: (stored: string) => string): TensorIndex {
  const names = new Map<string, TensorEntry>();
  for (const [stored, entry] of index) {
    // Two names that come to the same would hide a tensor; the longer ones keep theirs.
    names.set(names.has(name(stored)) ? stored : name(stored), entry);
  }
  return names;
}

/**
 * The network with the decoder that the file has. Tied by config.json and absent: the token table. Stored though tied:
 * dLLM's trainer saves a decoder of its own so, and transformers 5 does not tie two that are both stored; where it only
 * repeats the table (Qwen3-0.6B), it is the table. Untied and absent is refused where the tensors are looked for.
 */
async function withDecoder(
  source: FileSource,
  index: TensorIndex,
  { arch, modelType }: Described,
  options: ReadOptions,
): Promise<Arch> {
  if (!arch.tied) return arch;
  const untied: Arch = { ...arch, tied: false };
  const sources = tensorsOf({ modelType, arch: untied }, (name) => index.has(name));
  const [table, decoder] = ['embeddings', 'decoder'].map((wanted) => {
    const name = sources.find((each) => each.name === wanted)?.parts[0]?.name ?? '';
    return index.get(name);
  });
  if (decoder === undefined) return arch;
  // An edit network's decoder begins as a copy, and goes its own way.
  if (arch.edits) return untied;
  return table !== undefined && (await sameRows(source, table, decoder, options)) ? arch : untied;
}

/**
 * Whether a sample of rows is the same to the byte. A decoder that learnt by itself differs in every row, because the
 * gradient of the softmax reaches them all.
 */
async function sameRows(source: FileSource, a: TensorEntry, b: TensorEntry, options: ReadOptions): Promise<boolean> {
  const [rows = 0] = a.shape;
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join() || rows === 0) return false;
  const count = Math.min(rows, SAMPLED_ROWS);
  const sample = Array.from({ length: count }, (_, i) => Math.floor((i * (rows - 1)) / Math.max(1, count - 1)));
  const pairs = await Promise.all(
    sample.map((row) =>
      Promise.all([a, b].map((entry) => readParts(source, rowsOf([entry], row, row + 1), false, options))),
    ),
  );
  return pairs.every(([one, two]) => one?.every((byte, i) => byte === two?.[i]));
}

const SAMPLED_ROWS = 8;

/**
 * What a head with a layer of its own lacks: all of it in encoders, its end in classifiers. A decoder matrix alone is no
 * head that is missing, but one that config.json promises.
 */
function missingHead(wanted: readonly TensorSource[], has: (name: string) => boolean): readonly TensorSource[] {
  const head = wanted.filter(({ name }) => name.startsWith('head.') || name === 'decoder.bias');
  return head.filter(({ parts }) => parts.some(({ name }) => !has(name)));
}

function noHead({ modelType }: Described, index: TensorIndex, { parts }: TensorSource) {
  const file = index.values().next().value?.file ?? '';
  const tensor = parts[0]?.name ?? '';
  const message = said`This ${modelType} comes without a language-model head (${tensor} is missing), as encoders, classifiers and sentence embedders do: it cannot say which token stands where.`;
  const remedy =
    'Choose a checkpoint made for masked language modelling, or train this one further: training gives it a new head.';
  return damaged(file, message, { tensor, remedy });
}

function noDecoder(file: string) {
  const message =
    'config.json says that the decoder is a matrix of its own (tie_word_embeddings is false), but the checkpoint has none.';
  const remedy =
    'Choose a checkpoint with its head, or set tie_word_embeddings to true if the token table is the decoder.';
  return damaged(file, message, { remedy });
}

function find(index: TensorIndex, { name }: TensorPart, arch: Arch): TensorEntry {
  const entry = index.get(name);
  if (entry !== undefined) return entry;
  const file = index.values().next().value?.file ?? '';
  if (!arch.tied && /(^|[.])(decoder|lm_head|transformer[.]ff_out)[.]weight$/.test(name)) throw noDecoder(file);
  throw damaged(file, said`The checkpoint has no tensor ${name}.`, { tensor: name });
}

/** The type of all parts, or F32 for parts of several, which are widened when they are read. */
function typeOf({ parts }: TensorSource, found: readonly TensorEntry[]): DType {
  const [first] = found as [TensorEntry];
  const tensor = (parts[0] as TensorPart).name;
  for (const { dtype, file } of found) {
    if (dtype === 'F32' || dtype === 'F16' || dtype === 'BF16') continue;
    const message = said`Tensor ${tensor} is stored as ${dtype}; Unmask reads F32, F16 and BF16.`;
    throw damaged(file, message, { tensor, remedy: 'Choose a checkpoint that is not quantised.' });
  }
  return isMixed(found) ? 'F32' : (first.dtype as DType);
}

function isMixed(entries: readonly TensorEntry[]): boolean {
  return entries.some(({ dtype }) => dtype !== entries[0]?.dtype);
}

function checkShape({ parts }: TensorSource, found: readonly TensorEntry[]): void {
  found.forEach((entry, i) => {
    const { name: tensor, shape: expected } = parts[i] as TensorPart;
    if (entry.shape.length === expected.length && entry.shape.every((dim, axis) => dim === expected[axis])) return;
    const message = said`Tensor ${tensor} has shape ${quote(entry.shape)}, but config.json asks for ${quote(expected)}.`;
    throw damaged(entry.file, message, { tensor });
  });
}

/** The bytes of rows `[from, to)` of parts that are stacked along the first axis. */
function rowsOf(parts: readonly TensorEntry[], from: number, to: number): TensorEntry[] {
  const found: TensorEntry[] = [];
  let first = 0;
  for (const part of parts) {
    const rows = part.shape[0] as number;
    const rowBytes = (part.end - part.start) / rows;
    const [begin, end] = [Math.max(from - first, 0), Math.min(to - first, rows)];
    if (begin < end) found.push({ ...part, start: part.start + begin * rowBytes, end: part.start + end * rowBytes });
    first += rows;
  }
  return found;
}

/** `widen`: each part as F32. */
async function readParts(source: FileSource, parts: readonly TensorEntry[], widen: boolean, options: ReadOptions) {
  const stored = await Promise.all(parts.map(({ file, start, end }) => source.read(file, start, end, options)));
  const chunks = widen
    ? stored.map((bytes, i) => new Uint8Array(toFloat32(bytes, (parts[i] as TensorEntry).dtype as DType).buffer))
    : stored;
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
