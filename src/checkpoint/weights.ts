/** From a checked tensor index to `Weights`: every tensor that the network has, with the right shape. */

import { type Described, tensorsOf } from '../model/families/index.ts';
import type { TensorSource } from '../model/family.ts';
import { sizeOf } from '../model/parameters.ts';
import { damaged, quote } from './damage.ts';
import type { DType, FileSource, ReadOptions, TensorInfo, Weights } from './model.ts';
import type { TensorEntry, TensorIndex } from './safetensors.ts';

export interface OpenedWeights extends Described {
  /** The described network; `tied` is false when the file stores a decoder matrix of its own. */
  readonly arch: Described['arch'];
  readonly weights: Weights;
  /** Stored tensors that this model does not use. */
  readonly unused: readonly string[];
}

/** Binds `config` to the tensors of `index`. Reads nothing yet. Throws `UnmaskError` code `checkpoint`. */
export function openWeights(
  source: FileSource,
  index: TensorIndex,
  stored: Described,
  onRead?: (file: string, bytes: number) => void,
): OpenedWeights {
  // dLLM's trainer saves the decoder beside the embedding though the config says tied; what is stored is what was used.
  const arch = index.has('decoder.weight') ? { ...stored.arch, tied: false } : stored.arch;
  const tensors = new Map<string, TensorInfo>();
  const entries = new Map<string, readonly TensorEntry[]>();
  const used = new Set<string>();
  let parameters = 0;
  for (const wanted of tensorsOf({ ...stored, arch }, (name) => index.has(name))) {
    const found = wanted.parts.map(({ name }) => find(index, name));
    const dtype = checkTypes(wanted, found);
    checkShape(wanted, found);
    const byteLength = found.reduce((sum, entry) => sum + entry.end - entry.start, 0);
    tensors.set(wanted.name, { dtype, shape: wanted.shape, byteLength });
    entries.set(wanted.name, found);
    for (const { name } of wanted.parts) used.add(name);
    parameters += sizeOf(wanted);
  }
  const read = async (name: string, signal?: AbortSignal) => {
    const parts = entries.get(name);
    if (parts === undefined) throw damaged('', `This model has no tensor ${name}.`, { tensor: name });
    const bytes = await readParts(source, parts, { signal });
    onRead?.((parts[0] as TensorEntry).file, bytes.length);
    return bytes;
  };
  const readRows = async (name: string, from: number, to: number, signal?: AbortSignal) => {
    const parts = entries.get(name);
    if (parts === undefined) throw damaged('', `This model has no tensor ${name}.`, { tensor: name });
    const bytes = await readParts(source, rowsOf(parts, from, to), { signal });
    onRead?.((parts[0] as TensorEntry).file, bytes.length);
    return bytes;
  };
  const unused = [...index.keys()].filter((name) => !used.has(name));
  return { modelType: stored.modelType, arch, weights: { tensors, parameters, read, readRows }, unused };
}

function find(index: TensorIndex, tensor: string): TensorEntry {
  const entry = index.get(tensor);
  if (entry !== undefined) return entry;
  const file = index.values().next().value?.file ?? '';
  if (tensor.startsWith('head.') || tensor.startsWith('decoder.')) {
    const message = `The checkpoint has no tensor ${tensor}: it is an encoder or classifier without a language-model head.`;
    throw damaged(file, message, { tensor, remedy: 'Choose a checkpoint of ModernBertForMaskedLM.' });
  }
  throw damaged(file, `The checkpoint has no tensor ${tensor}.`, { tensor });
}

function checkTypes({ parts }: TensorSource, found: readonly TensorEntry[]): DType {
  const [first] = found as [TensorEntry];
  const tensor = (parts[0] as (typeof parts)[number]).name;
  if (first.dtype !== 'F32' && first.dtype !== 'F16' && first.dtype !== 'BF16') {
    const message = `Tensor ${tensor} is stored as ${first.dtype}; Unmask reads F32, F16 and BF16.`;
    throw damaged(first.file, message, { tensor, remedy: 'Choose a checkpoint that is not quantised.' });
  }
  if (found.some((entry) => entry.dtype !== first.dtype)) {
    throw damaged(first.file, `${parts.map(({ name }) => name).join(', ')} must share one type.`, { tensor });
  }
  return first.dtype;
}

function checkShape({ parts }: TensorSource, found: readonly TensorEntry[]): void {
  found.forEach((entry, i) => {
    const { name: tensor, shape: expected } = parts[i] as (typeof parts)[number];
    if (entry.shape.length === expected.length && entry.shape.every((dim, axis) => dim === expected[axis])) return;
    const message = `Tensor ${tensor} has shape ${quote(entry.shape)}, but config.json asks for ${quote(expected)}.`;
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

async function readParts(source: FileSource, parts: readonly TensorEntry[], options: ReadOptions) {
  const chunks = await Promise.all(parts.map(({ file, start, end }) => source.read(file, start, end, options)));
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
