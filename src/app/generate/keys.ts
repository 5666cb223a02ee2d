/** The keys of the Generate view that work wherever the focus is. */
import { togglePlay } from '../run/player.ts';
import type { Shortcut } from '../shell/keys.ts';
import { prefer, usePreferences } from '../stores/preferences.ts';
import { redo, seek, select, undo, useRun } from '../stores/run.ts';
import { controller, generate } from './session.ts';

const idle = () => useRun.getState().status === 'idle';

/** Escape ends what goes on; when nothing does, it lets go of the selected token. */
function stopOrLeave(): void {
  if (idle() && !useRun.getState().playing) select(undefined);
  else controller.stop();
}

export const viewKeys: readonly Shortcut[] = [
  { key: 'Enter', mod: true, run: generate },
  { key: 'Escape', run: stopOrLeave },
  { key: 'z', mod: true, run: () => idle() && undo() },
  { key: 'z', mod: true, shift: true, run: () => idle() && redo() },
  { key: ' ', single: true, run: togglePlay },
  { key: ',', single: true, run: () => seek(useRun.getState().playhead - 1) },
  { key: '.', single: true, run: () => seek(useRun.getState().playhead + 1) },
  { key: 'g', single: true, run: () => idle() && void controller.goOn() },
  {
    key: 'v',
    single: true,
    run: () => prefer({ view: usePreferences.getState().view === 'prose' ? 'grid' : 'prose' }),
  },
];
