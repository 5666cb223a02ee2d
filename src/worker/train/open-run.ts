/** The network that a run has come to, read from its last checkpoint, on the processor. */
import type { Store } from '../../checkpoint/store/store.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import type { Network } from '../../diffusion/network.ts';
import { activate } from '../../training/backends.ts';
import { makeTrainable } from '../../training/make-trainable.ts';
import { loadCheckpoint } from '../../training/run-files.ts';
import { openStart, reopenStart } from '../../training/start.ts';
import type { Models } from '../models.ts';
import { diskSource, readRun, runDisk } from './run-store.ts';
import { sourceOf } from './source.ts';

/** Throws `UnmaskError`: storage, device; or the signal's reason. The caller disposes it. */
export async function openRun(
  run: string,
  { store, models, signal }: { readonly store: Store; readonly models: Models; readonly signal: AbortSignal },
): Promise<{ readonly network: Network; dispose(): void }> {
  const files = runDisk(store.disk, run);
  const found = await loadCheckpoint(files);
  if (found === undefined) {
    const message = 'This run has no checkpoint in the storage of this browser.';
    throw new UnmaskError({ code: 'storage', message, remedy: 'Start it anew.' });
  }
  const { settings, weights } = found;
  const adapts = settings.adapter !== 'none';
  const from = adapts ? (await readRun(files)).start : undefined;
  const { model } =
    from === undefined || from === 'fresh'
      ? await reopenStart(settings, diskSource(files, 'the run'), weights)
      : await openStart(settings, [], await sourceOf(from, store), { signal });
  if (!(await activate('wasm', { wasmFiles: await models.wasmFiles() }))) {
    const message = 'WebAssembly does not run here.';
    const remedy = 'Choose the automatic way at the top of the page, or another browser.';
    throw new UnmaskError({ code: 'device', message, remedy });
  }
  const trainable = await makeTrainable(settings, model, { kept: adapts ? weights : undefined, learns: false, signal });
  return { network: trainable.predictor(), dispose: () => trainable.dispose() };
}
