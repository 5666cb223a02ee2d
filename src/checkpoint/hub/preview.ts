/**
 * What a model on the hub is, from its `config.json` and the headers of its weights alone: a few kilobytes that tell its
 * size, its types and whether it will run, before the hundreds of megabytes that follow.
 */

import type { Arch } from '../../model/arch.ts';
import { said } from '../../text/said.ts';
import { CONFIG_FILE, parseConfig } from '../config.ts';
import type { FileSource, ReadOptions, TensorInfo } from '../model.ts';
import { readSpeech } from '../open.ts';
import { readIndex } from '../shards.ts';
import { hasher } from '../store/hash.ts';
import { openWeights } from '../weights.ts';
import { type HubAddress, type Listing, listModel, readRemote, refuseClassifiers } from './hub.ts';
import { type Asking, networkError } from './request.ts';

export interface HubModel extends Listing {
  readonly arch: Arch;
  readonly parameters: number;
  /** An encoder or classifier: a start for training, which cannot write yet. */
  readonly headless: boolean;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

/** Throws `UnmaskError`: `network`, or `checkpoint` when it is not a model that Unmask runs. */
export async function lookUpModel(address: HubAddress, asking: Asking = {}): Promise<HubModel> {
  const listing = await listModel(address, asking);
  const source = hubSource(listing, asking);
  const bytes = (await source.readAll(CONFIG_FILE)) as Uint8Array;
  const described = parseConfig(bytes);
  refuseClassifiers(bytes, described, listing.id);
  // A tokenizer that cannot be used is known before the weights come.
  await readSpeech(source, described, { id: listing.id, signal: asking.signal });
  const index = await readIndex(source, { signal: asking.signal });
  const { weights, arch, headless } = await openWeights(source, index, described, { newHead: true });
  return { ...listing, arch, headless, parameters: weights.parameters, tensors: weights.tensors };
}

/** Reads parts of a listing over the network, sizes from the listing; whole small files are checked by their sums. */
function hubSource(listing: Listing, asking: Asking): FileSource {
  const find = (name: string) => listing.files.find((file) => file.name === name);
  const read = async (name: string, start: number, end: number) => {
    const file = find(name);
    if (file === undefined) throw networkError(said`${listing.id} has no file ${name}.`, 'Choose another model.', name);
    return readRemote(listing, file, start, end, asking);
  };
  return {
    label: listing.id,
    read,
    size: async (name) => find(name)?.size,
    async readAll(name, options?: ReadOptions & { maxBytes?: number }) {
      const file = find(name);
      if (file === undefined) return 'missing';
      if (file.size > (options?.maxBytes ?? Number.POSITIVE_INFINITY)) return 'large';
      const bytes = await read(name, 0, file.size);
      const sum = await hasher(file.sum.kind, file.size);
      sum.update(bytes);
      if (sum.hex() === file.sum.hex) return bytes;
      throw networkError(said`${name} arrived damaged: its checksum is not the hub's.`, 'Try again.', name);
    },
  };
}
