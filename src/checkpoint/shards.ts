/** Finds a checkpoint's weights: one `model.safetensors`, or shards listed in `model.safetensors.index.json`. */
import { said } from '../text/said.ts';
import { damaged, isObject, type Json, parseObject, present, quote } from './damage.ts';
import type { FileSource, ReadOptions } from './model.ts';
import { readHeader, type TensorEntry, type TensorIndex } from './safetensors.ts';

export const WEIGHTS_FILE = 'model.safetensors';
export const SHARDS_FILE = 'model.safetensors.index.json';

/** The tensors of all files of a checkpoint. Throws `UnmaskError` code `checkpoint`. */
export async function readIndex(source: FileSource, options?: ReadOptions): Promise<TensorIndex> {
  if ((await source.size(WEIGHTS_FILE, options)) !== undefined) return readHeader(source, WEIGHTS_FILE, options);
  const list = await source.readAll(SHARDS_FILE, { ...options, maxBytes: 2 ** 24 });
  return readShards(source, present(list, WEIGHTS_FILE, source), options);
}

async function readShards(source: FileSource, list: Uint8Array, options?: ReadOptions): Promise<TensorIndex> {
  const map = parseObject(SHARDS_FILE, list)['weight_map'];
  const files = shardNames(map);
  const places = map as Json;
  const index = new Map<string, TensorEntry>();
  for (const file of files) {
    for (const [tensor, entry] of await readHeader(source, file, options)) {
      if (places[tensor] === file) index.set(tensor, entry);
    }
  }
  for (const [tensor, file] of Object.entries(places)) {
    if (!index.has(tensor)) throw damaged(String(file), said`${file} lacks the tensor ${tensor}.`, { tensor });
  }
  return index;
}

/** The files of a `weight_map`, each once. Throws `UnmaskError` code `checkpoint`. */
export function shardNames(map: unknown): readonly string[] {
  if (!isObject(map)) throw damaged(SHARDS_FILE, said`weight_map of ${SHARDS_FILE} is ${quote(map)}.`);
  const files = new Set(Object.values(map));
  for (const file of files) {
    if (typeof file === 'string' && /^[\w.-]+\.safetensors$/.test(file)) continue;
    throw damaged(SHARDS_FILE, said`${SHARDS_FILE} names ${quote(file)}, which is not a safetensors file beside it.`);
  }
  return [...files] as string[];
}
