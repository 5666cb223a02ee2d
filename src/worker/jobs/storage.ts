/** What is kept on this machine, and its deletion. */
import { parseConfig } from '../../checkpoint/config.ts';
import { readIndex } from '../../checkpoint/shards.ts';
import type { Store, StoredItem } from '../../checkpoint/store/store.ts';
import { openWeights } from '../../checkpoint/weights.ts';
import { sizesOnCard } from '../sizes.ts';
import { bytesOfRuns } from '../train/run-store.ts';
import type { Job } from './job.ts';

export const storageJob: Job<'storage'> = {
  async run(_, { store, emit }) {
    const here = await store();
    const items = await Promise.all(
      (await here.list()).map(async (item) => ({ ...item, sizes: await sizesOf(here, item) })),
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

/** From the header of the weights; undefined for what cannot be used as a model. */
async function sizesOf(store: Store, item: StoredItem) {
  if (item.kind !== 'model' || (!item.complete && !item.inMemory)) return undefined;
  try {
    const source = await store.source(item.key);
    const arch = parseConfig((await source.readAll('config.json')) as Uint8Array);
    return sizesOnCard((await openWeights(source, await readIndex(source), arch)).weights.tensors.values());
  } catch {
    return undefined; // using it says what is wrong
  }
}
