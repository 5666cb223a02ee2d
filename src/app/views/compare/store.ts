/** What is compared, held in the address, so that what is seen can be sent. */

import { create } from 'zustand';
import type { Settings } from '../../../diffusion/settings.ts';
import type { Text } from '../../../text/said.ts';
import { parseRoute } from '../../session/route.ts';
import { type Comparison, DEFAULT_COMPARISON, formatComparison, parseComparison } from './address.ts';

interface ComparisonState extends Comparison {
  /** What of the link could not be read, one sentence each. */
  readonly problems: readonly Text[];
}

export const useComparison = create<ComparisonState>(() => ({ ...DEFAULT_COMPARISON, problems: [] }));

export function compareWith(change: Partial<ComparisonState>): void {
  useComparison.setState(change);
  publish();
}

export function changeSetting<K extends keyof Settings>(name: K, value: Settings[K]): void {
  compareWith({ settings: { ...useComparison.getState().settings, [name]: value } });
}

export function dismissProblems(): void {
  useComparison.setState({ problems: [] });
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** A moment later: a dragged slider would otherwise exceed what browsers allow. */
function publish(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (parseRoute(location.hash).view !== 'compare') return;
    const query = formatComparison(useComparison.getState());
    history.replaceState(history.state, '', `${location.search}#/compare?${query}`);
  }, 200);
}

/** Takes the comparison from the address, now and when another link is followed; returns how to stop. */
export function followAddress(): () => void {
  const follow = () => {
    const { view, query } = parseRoute(location.hash);
    if (view !== 'compare') return;
    if (!query) return publish();
    const { comparison, problems } = parseComparison(query);
    useComparison.setState({ ...comparison, problems });
  };
  follow();
  window.addEventListener('hashchange', follow);
  return () => window.removeEventListener('hashchange', follow);
}
