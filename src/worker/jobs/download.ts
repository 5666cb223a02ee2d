/** Models on their way into the store: from a hub, or from files on this machine. One download at a time. */
import { openAdapter } from '../../checkpoint/adapter/open.ts';
import { download, type FetchProgress } from '../../checkpoint/hub/download.ts';
import { lookUpModel } from '../../checkpoint/hub/preview.ts';
import { Rate } from '../../checkpoint/hub/rate.ts';
import { BRIEF } from '../../checkpoint/hub/request.ts';
import { openModel } from '../../checkpoint/open.ts';
import { droppedSource } from '../../checkpoint/sources.ts';
import type { Job } from './job.ts';

export const downloadJob: Job<'download'> = {
  latest: true,
  async run({ address }, { store, signal, emit }) {
    const listing = await lookUpModel(address, { signal, patience: BRIEF });
    const onProgress = (progress: FetchProgress) => emit({ kind: 'fetching', progress });
    const kept = await store();
    const item = await download(kept, listing, { signal, onProgress });
    try {
      // What its header could not tell; a headless one is kept for training.
      await openModel(await kept.source(item.key), { id: item.name, signal, newHead: true });
    } catch (cause) {
      if (!signal.aborted) await kept.remove(item.key);
      throw cause;
    }
    emit({ kind: 'fetched', item });
  },
};

export const keepFilesJob: Job<'keepFiles'> = {
  latest: true,
  async run({ name, files, adapter = false }, { models, store, signal, emit }) {
    const source = droppedSource(files, name);
    // What cannot be used is not kept.
    if (adapter) await openAdapter(source, models.require().model, { id: name, signal });
    else await openModel(source, { id: name, signal, newHead: true });
    const rate = new Rate();
    const onProgress = (loaded: number, total: number) => {
      const speed = rate.mark(loaded, performance.now());
      const secondsLeft = speed > 0 ? (total - loaded) / speed : undefined;
      emit({ kind: 'fetching', progress: { file: name, loaded, total, rate: speed, secondsLeft, inMemory: false } });
    };
    const names = files.map((file) => file.name).filter((file) => /[.](json|jinja|safetensors)$/.test(file));
    const kind = adapter ? 'adapter' : 'model';
    emit({ kind: 'fetched', item: await (await store()).put(name, source, names, { signal, onProgress, kind }) });
  },
};
