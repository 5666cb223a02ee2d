/** What is kept on this machine, and its deletion. */
import { parseConfig } from '../../checkpoint/config.ts';
import { readIndex } from '../../checkpoint/shards.ts';
import type { Store, StoredItem } from '../../checkpoint/store/store.ts';
import { openWeights } from '../../checkpoint/weights.ts';
import { isCausal } from '../../model/arch.ts';
import { sizesOnCard } from '../sizes.ts';
import { bytesOfRuns } from '../train/run-store.ts';
import type { Job } from './job.ts';

export const storageJob: Job<'storage'> = {
  async run(_, { store, emit }) {
    const here = await store();
    const items = await Promise.all(
      (await here.list()).map(async (item) => ({ ...item, ...(await aboutModel(here, item)) })),
    );
    const { disk } = here;
    const [total, runs, use] = await Promise.all([here.total(), bytesOfRuns(disk), here.use()]);
    const storage = { items, total, runs, use, lasting: disk.lasting };
    emit({ kind: 'storage', storage });
  },
};

export const removeJob: Job<'remove'> = {
  async run({ key }, { store }) {
    await (await store()).remove(key);
  },
};

/** From its config.json and the header of its weights; sizes are undefined for what cannot be used as a model. */
async function aboutModel(store: Store, item: StoredItem) {
  const unknown = { sizes: undefined, causal: false };
  if (item.kind !== 'model' || (!item.complete && !item.inMemory)) return unknown;
  try {
    const source = await store.source(item.key);
    const described = parseConfig((await source.readAll('config.json')) as Uint8Array);
    const { arch, weights } = await openWeights(source, await readIndex(source), described);
    return { sizes: sizesOnCard(arch, weights.tensors), causal: isCausal(arch) };
  } catch {
    return unknown; // using it says what is wrong
  }
}
