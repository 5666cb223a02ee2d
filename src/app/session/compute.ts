/** The model and the device: loaded in the worker on first need, reported here as it goes. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../diffusion/error.ts';
import { FIRST, SHIPPED } from '../../diffusion/shipped.ts';
import type { Text } from '../../text/said.ts';
import type { Compute, JobRequest, LoadedModel, ModelSource, Progress, Storage } from '../../worker/protocol.ts';
import { forgetHung, hasHung, hungBefore, markOf, modelMark, noteHung } from './hung.ts';
import { backendChoice, usePreferences } from './preferences.ts';
import { useSettings } from './settings.ts';

export interface ComputeState {
  readonly status: 'idle' | 'loading' | 'ready' | 'failed';
  readonly progress: Progress | undefined;
  readonly model: LoadedModel | undefined;
  /** Milliseconds of a pass on this machine, by the name of every model that has been loaded since the page was opened. */
  readonly passes: Readonly<Record<string, number>>;
  readonly error: ErrorData | undefined;
  /** Set while the worker rebuilds a lost device. */
  readonly recovering: Text | undefined;
  /** Models in this browser's storage by name; undefined until the worker has been asked. */
  readonly stored: readonly string[] | undefined;
  /** Their keys in the store, by name; the newest where several have one. */
  readonly keys: Readonly<Record<string, string>>;
  /** Their commits on the hub, by name; of those that came from one. */
  readonly commits: Readonly<Record<string, string>>;
  /** Names of models that were not loaded because they hung the worker before. */
  readonly hung: readonly string[];
  /** What the open view has in the place of a shipped model (`lent.ts`). */
  readonly lent: string | undefined;
  /** Files chosen on this machine, under the name they are shown with; `causal` once they have been loaded. */
  readonly chosen: { readonly name: string; readonly files: readonly File[]; readonly causal?: boolean } | undefined;
}

export const useCompute = create<ComputeState>(() => ({
  status: 'idle',
  progress: undefined,
  model: undefined,
  passes: {},
  error: undefined,
  recovering: undefined,
  stored: undefined,
  keys: {},
  commits: {},
  hung: [],
  lent: undefined,
  chosen: undefined,
}));

export function isShipped(model: string): boolean {
  return SHIPPED.includes(model);
}

/**
 * The model that settings asking for `model` get: itself when it is stored or chosen, or shipped and no other is lent, else
 * the default. One that has hung the worker is taken only when it is chosen anew.
 */
function runnable(model: string, { stored, chosen, hung, lent }: ComputeState): string {
  if (isShipped(model)) return lent ?? model;
  const here = stored?.includes(model) !== false || chosen?.name === model;
  return here && !hung.includes(model) ? model : FIRST;
}

/** The model the settings want loaded. */
export function useWantedModel(): string {
  const asked = useSettings((state) => state.settings.model);
  return useCompute((state) => runnable(asked, state));
}

/** Asks the worker what is stored in this browser. */
export async function readStorage(): Promise<Storage> {
  const worker = await compute();
  let storage: Storage | undefined;
  for await (const event of worker.run('storage', {})) storage = event.storage;
  if (storage === undefined) throw new DOMException('The worker was closed.', 'AbortError');
  const usable = storage.items.filter(({ kind, complete, inMemory }) => kind === 'model' && (complete || inMemory));
  const commits = usable
    .filter(({ origin }) => origin !== undefined)
    .map(({ name, commit }) => [name, commit] as const);
  useCompute.setState({
    stored: usable.map(({ name }) => name),
    keys: Object.fromEntries(usable.map(({ name, key }) => [name, key] as const).reverse()),
    commits: Object.fromEntries(commits),
  });
  return storage;
}

/** A load that another one replaced: nothing went wrong, and the other one reports. */
function replaced(cause: unknown): boolean {
  return cause instanceof DOMException && cause.name === 'AbortError';
}

let client: Promise<Compute> | undefined;
let loading: Promise<LoadedModel> | undefined;

/** The worker, started on first use; its code is not part of the first download. */
export function compute(): Promise<Compute> {
  client ??= import('../../worker/client.ts').then(({ createCompute }) => {
    const made = createCompute(undefined, { hubs: [usePreferences.getState().hub] });
    made.onRecovering = (recovering, device) =>
      useCompute.setState(({ model }) => ({ recovering, ...(device && model && { model: { ...model, device } }) }));
    guard(made);
    return made;
  });
  return client;
}

/** Remembers what hangs the worker and keeps it from being asked again by itself; loads the model again after an end. */
function guard(made: Compute): void {
  const marksOf = (asked: readonly JobRequest[]) => {
    const model = useCompute.getState().model?.id;
    return asked.map((request) => markOf(request, model));
  };
  let suspected: readonly (string | undefined)[] = [];
  made.onSilence = (asked) => {
    if (asked.length === 0) forgetHung(suspected);
    suspected = marksOf(asked);
    noteHung(suspected);
  };
  made.refuses = (request) => {
    const marks = marksOf([request]);
    if (!marks.some(hasHung)) return undefined;
    // Asked once more by a person it is tried; what the page asks by itself stays refused.
    if (request.kind === 'generate' || request.kind === 'lookUp') forgetHung(marks);
    return hungBefore();
  };
  made.onEnded = (ended) => {
    if (ended.kind === 'hung') noteHung(marksOf(ended.asked));
    const { status } = useCompute.getState();
    loading = undefined;
    if (status === 'ready') void loadModel().catch(() => undefined);
  };
}

/** Whether the worker has been asked for. */
export const isComputing = (): boolean => client !== undefined;

/**
 * Loads the model once; a failed load can be tried again, another one may have been lent or given back since, and a run
 * that is started right after a choice is one of the model chosen.
 */
export function loadModel(): Promise<LoadedModel> {
  const { model } = useSettings.getState().settings;
  if ((model !== asked || isShipped(model)) && runnable(model, useCompute.getState()) !== taken) loading = undefined;
  loading ??= load().catch((cause: unknown) => {
    if (replaced(cause) && loading) return loading;
    loading = undefined;
    const error = UnmaskError.from(cause).toJSON();
    useCompute.setState({ status: 'failed', error, progress: undefined });
    throw cause;
  });
  return loading;
}

/** Loads it anew, for instance on another backend. */
export function reloadModel(): Promise<LoadedModel> {
  loading = undefined;
  return loadModel();
}

/** What the last load was asked for, and what it takes for that. */
let asked: string | undefined;
let taken: string | undefined;
/** How many loads there have been: one that another has followed says nothing any more. */
let loads = 0;

async function load(): Promise<LoadedModel> {
  loads += 1;
  const own = loads;
  useCompute.setState({ status: 'loading', error: undefined, progress: undefined });
  asked = useSettings.getState().settings.model;
  taken = runnable(asked, useCompute.getState());
  if (hasHung(modelMark(asked)) && !isShipped(asked)) {
    const model = asked;
    useCompute.setState(({ hung }) => ({ hung: [...new Set([...hung, model])] }));
  }
  const name = await nameFor(asked);
  const worker = await compute();
  const { precision } = usePreferences.getState();
  const request = { source: await sourceOf(name), model: name, backend: backendChoice(), precision };
  const model = await worker.load(request, (progress) => {
    if (own === loads) useCompute.setState({ progress });
  });
  // It was here before the worker heard of the next one, whose answer is on its way.
  if (own !== loads) throw new DOMException('Another model was chosen.', 'AbortError');
  const { passMilliseconds: pass } = model;
  useCompute.setState(({ chosen, passes }) => ({
    status: 'ready',
    model,
    passes: pass === undefined ? passes : { ...passes, [model.id]: pass },
    progress: undefined,
    ...(chosen?.name === name && { chosen: { ...chosen, causal: model.causal } }),
  }));
  return model;
}

/** The model to load for `model`, after a look into the storage where that matters. */
async function nameFor(model: string): Promise<string> {
  const { chosen } = useCompute.getState();
  if (!isShipped(model) && chosen?.name !== model) {
    await readStorage().catch(() => useCompute.setState({ stored: [] })); // what ships needs no storage
  }
  return runnable(model, useCompute.getState());
}

/** The model of that name that would be loaded: what it is called here becomes what it is. */
export async function sourceOf(name: string): Promise<ModelSource> {
  const { chosen } = useCompute.getState();
  if (chosen?.name === name) return { files: chosen.files };
  if (isShipped(name)) return shippedFolder(name);
  if (useCompute.getState().keys[name] === undefined) await readStorage();
  return { stored: useCompute.getState().keys[name] ?? name };
}

export const shippedFolder = (name: string) => new URL(`models/${name}/`, document.baseURI).href;

/** A model that hung the worker is tried again, because somebody chose it. */
export function forgive(name: string): void {
  forgetHung([modelMark(name)]);
  useCompute.setState(({ hung }) => ({ hung: hung.filter((each) => each !== name) }));
}

/** Loads another model when a link to it is followed. */
export function followModel(): () => void {
  return useSettings.subscribe(({ settings: { model } }, { settings: before }) => {
    if (model === before.model) return;
    void nameFor(model).then((name) => {
      const { model: loaded, status } = useCompute.getState();
      // The dialog loads what was chosen there by itself, and a model that is not here changes nothing.
      if (model === asked) return;
      if (status === 'ready' && loaded?.id === name) {
        // As a view had lent it, for instance: it is the one that is asked for now.
        asked = model;
        taken = name;
        return;
      }
      void reloadModel().catch(() => undefined);
    });
  });
}

/** How the loaded model writes its mask token; the usual way before there is one. */
export function useMaskText(): string {
  return useCompute((state) => state.model?.maskText) ?? '[MASK]';
}
