/** The address after `#`: which view, and the settings it was linked with. */
import { useSyncExternalStore } from 'react';

export interface Route {
  readonly view: string;
  /** What stands after `?`, without it; empty when there is none. */
  readonly query: string;
}

export function parseRoute(hash: string): Route {
  const [path = '', ...rest] = hash.replace(/^#\/?/, '').split('?');
  return { view: path || 'generate', query: rest.join('?') };
}

function listen(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}

export function useView(): string {
  return useSyncExternalStore(listen, () => parseRoute(location.hash).view);
}
