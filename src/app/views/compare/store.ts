/** What is compared, held in the address, so that what is seen can be sent. */

import { create } from 'zustand';
import type { Settings } from '../../../diffusion/settings.ts';
import type { Text } from '../../../text/said.ts';
import { ownAddress } from '../../session/ownAddress.ts';
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

const address = ownAddress(() =>
  parseRoute(location.hash).view === 'compare' ? `#/compare?${formatComparison(useComparison.getState())}` : undefined,
);
const publish = (): void => address.later();

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
