/**
 * Setting aside what a view cannot show: whatever it draws from goes where no view looks, and can be saved as a file from
 * there; the view begins empty. Nothing is deleted.
 */
import { defaultsOf } from '../../diffusion/chat-defaults.ts';
import { asideRun, setRunAside } from './lastRun.ts';
import { moveAside } from './remember.ts';
import type { ViewId } from './route.ts';
import { useRun } from './run.ts';
import { saveBlob } from './save.ts';
import { useSettings } from './settings.ts';
import { useTrain } from './train/store.ts';

/** What a view draws from, by the names of `remember.ts`. */
const REMEMBERED: Readonly<Record<ViewId, readonly string[]>> = {
  generate: ['settings', 'chat', 'odd'],
  learn: ['learn'],
  schedule: ['settings'],
  train: [],
  compare: [],
  hood: ['verified'],
  bench: [],
  evaluate: ['evaluate'],
  align: ['align'],
  access: [],
};

/** Files of browsers are no place for what is being written just now: the caller offers this when a view has stopped. */
export async function setAside(view: ViewId): Promise<void> {
  for (const name of REMEMBERED[view]) moveAside(name);
  if (REMEMBERED[view].includes('settings')) {
    useSettings.setState({
      settings: defaultsOf('continue'),
      problems: [],
      linked: false,
      moment: undefined,
      plays: false,
    });
  }
  if (view === 'generate') {
    await setRunAside();
    useRun.setState(useRun.getInitialState(), true);
  }
  if (view === 'train') useTrain.setState({ shown: undefined, compared: [], last: undefined, error: undefined });
  // The link may be what is broken; without it the view begins as it is.
  history.replaceState(history.state, '', `${location.search}#/${view}`);
}

/** Saves what was set aside last. False when there is nothing. */
export async function saveAside(): Promise<boolean> {
  const run = await asideRun();
  if (run === undefined) return false;
  saveBlob(new Blob([run], { type: 'application/json' }), 'unmask-set-aside.json');
  return true;
}
