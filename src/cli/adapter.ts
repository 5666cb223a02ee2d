/** `--adapter DIR --weight W` of the programs that run a model. */
import { type Adapter, isLive } from '../checkpoint/adapter/adapter.ts';
import { mergeAdapter } from '../checkpoint/adapter/merge.ts';
import { openAdapter } from '../checkpoint/adapter/open.ts';
import type { Model } from '../checkpoint/model.ts';
import { folderSource } from '../node/folder.ts';

export interface AdapterArguments {
  readonly folder: string;
  readonly weight: number;
}

export interface Adapted {
  /** With what cannot be added while it runs: tables, norms and biases. */
  readonly network: Pick<Model, 'arch' | 'weights'>;
  /** What can. */
  readonly live: Pick<Adapter, 'lowRank'> | undefined;
  readonly weight: number;
}

/** Throws `UnmaskError`. */
export async function withAdapter(
  network: Pick<Model, 'arch' | 'weights' | 'modelType'>,
  given: AdapterArguments | undefined,
): Promise<Adapted> {
  if (given === undefined) return { network, live: undefined, weight: 1 };
  const { folder, weight } = given;
  const adapter = await openAdapter(await folderSource(folder), network, { id: folder });
  if (isLive(adapter)) return { network, live: adapter, weight };
  return { network: mergeAdapter(network, adapter, weight), live: undefined, weight };
}
