/** The model of a view whose figures and words are about one model, such as the race of the twins. */
import { useEffect } from 'react';
import { useCompute } from './compute.ts';

/**
 * While the view is open, `name` stands in for whichever of the page's own models the settings ask for: what is loaded from
 * then on is `name`. A model of the reader's own is left in its place, and so is one with an adapter.
 */
export function useLent(name: string | undefined): void {
  useEffect(() => {
    if (name === undefined || useCompute.getState().model?.adapter) return;
    useCompute.setState({ lent: name });
    return () => useCompute.setState({ lent: undefined });
  }, [name]);
}
