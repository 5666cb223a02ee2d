/** What there is to learn from: data sets on their way into the store, and a look at texts before a run. */
import type { FetchProgress } from '../../checkpoint/hub/download.ts';
import type { MemoryLook, TableLook } from '../protocol.train.ts';
import type { Job } from './job.ts';

export const fetchDataJob: Job<'fetchData'> = {
  latest: true,
  async run({ name, endpoint }, { store, signal, emit }) {
    const { fetchWikitext } = await import('../../training/data/wikitext.ts');
    const here = await store();
    const onProgress = (progress: FetchProgress) => emit({ kind: 'fetching', progress });
    const { key } = await fetchWikitext(here, name, { endpoint }, { signal, onProgress });
    const item = await here.find(key);
    if (item) emit({ kind: 'fetched', item });
  },
};

export const lookAtDataJob: Job<'lookAtData'> = {
  latest: true,
  async run(request, { models, store, signal, emit }) {
    const { lookAt } = await import('../train/look.ts');
    const onTable = (table: TableLook | undefined) => emit({ kind: 'table', table });
    const onMemory = (memory: MemoryLook) => emit({ kind: 'memory', memory });
    // A run learns on the card where models run there, too, as far as is known by now.
    const onCard = !models.has() || models.require().network.backend === 'webgpu';
    emit({ kind: 'looked', look: await lookAt(request, await store(), { signal, onCard, onTable, onMemory }) });
  },
};
