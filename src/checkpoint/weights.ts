/** From a checked tensor index to `Weights`: every tensor that the network has, with the right shape. */

import type { Arch } from '../model/arch.ts';
import { type Described, tensorsOf } from '../model/families/index.ts';
import type { TensorPart, TensorSource } from '../model/family.ts';
import { parameters as parametersOf, sizeOf } from '../model/parameters.ts';
import { said } from '../text/said.ts';
import { damaged, quote } from './damage.ts';
import { joinCoded } from './few-bits-weights.ts';
import { freshHead } from './fresh-head.ts';
import { toFloat32 } from './half.ts';
import { joined } from './joined.ts';
import type { DType, FileSource, ReadOptions, TensorInfo, Weights } from './model.ts';
import type { TensorEntry, TensorIndex } from './safetensors.ts';
import { besides, type StoredBits, storedBits } from './stored-bits.ts';

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
  file: TensorIndex,
  described: Described,
  { onRead, newHead = false, ...options }: BindOptions & ReadOptions = {},
): Promise<OpenedWeights> {
  const index = unwrapped(file, described);
  const has = (name: string) => index.has(name);
  const arch = await withDecoder(source, index, described, options);
  const wanted = tensorsOf({ ...described, arch }, has);
  const absent = missingHead(wanted, has);
  const headless = absent.length > 0;
  if (headless && !newHead) throw noHead(described, index, absent[0] as TensorSource);
  const bound = wanted.filter((each) => !absent.includes(each));
  const tensors = new Map<string, TensorInfo>();
  const stored = new Map<string, readonly StoredPart[]>();
  const used = new Set<TensorEntry>();
  for (const each of bound) {
    const found = each.parts.map((part) => find(index, part, arch));
    const bits = each.parts.map((part) => storedBits(source, index, part));
    const plain = found.filter((_, i) => bits[i] === undefined);
    const plainParts = each.parts.filter((_, i) => bits[i] === undefined);
    checkShape(plainParts, plain);
    const dtype = plain.length < found.length ? 'F32' : typeOf(plainParts, plain);
    const kinds = new Set(bits.map((part) => part?.coded));
    const [coded] = kinds.size === 1 ? kinds : [];
    const parts = each.parts.map(({ shape }) => shape[0] as number);
    tensors.set(each.name, {
      dtype,
      shape: each.shape,
      byteLength: sizeOf(each) * (dtype === 'F32' ? 4 : 2),
      ...(coded && { coded }),
      ...(parts.length > 1 && { parts }),
    });
    stored.set(
      each.name,
      found.map((entry, i) => bits[i] ?? { rows: parts[i] as number, entry }),
    );
    for (const entry of found) used.add(entry);
    each.parts.forEach(({ name }, i) => {
      if (bits[i]) for (const beside of besides(name, index)) used.add(index.get(beside) as TensorEntry);
    });
  }
  const fresh = headless
    ? freshHead(parametersOf(arch).filter((each) => absent.some(({ name }) => name === each.name)))
    : undefined;
  for (const [name, info] of fresh?.tensors ?? []) tensors.set(name, info);

  const partsOf = (name: string) => {
    const parts = stored.get(name);
    if (parts === undefined) throw damaged('', said`This model has no tensor ${name}.`, { tensor: name });
    return parts;
  };
  const heard = (name: string, bytes: number) => onRead?.((partsOf(name)[0] as StoredPart).entry.file, bytes);
  const read = async (name: string, signal?: AbortSignal, from = 0, to = Number.POSITIVE_INFINITY) => {
    const parts = partsOf(name);
    const widen = isMixed(parts);
    const chunks = await Promise.all(
      rowsOf(parts, from, to).map(([part, begin, end]) => readPart(source, part, [begin, end], widen, { signal })),
    );
    const bytes = joined(chunks, (length) => new Uint8Array(length));
    heard(name, bytes.length);
    return bytes;
  };
  return {
    modelType: described.modelType,
    arch,
    headless,
    weights: {
      tensors: new Map(wanted.map(({ name }) => [name, tensors.get(name) as TensorInfo])),
      parameters: wanted.reduce((sum, each) => sum + sizeOf(each), 0),
      read: async (name, signal) => fresh?.read(name) ?? read(name, signal),
      readRows: async (name, from, to, signal) => fresh?.readRows(name, from, to) ?? read(name, signal, from, to),
      async readCoded(name, from, to, signal) {
        const parts = rowsOf(partsOf(name), from, to);
        const coded = joinCoded(
          await Promise.all(parts.map(([part, begin, end]) => (part as StoredBits).readCoded(begin, end, { signal }))),
        );
        heard(name, 4 * coded.codes.length);
        return coded;
      },
    },
    unused: [...file].filter(([, entry]) => !used.has(entry)).map(([name]) => name),
  };
}

/**
 * The index under the names of transformers: torch.compile and FSDP put words of their own into them and DataParallel
 * `module.` before them, and a model that is a part of another has that one's name for it before each, as `model.`. They
 * say nothing.
 */
function unwrapped(stored: TensorIndex, described: Described): TensorIndex {
  const plain = renamed(stored, (name) => name.replaceAll(WRAPPED, '').replace(/^(module[.])+/, ''));
  const found = (index: TensorIndex) =>
    tensorsOf(described, (name) => index.has(name)).flatMap(({ parts }) => parts.filter(({ name }) => index.has(name)))
      .length;
  let [best, most] = [plain, found(plain)];
  for (const prefix of outerNames(plain, described)) {
    const inner = renamed(plain, (name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name));
    const count = found(inner);
    if (count > most) [best, most] = [inner, count];
  }
  return best;
}

const WRAPPED = /_orig_mod[.]|_fsdp_wrapped_module[.]|_checkpoint_wrapped_module[.]/g;

/** What stands before the name of the first tensor of a network. */
function outerNames(index: TensorIndex, described: Described): ReadonlySet<string> {
  const [first] = tensorsOf(described, () => true);
  const wanted = first?.parts[0]?.name ?? '';
  const outer = [...index.keys()].filter((name) => name !== wanted && name.endsWith(`.${wanted}`));
  return new Set(['model.', ...outer.map((name) => name.slice(0, -wanted.length))].slice(0, 8));
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
      Promise.all([a, b].map((entry) => readPart(source, { rows, entry }, [row, row + 1], false, options))),
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
function typeOf(parts: readonly TensorPart[], found: readonly TensorEntry[]): DType {
  const [first] = found as [TensorEntry];
  const tensor = (parts[0] as TensorPart).name;
  for (const { dtype, file } of found) {
    if (dtype === 'F32' || dtype === 'F16' || dtype === 'BF16') continue;
    const message = said`Tensor ${tensor} is stored as ${dtype}; Unmask reads F32, F16 and BF16, and few bits as it writes them itself or bitsandbytes does.`;
    throw damaged(file, message, { tensor, remedy: 'Choose a checkpoint that is not quantised, or quantised so.' });
  }
  return found.some(({ dtype }) => dtype !== first.dtype) ? 'F32' : (first.dtype as DType);
}

/** A tensor of the file that holds so many rows of a parameter. */
type StoredPart = StoredBits | { readonly rows: number; readonly entry: TensorEntry };

/** Whether parts are widened when they are read. */
function isMixed(parts: readonly StoredPart[]): boolean {
  return parts.some((part) => 'readValues' in part || part.entry.dtype !== parts[0]?.entry.dtype);
}

function checkShape(parts: readonly TensorPart[], found: readonly TensorEntry[]): void {
  found.forEach((entry, i) => {
    const { name: tensor, shape: expected } = parts[i] as TensorPart;
    if (entry.shape.length === expected.length && entry.shape.every((dim, axis) => dim === expected[axis])) return;
    const message = said`Tensor ${tensor} has shape ${quote(entry.shape)}, but config.json asks for ${quote(expected)}.`;
    throw damaged(entry.file, message, { tensor });
  });
}

/** What rows `[from, to)` of parts that are stacked along the first axis have of each. */
function rowsOf(
  parts: readonly StoredPart[],
  from: number,
  to: number,
): (readonly [part: StoredPart, from: number, to: number])[] {
  let first = 0;
  return parts.flatMap((part) => {
    const [begin, end] = [Math.max(from - first, 0), Math.min(to - first, part.rows)];
    first += part.rows;
    return begin < end ? [[part, begin, end] as const] : [];
  });
}

/** `widen`: as F32. */
async function readPart(
  source: FileSource,
  part: StoredPart,
  [from, to]: readonly [number, number],
  widen: boolean,
  options: ReadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if ('readValues' in part) return new Uint8Array((await part.readValues(from, to, options)).buffer);
  const { file, start, end, dtype } = part.entry;
  const rowBytes = (end - start) / part.rows;
  const bytes = await source.read(file, start + from * rowBytes, start + to * rowBytes, options);
  return widen ? new Uint8Array(toFloat32(bytes, dtype as DType).buffer) : bytes;
}
