/** GPT-2 as an opponent: whether it is in this browser, what the hub says of it, and how its download goes. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../diffusion/error.ts';
import type { Settings } from '../../diffusion/settings.ts';
import type { Gpt2Client } from '../../peers/client.ts';
import type { EventOf, Format, Gpt2Found, Gpt2Here } from '../../peers/protocol.ts';
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
  readonly fetching: { readonly progress: EventOf<'download'> | undefined } | undefined;
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
  client ??= import('../../peers/client.ts').then(({ Gpt2Client }) => new Gpt2Client());
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

export function readHere(): Promise<void> {
  return attempt(async () => set({ here: await (await gpt2()).ask('here', {}) }));
}

export function askHub(): Promise<void> {
  return attempt(async () => {
    const { id } = useOpponent.getState();
    set({ looking: true, found: undefined });
    try {
      const address = { endpoint: usePreferences.getState().hub, id };
      set({ found: await (await gpt2()).ask('lookUp', { address, backend: backendChoice() }) });
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
    const onEvent = (progress: EventOf<'download'>) => set({ fetching: { progress } });
    try {
      await (await gpt2()).ask('download', { address: { endpoint, id }, format }, { signal: own.signal, onEvent });
    } finally {
      // What is here now speaks for itself, whole or begun.
      set({ here: await (await gpt2()).ask('here', {}), found: undefined });
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
    set({ here: await (await gpt2()).ask('here', {}), found: undefined });
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
  const onEvent = (event: EventOf<'write'>) => {
    if (signal.aborted) return;
    if (event.kind === 'run') {
      run = {
        writer: 'append',
        trace: beginTrace(settings, event.model, event.start, event.pieces),
        result: undefined,
      };
    } else if (run) {
      run = { ...run, trace: withStep(run.trace, event.step, event.pieces) };
    }
    if (run) onRun(run);
  };
  const asked = { key: chosen.key, settings, backend: backendChoice() };
  const result = await (await gpt2()).ask('write', asked, { signal, onEvent });
  if (run && result && !signal.aborted) onRun({ ...run, result });
}

function missing(): UnmaskError {
  const message = 'GPT-2 is not in this browser.';
  return new UnmaskError({ code: 'storage', message, remedy: 'Download it first, or race against stories-ar.' });
}
