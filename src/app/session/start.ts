/** What happens when the view opens: the last or the recorded run is shown, and the model loads by itself behind it. */
import { followModelKind, followTrace } from './chatFollow.ts';
import { followModel, loadModel } from './compute.ts';
import { EMBEDDED } from './embed.ts';
import { showFirstRun } from './firstRun.ts';
import { startLinkedRuns } from './linkedRun.ts';
import { followNewModel } from './newModel.ts';
import { startPlayer } from './player.ts';
import { startLinks } from './settings.ts';

export function start(): () => void {
  const stops = [
    startPlayer(),
    startLinks(),
    followModel(),
    followModelKind(),
    followTrace(),
    startLinkedRuns(),
    followNewModel(),
  ];
  // Without the recording the page still works; the sheet is only empty until the first run.
  showFirstRun().catch(() => undefined);
  // After the first paint, so that the recorded run does not wait for it.
  const timer = EMBEDDED ? undefined : setTimeout(() => void loadModel().catch(() => undefined), 300);
  stops.push(() => clearTimeout(timer));
  return () => {
    for (const stop of stops) stop();
  };
}
