/** The run that stands on the page before anything is generated: the person's last one, or the recorded one. */
import { decodeTrace } from '../../diffusion/trace-decode.ts';
import { reducedMotion } from '../shell/useMedia.ts';
import { showTrace, useRun } from '../stores/run.ts';
import { useSettings } from '../stores/settings.ts';
import { recallRun } from './lastRun.ts';

/** Made by `npm run generate -- --trace FILE` with the default settings, so that Generate writes the same text. */
const RECORDED = 'recorded/first.json';

export async function showFirstRun(): Promise<void> {
  // A link comes with a promise of its own, so somebody's earlier text would only confuse.
  const last = useSettings.getState().linked ? undefined : await recallRun();
  if (untouched() && last) showTrace(last, last.steps.length, 'restored', false);
  if (last) return;
  const answer = await fetch(new URL(RECORDED, document.baseURI));
  if (!answer.ok) return;
  const trace = decodeTrace(await answer.text());
  if (!untouched()) return;
  const still = reducedMotion();
  showTrace(trace, still ? trace.steps.length : 0, 'recorded', !still);
}

/** False as soon as the person has started something. */
function untouched(): boolean {
  const { trace, status } = useRun.getState();
  return trace === undefined && status === 'idle';
}
