/** Models on their way into the store: from a hub, or from files on this machine. One download at a time. */
import { openAdapter } from '../../checkpoint/adapter/open.ts';
import { CONFIG_FILE } from '../../checkpoint/config.ts';
import { copyInBits } from '../../checkpoint/copy-in-bits.ts';
import { download, type FetchProgress } from '../../checkpoint/hub/download.ts';
import { lookUpModel } from '../../checkpoint/hub/preview.ts';
import { Rate } from '../../checkpoint/hub/rate.ts';
import { BRIEF } from '../../checkpoint/hub/request.ts';
import { openModel } from '../../checkpoint/open.ts';
import { WEIGHTS_FILE } from '../../checkpoint/shards.ts';
import { droppedSource } from '../../checkpoint/sources.ts';
import { readSurroundings } from '../../training/model-files.ts';
import type { Fetching } from '../protocol.models.ts';
import { sourceOf } from '../train/source.ts';
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

/** Says how far a copy has come. */
function progressOf(name: string, emit: (event: Extract<Fetching, { kind: 'fetching' }>) => void) {
  const rate = new Rate();
  return (loaded: number, total: number) => {
    const speed = rate.mark(loaded, performance.now());
    const secondsLeft = speed > 0 ? (total - loaded) / speed : undefined;
    emit({ kind: 'fetching', progress: { file: name, loaded, total, rate: speed, secondsLeft, inMemory: false } });
  };
}

export const keepFilesJob: Job<'keepFiles'> = {
  latest: true,
  async run({ name, files, adapter = false }, { models, store, signal, emit }) {
    const source = droppedSource(files, name);
    // What cannot be used is not kept.
    if (adapter) await openAdapter(source, models.require().model, { id: name, signal });
    else await openModel(source, { id: name, signal, newHead: true });
    const onProgress = progressOf(name, emit);
    const names = files.map((file) => file.name).filter((file) => /[.](json|jinja|safetensors)$/.test(file));
    const kind = adapter ? 'adapter' : 'model';
    emit({ kind: 'fetched', item: await (await store()).put(name, source, names, { signal, onProgress, kind }) });
  },
};

export const keepInBitsJob: Job<'keepInBits'> = {
  latest: true,
  async run({ source, precision, name }, { store, signal, emit, yieldToEvents }) {
    const here = await store();
    const from = await sourceOf(source, here);
    const copy = await copyInBits(from, { precision }, signal);
    // Made once, then read twice by the store: for its sums and for the copy. Blobs lie outside of JavaScript's memory.
    const total = 3 * copy.bytes;
    const onProgress = progressOf(name, emit);
    const pieces: { readonly at: number; readonly blob: Blob }[] = [];
    let made = 0;
    for await (const { at, data } of copy.pieces()) {
      pieces.push({ at, blob: new Blob([data as Uint8Array<ArrayBuffer>]) });
      made += data.length;
      onProgress(made, total);
      await yieldToEvents();
      signal.throwIfAborted();
    }
    const blobs = pieces.toSorted((one, other) => one.at - other.at).map(({ blob }) => blob);
    const around = [...(await readSurroundings(from))].filter(([file]) => file !== CONFIG_FILE);
    const files = [
      new File([copy.config], CONFIG_FILE),
      ...around.map(([file, bytes]) => new File([bytes], file)),
      new File(blobs, WEIGHTS_FILE),
    ];
    const item = await here.put(
      name,
      droppedSource(files, name),
      files.map((file) => file.name),
      { signal, onProgress: (loaded) => onProgress(Math.min(total, made + loaded), total) },
    );
    emit({ kind: 'fetched', item });
  },
};
