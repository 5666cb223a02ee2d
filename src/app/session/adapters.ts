/** Adapters (LoRA) of this browser, and the one that is added to the main model. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../diffusion/error.ts';
import type { Storage } from '../../worker/protocol.ts';
import { compute, loadModel, readStorage, sourceOf, useCompute } from './compute.ts';
import { saveItem, use } from './library.ts';
import { unzipped } from './unzipped.ts';

type Item = Pick<Storage['items'][number], 'key' | 'name'>;

interface Adapters {
  /** Undefined until the storage has been read. */
  readonly items: readonly Item[] | undefined;
  /** What was asked for and is not there yet; a key of undefined asks for the model as it is. */
  readonly asked: { readonly key: string | undefined; readonly weight: number } | undefined;
  readonly busy: 'open' | 'merge' | 'save' | undefined;
  readonly error: ErrorData | undefined;
}

export const useAdapters = create<Adapters>(() => ({
  items: undefined,
  asked: undefined,
  busy: undefined,
  error: undefined,
}));

const set = useAdapters.setState;

async function attempt(busy: Adapters['busy'], work: () => Promise<void>): Promise<void> {
  set({ busy, error: undefined });
  try {
    await work();
  } catch (cause) {
    if (!(cause instanceof DOMException && cause.name === 'AbortError')) {
      set({ error: UnmaskError.from(cause).toJSON() });
    }
  } finally {
    set({ busy: undefined });
  }
}

export async function readAdapters(): Promise<void> {
  await attempt(undefined, async () => {
    const { items } = await readStorage();
    set({ items: items.filter(({ kind, complete, inMemory }) => kind === 'adapter' && (complete || inMemory)) });
  });
}

let adapting: Promise<unknown> = Promise.resolve();

/** Resolves when the adapter last asked for is the one that the model has: what is written until then would name the old one. */
export const adapted = () => adapting;

/** From the next pass on; a weight of 0, or no key, leaves the model as it was loaded. */
export function adapt(key: string | undefined, weight: number): Promise<void> {
  const asked = { key, weight };
  set({ asked });
  const done = attempt(undefined, async () => {
    await loadModel();
    for await (const { adapter, chat } of (await compute()).run('adapt', { adapter: key, weight })) {
      useCompute.setState(({ model }) => ({ model: model && { ...model, adapter, chat } }));
    }
  }).finally(() => {
    if (useAdapters.getState().asked === asked) set({ asked: undefined });
  });
  adapting = Promise.all([adapting, done]);
  return done;
}

/** Files of a folder that PEFT saved, or a zip of them; the adapter is kept and switched on. */
export function openFolder(given: readonly File[], folder?: string): Promise<void> {
  return attempt('open', async () => {
    const [first] = given;
    const zip = given.length === 1 && first && /[.]zip$/i.test(first.name) ? first : undefined;
    const files = zip ? await unzipped(zip) : given;
    await loadModel();
    const name = folder || zip?.name.slice(0, -4) || `adapter ${(useAdapters.getState().items?.length ?? 0) + 1}`;
    const request = { name, files, adapter: true };
    let key: string | undefined;
    for await (const event of (await compute()).run('keepFiles', request)) {
      if (event.kind === 'fetched') key = event.item.key;
    }
    await readAdapters();
    if (key !== undefined) await adapt(key, 1);
  });
}

export function saveFolder(item: Item): Promise<void> {
  return attempt('save', () => saveItem(item));
}

/** Takes the adapter into a copy of the model, which becomes the one in use. */
export function merge({ key, name }: Item, weight: number): Promise<void> {
  return attempt('merge', async () => {
    const { id } = await loadModel();
    const copy = `${id.split('/').at(-1)}-${name}`.replace(/[^\w.-]+/g, '-').slice(0, 80);
    const request = { adapter: key, weight, source: await sourceOf(id), name: copy };
    let merged = false;
    for await (const _ of (await compute()).run('mergeAdapter', request)) merged = true;
    if (!merged) return;
    await readStorage();
    use(copy);
  });
}

export function removeAdapter({ key }: Item): Promise<void> {
  return attempt(undefined, async () => {
    await adapted();
    if (useCompute.getState().model?.adapter?.key === key) await adapt(undefined, 0);
    for await (const _ of (await compute()).run('remove', { key }));
    await readAdapters();
  });
}
