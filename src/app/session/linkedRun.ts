/**
 * The run that a link shows: its settings and its changes by hand are carried, its text is not, so it is made again here,
 * as soon as the very model it names is loaded. Nothing is downloaded for it; where the model is missing, the page says so.
 */
import { useCompute } from './compute.ts';
import { controller } from './current.ts';
import { leaveLink, useSettings } from './settings.ts';

export function startLinkedRuns(): () => void {
  let busy = false;
  const look = () => {
    const { settings, moment, plays } = useSettings.getState();
    const { status, model } = useCompute.getState();
    if (busy || (!moment && !plays) || status !== 'ready' || model?.id !== settings.model) return;
    busy = true;
    const run = moment ? controller.reproduce(settings, moment) : controller.generate();
    // Only this link's: another may have been followed by now.
    void run.finally(() => {
      busy = false;
      if (useSettings.getState().moment === moment) leaveLink();
      look();
    });
  };
  const stops = [useSettings.subscribe(look), useCompute.subscribe(look)];
  look();
  return () => {
    for (const stop of stops) stop();
  };
}
