/** While the page is hidden, runs rest between two steps when the person wants that; they go on where they were. */
import { compute, isComputing } from './compute.ts';
import { usePreferences } from './preferences.ts';

export function startResting(): () => void {
  let resting = false;
  const look = () => {
    const rest = document.hidden && usePreferences.getState().pauseHidden;
    if (rest === resting || !isComputing()) return;
    resting = rest;
    void compute().then((worker) => worker.rest(rest));
  };
  document.addEventListener('visibilitychange', look);
  const unsubscribe = usePreferences.subscribe(look);
  return () => {
    document.removeEventListener('visibilitychange', look);
    unsubscribe();
  };
}
