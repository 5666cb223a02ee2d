/** The models the worker holds, one per role, each on a backend that outlives its device. */

import { type Adapter, isLive } from '../checkpoint/adapter/adapter.ts';
import { openAdapter } from '../checkpoint/adapter/open.ts';
import { CHAT_TEMPLATE_FILE } from '../checkpoint/chat-template.ts';
import { httpSource } from '../checkpoint/http-source.ts';
import type { FileSource, Model } from '../checkpoint/model.ts';
import { type DownloadProgress, openModel } from '../checkpoint/open.ts';
import type { Precision } from '../checkpoint/precision.ts';
import { droppedSource, memorySource } from '../checkpoint/sources.ts';
import { memoryDisk } from '../checkpoint/store/disk.ts';
import { Store } from '../checkpoint/store/store.ts';
import { UnmaskError } from '../diffusion/error.ts';
import type { EngineDevice } from '../engine/device.ts';
import type { Engine } from '../engine/engine.ts';
import { isCausal } from '../model/arch.ts';
import type { Text } from '../text/said.ts';
import { said } from '../text/said.ts';
import { noWebGpu, type Openers, type OpenOptions, openBackend, reported } from './backend.ts';
import { type BorrowedDevice, onLivingDevice } from './living-device.ts';
import type { AdapterInUse } from './protocol.models.ts';
import type { DeviceReport, LoadedModel, LoadRequest, ModelSource, Progress, Role } from './protocol.ts';
import { RecoveringNetwork, type WeightsInUse } from './recovering.ts';
import type { LiveRun } from './train/live.ts';

export interface Surroundings extends Openers {
  openModel(
    url: string,
    options: { id: string; signal: AbortSignal; onProgress: (progress: DownloadProgress) => void },
  ): Promise<Model>;
  /** The WebGPU device, shared with the models on it; undefined without an adapter. */
  readonly device?: () => Promise<BorrowedDevice | undefined>;
  /** Addresses of tfjs's .wasm files; under Node tfjs finds them itself. */
  readonly wasmFiles?: () => Promise<Readonly<Record<string, string>>>;
  /** Where models from the hub are kept; asked for once. In memory unless told. */
  readonly store?: () => Promise<Store>;
}

export interface Loaded {
  readonly model: Model;
  readonly network: RecoveringNetwork;
  readonly source: ModelSource;
  readonly precision: Precision;
  /** The adapter that was added last. */
  readonly adapted?: { readonly key: string; readonly weight: number } | undefined;
  /** The model itself, while it speaks by the template of an adapter. */
  readonly plain?: Model | undefined;
}

interface LoadOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}
/** Of devices in a row, after which a model goes on without one. */
const LOSSES = 4;

export class Models {
  readonly #surroundings: Surroundings;
  readonly #say: (message: Text, device?: DeviceReport) => void;
  readonly #held = new Map<Role, Loaded>();
  /** The run that is learning; a model of its name in the store takes its weights from there. */
  live: LiveRun | undefined;
  #store: Promise<Store> | undefined;
  #adapter: { readonly weights: Model['weights']; readonly key: string; readonly adapter: Adapter } | undefined;

  /** `say` hears, in sentences, about lost devices, and what the main model runs on afterwards if that is another. */
  constructor(surroundings: Surroundings, say: (message: Text, device?: DeviceReport) => void) {
    this.#surroundings = surroundings;
    this.#say = say;
  }

  /**
   * Puts a model in its role, in the place of the one before; a new main model also sends the judge away, which follows it
   * to its arithmetic when it is loaded again. Throws `UnmaskError`, or the signal's reason.
   */
  async load(request: LoadRequest, options: LoadOptions): Promise<LoadedModel> {
    const { source } = request;
    if (typeof source === 'string' || !('stored' in source)) return this.#load(request, options);
    // A mark stays behind when the page dies on the way: then all its bytes are read again the next time.
    const opened = await (await this.store()).opening(source.stored, { signal: options.signal });
    try {
      return await this.#load(request, options);
    } finally {
      await opened();
    }
  }

  async #load(
    { source, model: id, backend: asked, role = 'main', precision }: LoadRequest,
    { signal, onProgress }: LoadOptions,
  ): Promise<LoadedModel> {
    this.free(role);
    if (role === 'main') this.free('judge');
    const reading = {
      id,
      signal,
      onProgress: (progress: DownloadProgress) => onProgress({ stage: 'download' as const, ...progress }),
    };
    const model =
      typeof source === 'string'
        ? await this.#surroundings.openModel(source, reading)
        : await openModel(await filesOf(source, this.store), { id, signal });
    const live = await this.#liveOf(source);
    const open = async (options: OpenOptions & { readonly without?: boolean }) => {
      const onLost = (reason: Text) => this.#say(said`The model is being loaded again: ${reason}`);
      const learning = live && live === this.live && (await live.open(asked, this.borrow));
      if (learning) return reported(learning, undefined);
      // The judge takes the arithmetic of the main model, or nothing measured of the two could be compared.
      const like = role === 'judge' ? this.#held.get('main')?.network.backend : undefined;
      const choice = like === undefined ? asked : like === 'webgpu' ? 'webgpu' : 'fallback';
      const how = { ...options, like, precision, onLost };
      if (options.without) return openBackend(model, 'fallback', this.#surroundings, { ...how, recovering: true });
      return openBackend(model, choice, this.#surroundings, how);
    };
    const { backend, report } = await open({ signal, onProgress });
    const network = new RecoveringNetwork(backend, async (reason, losses) => {
      this.#say(said`The model is being loaded again: ${reason}`);
      // What one device after the other cannot bear is computed without one; nobody has to choose that in mid-run.
      const reopened = await open({ recovering: true, without: losses > LOSSES });
      if (reopened.report.backend !== report.backend) {
        this.#say(reopened.report.notice ?? 'The run goes on.', role === 'main' ? reopened.report : undefined);
      }
      return reopened.backend;
    });
    this.#held.set(role, { model, network, source, precision: precision ?? 'stored' });
    if (signal.aborted) this.free(role);
    signal.throwIfAborted();
    return describe(model, report);
  }

  /** Adds an adapter of the store to the main model, or takes it away; nothing is loaded again. Throws `UnmaskError`. */
  async adapt(key: string | undefined, weight: number): Promise<AdapterInUse | undefined> {
    const { model, network } = this.require();
    await this.#speakAs(key);
    this.#held.set('main', { ...this.require(), adapted: key === undefined ? undefined : { key, weight } });
    if (key === undefined) {
      await network.adapt(undefined, 0);
      return undefined;
    }
    const { live } = this;
    if (live && (await (await this.store()).find(key))?.run === live.id && live.adapting) {
      const { adapter } = await live.adapter();
      await network.adapt(adapter, weight, () => live.adapter());
      return inUse(key, adapter, weight);
    }
    const adapter = await this.#adapterFor(model, key);
    if (!isLive(adapter)) {
      const message = said`This adapter changes more than linear layers (${notLinear(adapter)}), which cannot be weighed while the model runs.`;
      throw new UnmaskError({ code: 'settings', message, remedy: 'Merge it into a copy of the model.' });
    }
    await network.adapt(adapter, weight);
    return inUse(key, adapter, weight);
  }

  /**
   * The weights of a model of this origin and precision that is in use, for somebody who learns beside them. Undefined when
   * there is none.
   */
  weightsOf(source: ModelSource, precision: Precision): WeightsInUse | undefined {
    for (const held of this.#held.values())
      if (held.precision === precision && isSame(held.source, source)) return held.network.weights;
    return undefined;
  }

  /**
   * An adapter that has learnt to chat brings the template of its conversations; a model without one of its own speaks by it
   * as long as the adapter is beside it.
   */
  async #speakAs(key: string | undefined): Promise<void> {
    const held = this.require();
    const plain = held.plain ?? held.model;
    if (plain.chatTemplate !== undefined) return;
    const bytes =
      key === undefined ? undefined : await (await (await this.store()).source(key)).readAll(CHAT_TEMPLATE_FILE);
    if (!(bytes instanceof Uint8Array)) {
      this.#held.set('main', { ...held, model: plain, plain: undefined });
      return;
    }
    const { source } = held;
    const files = typeof source === 'string' ? httpSource(source) : await filesOf(source, this.store);
    const model = await openModel(withFile(files, CHAT_TEMPLATE_FILE, bytes), { id: plain.id });
    this.#held.set('main', { ...held, model: { ...model, weights: plain.weights }, plain });
  }

  /** The adapter asked for last stays open, so that another weight of it is a number and no more. */
  async #adapterFor(model: Model, key: string): Promise<Adapter> {
    if (this.#adapter?.weights === model.weights && this.#adapter.key === key) return this.#adapter.adapter;
    const store = await this.store();
    const item = await store.find(key);
    const adapter = await openAdapter(await store.source(key), model, { id: item?.name ?? key });
    this.#adapter = { weights: model.weights, key, adapter };
    return adapter;
  }

  /** The WebGPU device, until it is given back; undefined without an adapter. */
  readonly borrow = async (): Promise<BorrowedDevice | undefined> => this.#surroundings.device?.();

  /** The same, for as long as `work` needs it; done again on another device when that is lost. */
  async onLivingDevice<T>(work: (device: EngineDevice) => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    const onLost = (reason: Text) => this.#say(said`The work begins again on another device: ${reason}`);
    const tried = async ({ device, giveBack }: BorrowedDevice) => {
      const result = await work(device);
      giveBack();
      return result;
    };
    return onLivingDevice(this.borrow, tried, { signal, onLost });
  }

  /** The device, for as long as `work` needs it. */
  async withDevice<T>(work: (device: EngineDevice) => Promise<T>): Promise<T | undefined> {
    const borrowed = await this.borrow();
    if (borrowed === undefined) return undefined;
    try {
      return await work(borrowed.device);
    } finally {
      borrowed.giveBack();
    }
  }

  /** The main model on our engine, for as long as `work` needs it: the one that runs, or one made for this. */
  async withEngine<T>(signal: AbortSignal, work: (engine: Engine) => Promise<T>): Promise<T> {
    const { model, network } = this.require();
    if (network.engine) return network.withEngine(work);
    const made = await this.#surroundings.webgpu(model, { signal });
    try {
      if (made?.engine) return await work(made.engine);
      throw noWebGpu();
    } finally {
      made?.dispose();
    }
  }

  /** Models and data sets kept on this machine. */
  readonly store = (): Promise<Store> => {
    this.#store ??= this.#surroundings.store?.() ?? Promise.resolve(new Store(memoryDisk()));
    return this.#store;
  };

  async #liveOf(source: ModelSource): Promise<LiveRun | undefined> {
    const { live } = this;
    if (live === undefined || typeof source === 'string' || !('stored' in source)) return undefined;
    const item = await (await this.store()).find(source.stored);
    return item?.run === live.id ? live : undefined;
  }

  async wasmFiles(): Promise<Readonly<Record<string, string>> | undefined> {
    return this.#surroundings.wasmFiles?.();
  }

  has(role: Role = 'main'): boolean {
    return this.#held.has(role);
  }

  /** Throws `UnmaskError` code `checkpoint` when no model has this role. */
  require(role: Role = 'main'): Loaded {
    const loaded = this.#held.get(role);
    if (loaded !== undefined) return loaded;
    throw new UnmaskError({ code: 'checkpoint', message: 'No model is loaded.', remedy: 'Load a model first.' });
  }

  /** Frees the model of a role, or all of them. */
  free(role?: Role): void {
    for (const [name, { network }] of this.#held) {
      if (role !== undefined && name !== role) continue;
      network.dispose();
      this.#held.delete(name);
    }
  }
}

/** What of an adapter is on no linear layer, by the names of the parameters; of many the first. */
function notLinear({ lowRank, replaced }: Pick<Adapter, 'lowRank' | 'replaced'>): string {
  const tables = lowRank.flatMap(({ module }) => (module.kind === 'matrix' ? [] : [module.parameter]));
  const names = [...new Set([...tables, ...replaced.map(({ parameter }) => parameter)])];
  return [...names.slice(0, 3), ...(names.length > 3 ? ['…'] : [])].join(', ');
}

function inUse(key: string, { id, lowRank }: Pick<Adapter, 'id' | 'lowRank'>, weight: number): AdapterInUse {
  return { key, id, weight, rank: Math.max(...lowRank.map(({ rank }) => rank)), modules: lowRank.length };
}

/** The same files, and one more. */
function withFile(files: FileSource, name: string, bytes: Uint8Array<ArrayBuffer>): FileSource {
  const own = memorySource(new Map([[name, bytes]]), files.label);
  return {
    label: files.label,
    ...(files.unlisted && { unlisted: true }),
    size: (file, ...rest) => (file === name ? own : files).size(file, ...rest),
    read: (file, ...rest) => (file === name ? own : files).read(file, ...rest),
    readAll: (file, ...rest) => (file === name ? own : files).readAll(file, ...rest),
  };
}

function isSame(one: ModelSource, other: ModelSource): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return 'stored' in one && 'stored' in other && one.stored === other.stored;
}

async function filesOf(source: Exclude<ModelSource, string>, store: () => Promise<Store>): Promise<FileSource> {
  return 'files' in source ? droppedSource(source.files) : (await store()).source(source.stored);
}

function describe({ id, arch, modelType, weights, chat, maskText, note }: Model, device: DeviceReport): LoadedModel {
  return {
    id,
    parameters: weights.parameters,
    vocabSize: arch.vocab,
    maxLength: arch.maxLength,
    maskId: arch.ids.mask,
    modelType,
    maskText,
    note,
    causal: isCausal(arch),
    ...(arch.edits && { edits: true }),
    chat: chat ?? false,
    device,
  };
}
