/** The main model and its judge, loaded when a comparison first needs them. */
import { create } from 'zustand';
import { TWIN } from '../../diffusion/shipped.ts';
import type { LoadedModel, Progress } from '../../worker/protocol.ts';
import { compute, loadModel, shippedFolder, sourceOf } from './compute.ts';
import { backendChoice } from './preferences.ts';

/** Who judges, and appends in the race of the twins. */
export const JUDGE = TWIN;

export interface Pair {
  readonly set: LoadedModel;
  readonly append: LoadedModel;
}

export const useJudge = create<{ readonly progress: Progress | undefined }>(() => ({ progress: undefined }));

let judge: { readonly main: LoadedModel; readonly name: string; readonly loading: Promise<LoadedModel> } | undefined;

/**
 * Both models on the same arithmetic; `name` appends. A new main model sends the judge away, so the judge is loaded again
 * after it.
 */
export async function loadPair(name: string = JUDGE): Promise<Pair> {
  const main = await loadModel();
  if (judge?.main !== main || judge.name !== name) {
    const own = { main, name, loading: loadJudge(name) };
    judge = own;
    own.loading.catch(() => {
      if (judge === own) judge = undefined;
    });
  }
  return { set: main, append: await judge.loading };
}

/** Has the judge loaded again, after a failure that may have taken it. */
export function forgetJudge(): void {
  judge = undefined;
}

async function loadJudge(name: string): Promise<LoadedModel> {
  const worker = await compute();
  const source = name === JUDGE ? shippedFolder(JUDGE) : await sourceOf(name);
  try {
    return await worker.load({ source, model: name, backend: backendChoice(), role: 'judge' }, (progress) =>
      useJudge.setState({ progress }),
    );
  } finally {
    useJudge.setState({ progress: undefined });
  }
}
