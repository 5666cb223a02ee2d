/** Something made for what is chosen at the moment: made anew when `make` changes, let go when nobody waits for it. */
import { useEffect, useState } from 'react';
import { UnmaskError } from '../../../diffusion/error.ts';
import { toldError } from '../../messages/told.ts';

export interface Made<T> {
  readonly value?: T;
  /** A sentence. */
  readonly failed?: string;
}

/** `make` is a `useCallback` of what it depends on. */
export function useMade<T>(make: (signal: AbortSignal) => Promise<T>): Made<T> {
  const [made, setMade] = useState<Made<T>>({});
  useEffect(() => {
    const abort = new AbortController();
    setMade({});
    // After the choice itself has been painted.
    const timer = setTimeout(() => {
      make(abort.signal).then(
        (value) => abort.signal.aborted || setMade({ value }),
        (cause: unknown) => abort.signal.aborted || setMade({ failed: toldError(UnmaskError.from(cause)) }),
      );
    }, 30);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [make]);
  return made;
}
