/** What the Models dialog knows and does: the storage, a model looked up on the hub, and what is being downloaded. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../diffusion/error.ts';
import type { EventOf, FetchProgress, FoundModel, RequestOf, Storage } from '../../worker/protocol.ts';
import { compute, forgive, readStorage, reloadModel, sourceOf, useCompute } from './compute.ts';
import { usePreferences } from './preferences.ts';
import { saveBlob } from './save.ts';
import { setSetting } from './settings.ts';

interface Library {
  readonly storage: Storage | undefined;
  /** The hub model that is being looked up, and what was found. */
  readonly looking: string | undefined;
  readonly found: FoundModel | undefined;
  readonly fetching: Fetching | undefined;
  /** What went wrong, and how to try it again. */
  readonly trouble: { readonly error: ErrorData; readonly again: (() => void) | undefined } | undefined;
}

interface Fetching {
  readonly name: string;
  readonly kind: 'download' | 'copy';
  readonly progress: FetchProgress | undefined;
}

export const useLibrary = create<Library>(() => ({
  storage: undefined,
  looking: undefined,
  found: undefined,
  fetching: undefined,
  trouble: undefined,
}));

const set = useLibrary.setState;

/** Runs what a button asks for; a failure becomes a sentence with a way to try again. */
async function attempt(work: () => Promise<void>, again?: () => void): Promise<void> {
  set({ trouble: undefined });
  try {
    await work();
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') return;
    set({ trouble: { error: UnmaskError.from(cause).toJSON(), again } });
  }
}

export function refresh(): Promise<void> {
  return attempt(async () => set({ storage: await readStorage() }));
}

/** Asks the hub about a model, at its newest commit unless another is named. */
export function lookUp(id: string, revision?: string): Promise<void> {
  return attempt(
    async () => {
      set({ looking: id, found: undefined });
      const address = { endpoint: usePreferences.getState().hub, id, revision };
      try {
        for await (const event of (await compute()).run('lookUp', { address })) set({ found: event.model });
      } finally {
        if (useLibrary.getState().looking === id) set({ looking: undefined });
      }
    },
    () => void lookUp(id, revision),
  );
}

export function forgetFound(): void {
  set({ found: undefined });
}

let stop: AbortController | undefined;

/** Downloads a model, or goes on with it, and takes it into use. */
export function fetchModel(id: string, endpoint = usePreferences.getState().hub, revision?: string): Promise<void> {
  void navigator.storage?.persist?.();
  const again = () => void fetchModel(id, endpoint, revision);
  // What cannot write is not put in the place of what can.
  const found = useLibrary.getState().found;
  const isStart = found?.id === id && found.headless;
  return bring({ name: id, kind: 'download' }, again, isStart ? () => undefined : use, async (signal) =>
    (await compute()).run('download', { address: { endpoint, id, revision } }, signal),
  );
}

/** Copies chosen files into the browser's storage and takes them into use. */
export function keepFiles(name: string, files: readonly File[]): Promise<void> {
  void navigator.storage?.persist?.();
  const again = () => void keepFiles(name, files);
  return bring({ name, kind: 'copy' }, again, use, async (signal) =>
    (await compute()).run('keepFiles', { name, files }, signal),
  );
}

/** Keeps a copy of a model in few bits beside it, in the list of models. */
export function keepInBits(model: string, precision: RequestOf<'keepInBits'>['precision']): Promise<void> {
  void navigator.storage?.persist?.();
  const name = `${model}-${precision}`;
  const again = () => void keepInBits(model, precision);
  return bring(
    { name, kind: 'copy' },
    again,
    () => undefined,
    async (signal) => (await compute()).run('keepInBits', { source: await sourceOf(model), precision, name }, signal),
  );
}

type Item = Pick<Storage['items'][number], 'key' | 'name'>;

/** The files of something in the store as one zip. Throws what the worker throws. */
export async function saveItem({ key, name }: Item): Promise<void> {
  for await (const { zip } of (await compute()).run('zipItem', { key })) {
    saveBlob(zip, `${name.split('/').at(-1)}.zip`);
  }
}

/** The files of a model as a folder to take away. */
export function saveModel(item: Item): Promise<void> {
  return attempt(() => saveItem(item));
}

function bring(
  what: Pick<Fetching, 'name' | 'kind'>,
  again: () => void,
  then: (name: string) => void,
  open: (signal: AbortSignal) => Promise<AsyncGenerator<EventOf<'download'>, unknown>>,
): Promise<void> {
  return attempt(async () => {
    stop?.abort();
    const own = new AbortController();
    stop = own;
    set({ fetching: { ...what, progress: undefined } });
    let done = false;
    try {
      for await (const event of await open(own.signal)) {
        if (event.kind === 'fetching') set({ fetching: { ...what, progress: event.progress } });
        else done = true;
      }
    } finally {
      if (stop === own) set({ fetching: undefined });
      set({ storage: await readStorage() });
    }
    if (!done) return;
    forgetFound();
    if (useCompute.getState().chosen?.name === what.name) useCompute.setState({ chosen: undefined });
    then(what.name);
  }, again);
}

export function cancel(): void {
  stop?.abort();
}

/** Makes a model the current one. */
export function use(name: string): void {
  forgive(name);
  useCompute.setState({ lent: undefined });
  setSetting('model', name);
  void reloadModel().catch(() => undefined); // the page tells what went wrong
}

export function takeFiles(name: string, files: readonly File[]): void {
  useCompute.setState({ chosen: { name, files } });
  use(name);
}

export function remove(key: string): Promise<void> {
  return attempt(async () => {
    for await (const _ of (await compute()).run('remove', { key }));
    set({ storage: await readStorage() });
  });
}

export function dismissTrouble(): void {
  set({ trouble: undefined });
}
