/** The model and the device: loaded in the worker on first need, reported here as it goes. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../diffusion/error.ts';
import type { Compute, LoadedModel, Progress } from '../../worker/protocol.ts';
import { backendChoice } from './preferences.ts';
import { useSettings } from './settings.ts';

export interface ComputeState {
  readonly status: 'idle' | 'loading' | 'ready' | 'failed';
  readonly progress: Progress | undefined;
  readonly model: LoadedModel | undefined;
  readonly error: ErrorData | undefined;
  /** Set while the worker rebuilds a lost device. */
  readonly recovering: string | undefined;
}

export const useCompute = create<ComputeState>(() => ({
  status: 'idle',
  progress: undefined,
  model: undefined,
  error: undefined,
  recovering: undefined,
}));

/** The canvas models this page ships, by the name links use: folders of public/models. The first is the default. */
const SHIPPED: readonly [string, ...string[]] = ['stories'];

/** The shipped model that settings asking for `model` get. */
export function shippedModel(model: string): string {
  return SHIPPED.includes(model) ? model : SHIPPED[0];
}

/** The model the settings want loaded. */
export function useWantedModel(): string {
  return useSettings((state) => shippedModel(state.settings.model));
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
    const made = createCompute();
    made.onRecovering = (message) => useCompute.setState({ recovering: message });
    return made;
  });
  return client;
}

/** Loads the shipped model once; a failed load can be tried again. */
export function loadModel(): Promise<LoadedModel> {
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

async function load(): Promise<LoadedModel> {
  useCompute.setState({ status: 'loading', error: undefined, progress: undefined });
  const name = shippedModel(useSettings.getState().settings.model);
  const url = new URL(`models/${name}/`, document.baseURI).href;
  const worker = await compute();
  const model = await worker.load({ source: url, model: name, backend: backendChoice() }, (progress) =>
    useCompute.setState({ progress }),
  );
  useCompute.setState({ status: 'ready', model, progress: undefined });
  return model;
}

/** Loads another model when a link to it is followed. */
export function followModel(): () => void {
  return useSettings.subscribe(({ settings }, before) => {
    if (shippedModel(settings.model) !== shippedModel(before.settings.model)) void reloadModel().catch(() => undefined);
  });
}
