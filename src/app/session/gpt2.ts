/** GPT-2 as an opponent: whether it is in this browser, what the hub says of it, and how its download goes. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../diffusion/error.ts';
import type { Settings } from '../../diffusion/settings.ts';
import type { Gpt2Client } from '../../peers/client.ts';
import type { Format, Gpt2Found, Gpt2Here, Gpt2Jobs } from '../../peers/protocol.ts';
import { beginTrace, withStep } from '../trace/record.ts';
import type { TracedRun } from './comparedRuns.ts';
import { backendChoice, usePreferences } from './preferences.ts';

/** The smallest GPT-2, 124 million parameters, as exported for transformers.js. */
export const GPT2 = 'Xenova/gpt2';

/** Sixteen tokens of GPT-2, for Barry's settings: his comparison goes on from as many. */
export const BARRYS_PROMPT = 'The city lies on both sides of a wide river, and every spring the water';

interface Opponent {
  /** Undefined until the storage has been read. */
  readonly here: readonly Gpt2Here[] | undefined;
  /** Hub id of the repository that is asked for. */
  readonly id: string;
  readonly looking: boolean;
  readonly found: Gpt2Found | undefined;
  readonly fetching: { readonly progress: Gpt2Jobs['download']['event']['progress'] | undefined } | undefined;
  readonly error: ErrorData | undefined;
}

export const useOpponent = create<Opponent>(() => ({
  here: undefined,
  id: GPT2,
  looking: false,
  found: undefined,
  fetching: undefined,
  error: undefined,
}));

const set = useOpponent.setState;

let client: Promise<Gpt2Client> | undefined;

/** Its worker, started on first use; neither its code nor ONNX Runtime is part of the first download. */
function gpt2(): Promise<Gpt2Client> {
  client ??= import('../../peers/client.ts').then(({ createGpt2 }) => createGpt2(usePreferences.getState().hub));
  return client;
}

/** The one that would race: the newest that is here as a whole. */
export function ready(here: readonly Gpt2Here[] | undefined): Gpt2Here | undefined {
  return here?.find(({ have, bytes }) => have === bytes);
}

async function attempt(work: () => Promise<void>): Promise<void> {
  set({ error: undefined });
  try {
    await work();
  } catch (cause) {
    set({ error: UnmaskError.from(cause).toJSON() });
  }
}

async function listed(): Promise<readonly Gpt2Here[]> {
  return (await (await gpt2()).ask('here', {}))?.here ?? [];
}

export function readHere(): Promise<void> {
  return attempt(async () => set({ here: await listed() }));
}

export function askHub(): Promise<void> {
  return attempt(async () => {
    const { id } = useOpponent.getState();
    set({ looking: true, found: undefined });
    try {
      const address = { endpoint: usePreferences.getState().hub, id };
      set({ found: (await (await gpt2()).ask('lookUp', { address, backend: backendChoice() }))?.found });
    } finally {
      set({ looking: false });
    }
  });
}

let stop: AbortController | undefined;

/** Downloads GPT-2 in this format, or goes on with it. */
export function fetchGpt2(id: string, format: Format, endpoint = usePreferences.getState().hub): Promise<void> {
  void navigator.storage?.persist?.();
  return attempt(async () => {
    stop?.abort();
    const own = new AbortController();
    stop = own;
    set({ fetching: { progress: undefined } });
    try {
      const request = { address: { endpoint, id }, format };
      for await (const { progress } of (await gpt2()).run('download', request, own.signal)) {
        set({ fetching: { progress } });
      }
    } finally {
      // What is here now speaks for itself, whole or begun.
      set({ here: await listed(), found: undefined });
      if (stop === own) set({ fetching: undefined });
    }
  });
}

export function cancelFetch(): void {
  stop?.abort();
}

export function removeGpt2(key: string): Promise<void> {
  return attempt(async () => {
    await (await gpt2()).ask('remove', { key });
    set({ here: await listed(), found: undefined });
  });
}

/** Has GPT-2 write. Resolves when it has ended or the signal has aborted. Throws `UnmaskError`. */
export async function runGpt2(
  settings: Settings,
  { signal, onRun }: { signal: AbortSignal; onRun: (run: TracedRun) => void },
): Promise<void> {
  await readHere(); // it may have been deleted meanwhile, here or in another tab
  const chosen = ready(useOpponent.getState().here);
  if (chosen === undefined) throw missing();
  let run: TracedRun | undefined;
  const asked = { key: chosen.key, settings, backend: backendChoice() };
  for await (const event of (await gpt2()).run('write', asked, signal)) {
    if (signal.aborted) continue;
    if (event.kind === 'run') {
      const trace = beginTrace(settings, event.model, event.start, event.pieces);
      run = { writer: 'append', trace, result: undefined };
    } else if (run) {
      run =
        event.kind === 'step'
          ? { ...run, trace: withStep(run.trace, event.step, event.pieces) }
          : { ...run, result: event.result };
    }
    if (run) onRun(run);
  }
}

function missing(): UnmaskError {
  const message = 'GPT-2 is not in this browser.';
  return new UnmaskError({ code: 'storage', message, remedy: 'Download it first, or race against stories-ar.' });
}
