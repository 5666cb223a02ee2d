/** WikiText on its way into this browser. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import type { FetchProgress } from '../../../worker/protocol.ts';
import { compute } from '../compute.ts';
import { refresh } from '../library.ts';
import { usePreferences } from '../preferences.ts';
import type { Wikitext } from './setup.ts';

interface Fetching {
  readonly name: Wikitext | undefined;
  readonly progress: FetchProgress | undefined;
  readonly error: ErrorData | undefined;
}

export const useFetching = create<Fetching>(() => ({ name: undefined, progress: undefined, error: undefined }));

let stop: AbortController | undefined;

/** Fetches what is missing; one that was cancelled goes on where it stopped. */
export async function fetchData(name: Wikitext): Promise<void> {
  stop?.abort();
  const own = new AbortController();
  stop = own;
  void navigator.storage?.persist?.();
  useFetching.setState({ name, progress: undefined, error: undefined });
  try {
    const request = { name, endpoint: usePreferences.getState().hub };
    for await (const event of (await compute()).run('fetchData', request, own.signal)) {
      if (event.kind === 'fetching') useFetching.setState({ progress: event.progress });
    }
  } catch (cause) {
    if (!own.signal.aborted) useFetching.setState({ error: UnmaskError.from(cause).toJSON() });
  } finally {
    await refresh();
    if (stop === own) useFetching.setState({ name: undefined, progress: undefined });
  }
}

export function cancelFetch(): void {
  stop?.abort();
}
