/** Keeps the address of the Train view and its set-up together. */

import { create } from 'zustand';
import type { Text } from '../../../text/said.ts';
import { ownAddress } from '../ownAddress.ts';
import { parseRoute } from '../route.ts';
import { setSetting, useSettings } from '../settings.ts';
import { formatTrain, parseTrain } from './address.ts';
import { modelFor, settingsOf, takeRecipe, useSetup } from './setup.ts';
import { useTrain } from './store.ts';

/** What of the link could not be used, one sentence each. */
export const useTrainLink = create<{
  readonly problems: readonly Text[];
  /** The link is of a run on texts that it could not carry. */
  readonly own: boolean;
}>(() => ({ problems: [], own: false }));

/** The recipe on screen: that of the run that is shown, or of the next one. */
export function trainQuery(): string {
  const { shown } = useTrain.getState();
  const { model } = useSettings.getState().settings;
  return formatTrain(shown?.settings ?? settingsOf(useSetup.getState(), model));
}

/** Takes the recipe of the address, now and when another link is followed; returns how to stop. */
export function followTrainLink(): () => void {
  const address = ownAddress(() =>
    parseRoute(location.hash).view === 'train' && !useTrain.getState().shown ? `#/train?${trainQuery()}` : undefined,
  );
  const follow = () => {
    const { view, query } = parseRoute(location.hash);
    if (view !== 'train' || query === '' || query === trainQuery()) return;
    const { settings, problems } = parseTrain(query);
    const { init } = settings;
    const model = init === 'fresh' ? undefined : modelFor(init, useSettings.getState().settings.model);
    if (model !== undefined) setSetting('model', model);
    takeRecipe(settings);
    useTrainLink.setState({ problems, own: settings.data === '' });
  };
  follow();
  window.addEventListener('hashchange', follow);
  const stop = useSetup.subscribe(address.later);
  return () => {
    address.forget();
    stop();
    window.removeEventListener('hashchange', follow);
  };
}
