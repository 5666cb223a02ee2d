/**
 * What a model on the hub is, from its `config.json` and the headers of its weights alone: a few kilobytes that tell its
 * size, its types and whether it will run, before the hundreds of megabytes that follow.
 */
import type { Arch } from '../../model/arch.ts';
import { CONFIG_FILE, parseConfig } from '../config.ts';
import type { FileSource, ReadOptions, TensorInfo } from '../model.ts';
import { readIndex } from '../shards.ts';
import { hasher } from '../store/hash.ts';
import { openWeights } from '../weights.ts';
import { fileUrl, type HubAddress, type Listing, listModel, refuseOtherHeads } from './hub.ts';
import { range } from './range.ts';
import { type Asking, networkError, PATIENCE, patiently } from './request.ts';

export interface HubModel extends Listing {
  readonly arch: Arch;
  readonly parameters: number;
  readonly tensors: readonly TensorInfo[];
}

/** Throws `UnmaskError`: `network`, or `checkpoint` when it is not a model that Unmask runs. */
export async function lookUpModel(address: HubAddress, asking: Asking = {}): Promise<HubModel> {
  const listing = await listModel(address, asking);
  const source = hubSource(listing, asking);
  const bytes = (await source.readAll(CONFIG_FILE)) as Uint8Array;
  const described = parseConfig(bytes);
  refuseOtherHeads(bytes, listing.id);
  const { weights, arch } = openWeights(source, await readIndex(source), described);
  return { ...listing, arch, parameters: weights.parameters, tensors: [...weights.tensors.values()] };
}

/** Reads parts of a listing over the network, sizes from the listing; whole small files are checked by their sums. */
function hubSource(listing: Listing, asking: Asking): FileSource {
  const { signal, patience = PATIENCE } = asking;
  const find = (name: string) => listing.files.find((file) => file.name === name);
  const read = async (name: string, start: number, end: number) => {
    const file = find(name);
    if (file === undefined) throw networkError(`${listing.id} has no file ${name}.`, 'Choose another model.', name);
    const remote = { name, size: file.size, url: fileUrl(listing, name) };
    return patiently(
      async (alive) => {
        const bytes = new Uint8Array(end - start);
        let at = 0;
        for await (const part of range(remote, start, end, alive, patience)) {
          bytes.set(part, at);
          at += part.length;
        }
        return bytes;
      },
      { signal, patience },
    );
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
      throw networkError(`${name} arrived damaged: its checksum is not the hub's.`, 'Try again.', name);
    },
  };
}
