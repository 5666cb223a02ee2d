/** The main model and its twin, loaded when a comparison first needs them. */
import { create } from 'zustand';
import type { LoadedModel, Progress } from '../../worker/protocol.ts';
import { compute, loadModel } from './compute.ts';
import { backendChoice } from './preferences.ts';

/** The autoregressive twin of the shipped model: a folder of public/models. */
export const TWIN = 'stories-ar';

export interface Pair {
  readonly set: LoadedModel;
  readonly append: LoadedModel;
}

export const useTwin = create<{ readonly progress: Progress | undefined }>(() => ({ progress: undefined }));

let twin: { readonly main: LoadedModel; readonly loading: Promise<LoadedModel> } | undefined;

/** Both models on the same arithmetic. A new main model sends the twin away, so the twin is loaded again after it. */
export async function loadPair(): Promise<Pair> {
  const main = await loadModel();
  if (twin?.main !== main) {
    const own = { main, loading: loadTwin() };
    twin = own;
    own.loading.catch(() => {
      if (twin === own) twin = undefined;
    });
  }
  return { set: main, append: await twin.loading };
}

/** Has the twin loaded again, after a failure that may have taken it. */
export function forgetTwin(): void {
  twin = undefined;
}

async function loadTwin(): Promise<LoadedModel> {
  const worker = await compute();
  const source = new URL(`models/${TWIN}/`, document.baseURI).href;
  try {
    return await worker.load({ source, model: TWIN, backend: backendChoice(), role: 'twin' }, (progress) =>
      useTwin.setState({ progress }),
    );
  } finally {
    useTwin.setState({ progress: undefined });
  }
}
