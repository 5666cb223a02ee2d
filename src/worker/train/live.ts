/**
 * A run that is learning, as a model to write with: every canvas begins with the weights of that moment. On WebGPU the
 * engine packs them out of the trainer's buffers, on one device; on other backends both read the same tensors.
 */
import type { Adapter } from '../../checkpoint/adapter/adapter.ts';
import { Engine } from '../../engine/engine.ts';
import type { Adapting } from '../../training/adapting.ts';
import { FallbackNetwork } from '../../training/fallback-network.ts';
import { adapterOf } from '../../training/low-rank.ts';
import { disposeParameters } from '../../training/parameters.ts';
import type { Trainable } from '../../training/trainable.ts';
import type { Backend } from '../backend.ts';
import { fallbackDevice } from '../fallback.ts';
import type { BorrowedDevice } from '../living-device.ts';
import type { BackendChoice } from '../protocol.ts';
import { engineBackend } from '../webgpu.ts';

export class LiveRun {
  readonly #trainable: Trainable;
  /** Of a run that learns an adapter. */
  readonly adapting: (Adapting & Pick<Adapter, 'id' | 'base'>) | undefined;
  /** Of such a run that has ended: what it has learnt. */
  #last: Adapter | undefined;
  /** Those of the models in use. */
  readonly #refreshing = new Set<() => Promise<void>>();

  /** Of the run, which a model in the store names as its origin. */
  readonly id: string;
  /** Steps that it has learnt. */
  step: number;

  constructor(trainable: Trainable, id: string, step: number, adapting?: LiveRun['adapting']) {
    this.#trainable = trainable;
    this.adapting = adapting;
    this.id = id;
    this.step = step;
  }

  /** What it has learnt so far, as a checkpoint keeps it. */
  weights(): Promise<ReadonlyMap<string, Float32Array>> {
    return this.#trainable.weights();
  }

  /** The adapter of now, and after how many steps; once the run has ended the last one. Only of a run that learns one. */
  async adapter(): Promise<{ readonly adapter: Adapter; readonly learnt: number | undefined }> {
    if (this.#last) return { adapter: this.#last, learnt: undefined };
    const { places, ...about } = this.adapting as NonNullable<LiveRun['adapting']>;
    const learnt = this.step;
    return { adapter: adapterOf(about, places, await this.#trainable.weights()), learnt };
  }

  /** The model with the weights of now; undefined where another arithmetic is asked for than the run learns with. */
  async open(choice: BackendChoice, borrow: () => Promise<BorrowedDevice | undefined>): Promise<Backend | undefined> {
    const { arch, adapts } = this.#trainable;
    if (adapts) return undefined;
    const weights = this.#trainable.cardWeights();
    if (choice === (weights ? 'fallback' : 'webgpu')) return undefined;
    if (weights === undefined) return this.#onFallback();
    const borrowed = await borrow();
    if (borrowed === undefined) return undefined;
    const { device, giveBack } = borrowed;
    try {
      const engine = await Engine.create(device, { arch, weights });
      const backend = engineBackend(engine, borrowed);
      return this.#keptFresh({ ...backend, refresh: () => engine.refresh() });
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** The run is over: models in use keep its last weights. To be called before the trainer goes. */
  async end(): Promise<void> {
    // Where its device is lost there is nothing to be read; what was kept of the run goes on from its checkpoint.
    if (this.adapting) this.#last = (await this.adapter().catch(() => undefined))?.adapter;
    await Promise.allSettled([...this.#refreshing].map((refresh) => refresh()));
    this.#refreshing.clear();
  }

  #onFallback(): Backend {
    const parameters = new Map(this.#trainable.snapshot());
    const network = FallbackNetwork.over(this.#trainable.arch, parameters);
    return this.#keptFresh({
      network,
      name: this.#trainable.backend,
      device: fallbackDevice(this.#trainable.backend),
      software: false,
      lost: new Promise(() => undefined),
      refresh: async () => {
        network.forget();
        disposeParameters(parameters);
        for (const [name, each] of this.#trainable.snapshot()) parameters.set(name, each);
      },
      dispose() {
        network.dispose();
        disposeParameters(parameters);
      },
    });
  }

  #keptFresh(backend: Omit<Backend, 'refresh'> & { refresh(): Promise<void> }): Backend {
    const refresh = () => backend.refresh();
    this.#refreshing.add(refresh);
    return {
      ...backend,
      refresh: async () => {
        if (!this.#refreshing.has(refresh)) return undefined;
        await refresh();
        return this.step;
      },
      dispose: () => {
        this.#refreshing.delete(refresh);
        backend.dispose();
      },
    };
  }
}
