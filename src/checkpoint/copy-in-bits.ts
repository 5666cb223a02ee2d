/** A model written again with its matrices in few bits, one after the other, so that it is never whole in memory. */
import { CONFIG_FILE } from './config.ts';
import { parseObject, present } from './damage.ts';
import type { FileSource } from './model.ts';
import { openNetwork } from './open.ts';
import type { PrecisionOptions } from './precision.ts';
import { configInBits, inBits } from './write-bits.ts';
import { layOut } from './write-safetensors.ts';

/** Bytes of the file of weights, and where in it they belong. */
interface Piece {
  readonly at: number;
  readonly data: Uint8Array;
}

export interface CopyInBits {
  /** The text of its config.json. */
  readonly config: string;
  /** Of the file of weights, all its pieces together. */
  readonly bytes: number;
  readonly parameters: number;
  /** Every byte of the file of weights once, in the order in which the model is read. Throws what reading throws. */
  pieces(): AsyncGenerator<Piece, void>;
}

/** Reads what the model is; its weights are read by `pieces`. Throws `UnmaskError`. */
export async function copyInBits(
  source: FileSource,
  precision: PrecisionOptions,
  signal?: AbortSignal,
): Promise<CopyInBits> {
  const network = await openNetwork(source, { signal });
  const config = parseObject(CONFIG_FILE, present(await source.readAll(CONFIG_FILE), CONFIG_FILE, source));
  const batches = inBits(network, network.weights, precision);
  const planned = batches.flatMap(({ tensors }) => tensors.map((each) => [each.name, each] as const));
  const { header, places, bytes } = layOut(planned, { format: 'pt' });
  return {
    config: `${JSON.stringify(configInBits(config, precision), undefined, 2)}\n`,
    bytes,
    parameters: network.weights.parameters,
    async *pieces() {
      yield { at: 0, data: header };
      for (const { tensors, make } of batches) {
        signal?.throwIfAborted();
        const made = await make(signal);
        for (const [i, { name }] of tensors.entries()) {
          yield { at: header.length + (places.get(name) as number), data: made[i] as Uint8Array };
        }
      }
    },
  };
}
