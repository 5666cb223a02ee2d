/** Where the reader is: what the address says, else where they last were, which this browser remembers. */
import { useSyncExternalStore } from 'react';
import { recall, remember } from '../../session/remember.ts';
import { parseRoute } from '../../session/route.ts';
import { formatPlace, type Place, parsePlace } from './address.ts';

let current: Place | undefined;

function read(): Place {
  const { view, query } = parseRoute(location.hash);
  const linked = view === 'learn' ? parsePlace(query) : undefined;
  const found = linked ?? current ?? parsePlace(recall('learn', { place: '' }).place) ?? { chapter: 0, beat: 0 };
  if (found.chapter !== current?.chapter || found.beat !== current.beat) {
    current = found;
    remember('learn', { place: formatPlace(found) });
  }
  return current;
}

function listen(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}

export const usePlace = () => useSyncExternalStore(listen, read);
