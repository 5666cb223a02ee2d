/** A kept run as a folder for a cluster: its texts, and the weights it began with, opened again. */
import type { Store } from '../../checkpoint/store/store.ts';
import { clusterFiles } from '../../training/cluster/files.ts';
import { loadCheckpoint } from '../../training/run-files.ts';
import { divide, openStart, reopenStart } from '../../training/start.ts';
import { keptOrigin, textsFrom } from './data.ts';
import { diskSource, readRun, runDisk } from './run-store.ts';
import { sourceOf } from './source.ts';

/** Throws `UnmaskError`: storage, settings where dLLM has no counterpart; or the signal's reason. */
export async function clusterOf(
  store: Store,
  run: string,
  signal: AbortSignal,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = runDisk(store.disk, run);
  const { name, settings, start: from } = await readRun(files);
  const { texts, valid } = await textsFrom(await keptOrigin(files), store, { signal });
  const split = divide(settings, texts, valid);
  // What it began with lies on the machine it was chosen from: the last checkpoint is nearest.
  const found = from === undefined ? await loadCheckpoint(files) : undefined;
  const start = found
    ? await reopenStart(settings, diskSource(files, 'the run'), found.weights)
    : await openStart(
        settings,
        split.train,
        from === undefined || from === 'fresh' ? 'fresh' : await sourceOf(from, store),
        {
          signal,
        },
      );
  return clusterFiles({ name, settings, start, split, begunAt: found?.progress.step ?? 0 });
}
