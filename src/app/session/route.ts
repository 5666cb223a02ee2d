/** The address after `#`: which view, and the settings it was linked with. */
import { useSyncExternalStore } from 'react';
import { readHash } from '../../diffusion/link-text.ts';

/** Names of the views, as the address has them. */
export const VIEW_IDS = [
  'generate',
  'learn',
  'schedule',
  'train',
  'compare',
  'hood',
  'bench',
  'evaluate',
  'align',
  'access',
] as const;
export type ViewId = (typeof VIEW_IDS)[number];

export interface Route {
  readonly view: ViewId;
  /** What the address calls its view when there is none of that name; Generate is shown. */
  readonly unknown?: string;
  /** What stands after `?`, without it; empty when there is none. */
  readonly query: string;
}

export function parseRoute(hash: string): Route {
  const { view: name, query } = readHash(hash);
  const view = VIEW_IDS.find((id) => id === name);
  if (view) return { view, query };
  return name === '' ? { view: 'generate', query } : { view: 'generate', query, unknown: name };
}

function listen(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}

export function useView(): ViewId {
  return useSyncExternalStore(listen, () => parseRoute(location.hash).view);
}
