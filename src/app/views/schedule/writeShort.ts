/** A short run of the loaded model. */
import type { Settings } from '../../../diffusion/settings.ts';
import { compute, loadModel } from '../../session/compute.ts';
import type { ShortRun } from './shortRun.ts';

/** Yields the run as it grows. Throws `UnmaskError`. */
export async function* writeShort(settings: Settings, signal: AbortSignal): AsyncGenerator<ShortRun, void> {
  const { maskId } = await loadModel();
  let run: ShortRun | undefined;
  for await (const event of (await compute()).generate({ settings }, signal)) {
    if (event.kind === 'started') run = { start: event.start, maskId, steps: [], pieces: event.pieces };
    else if (event.kind === 'step' && run) {
      run = { ...run, steps: [...run.steps, event.step], pieces: { ...run.pieces, ...event.pieces } };
    }
    if (run) yield run;
  }
}
