/**
 * A network that outlives its device. Graphics devices are lost when a driver resets, a laptop switches cards or
 * sleeps; the canvas of a run lives on the processor, so the lost prediction is simply asked again of a new device.
 * Neither the sampler nor the page's Trace notices more than a pause.
 */
import type { Adapter } from '../checkpoint/adapter/adapter.ts';
import { UnmaskError } from '../diffusion/error.ts';
import type { EditRates, Network, NetworkInfo } from '../diffusion/network.ts';
import type { PackedBase } from '../engine/base.ts';
import type { Engine } from '../engine/engine.ts';
import type { Text } from '../text/said.ts';
import type { Parameters as Tensors } from '../training/parameters.ts';
import { type Backend, noWebGpu } from './backend.ts';
import { again } from './living-device.ts';
import { yieldToEvents } from './yield.ts';

/** Losses in a row, without an answer in between, after which the caller is told: the last one on no graphics device. */
const ATTEMPTS = 6;
/** How long the news of a loss may lag behind the failure it causes, in milliseconds. */
const GRACE = 500;

/** What an adapter that is still learning has learnt, and after how many steps; no number once it has ended. */
export type LearningAdapter = () => Promise<{
  readonly adapter: Pick<Adapter, 'lowRank'>;
  readonly learnt: number | undefined;
}>;

export interface WeightsInUse {
  readonly backend: string;
  /** Of our engine. */
  readonly packed: PackedBase | undefined;
  /** Of tfjs. */
  readonly parameters: Tensors | undefined;
}

interface Adapted {
  readonly adapter: Pick<Adapter, 'lowRank'>;
  readonly weight: number;
  readonly learning: LearningAdapter | undefined;
}

/** Puts the model on a new device after a loss, the `losses`th without an answer in between. */
type Reopen = (reason: Text, losses: number) => Promise<Backend>;

export class RecoveringNetwork implements Network {
  readonly info: NetworkInfo;
  readonly #reopen: Reopen;
  #life: Life;
  #adapted: Adapted | undefined;
  #disposed = false;

  constructor(backend: Backend, reopen: Reopen) {
    this.info = backend.network.info;
    this.#life = new Life(backend);
    this.#reopen = reopen;
  }

  /** Name of the arithmetic it runs on now; another one after a loss, if need be. */
  get backend(): string {
    return this.#life.backend.name;
  }

  /** Its weights, where it computes now, for whoever learns beside them. */
  get weights(): WeightsInUse {
    const { name, engine, parameters } = this.#life.backend;
    return { backend: name, packed: engine?.base, parameters };
  }

  /** Our own engine, where it is what computes now. */
  get engine(): Engine | undefined {
    return this.#life.backend.engine;
  }

  /** What `work` gives on our own engine; done again when its device is lost. Throws `UnmaskError` without one. */
  withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    return this.#ask(({ engine }) => {
      if (engine) return work(engine);
      throw noWebGpu();
    });
  }

  /** Compiles and, once per device, tries the kernels for canvases of this length before a run needs them. */
  async warm(tokens: number): Promise<void> {
    await this.#ask(async ({ engine }) => {
      await engine?.warm(Math.min(tokens, this.info.maxLength));
      return true;
    });
  }

  /** Adds an adapter to all that is asked from now on, or takes it away, also after a loss. Throws `UnmaskError`. */
  async adapt(
    adapter: Pick<Adapter, 'lowRank'> | undefined,
    weight: number,
    learning?: LearningAdapter,
  ): Promise<void> {
    await this.#put(adapter, weight);
    this.#adapted = adapter && { adapter, weight, learning };
  }

  async #put(adapter: Pick<Adapter, 'lowRank'> | undefined, weight: number): Promise<void> {
    await this.#ask(async ({ setAdapter }) => {
      if (setAdapter === undefined && adapter !== undefined) throw learning();
      await setAdapter?.(adapter, weight);
      return true;
    });
  }

  /** Takes the weights of now, where the model or its adapter is learning, and says how many steps it has learnt. */
  async refresh(): Promise<number | undefined> {
    if (this.#adapted?.learning) {
      const { weight, learning } = this.#adapted;
      const { adapter, learnt } = await learning();
      await this.adapt(adapter, weight, learnt === undefined ? undefined : learning);
      return learnt;
    }
    const { learnt } = await this.#ask(async ({ refresh }) => ({ learnt: await refresh?.() }));
    return learnt;
  }

  async predict(...question: Parameters<Network['predict']>): ReturnType<Network['predict']> {
    await this.#listen();
    return this.#ask(({ network }) => network.predict(...question));
  }

  async score(...question: Parameters<Network['score']>): ReturnType<Network['score']> {
    await this.#listen();
    return this.#ask(({ network }) => network.score(...question));
  }

  async edits(...question: Parameters<NonNullable<Network['edits']>>): Promise<readonly EditRates[]> {
    await this.#listen();
    return this.#ask(async ({ network }) => {
      if (network.edits === undefined) throw new TypeError('This network cannot be asked for edits.');
      return network.edits(...question);
    });
  }

  /** The fallback never waits, so a job of many questions would hear of no stop, and give no sign of life, before its end. */
  async #listen(): Promise<void> {
    if (this.#life.backend.engine === undefined) await yieldToEvents();
  }

  /** The answer to a question, asked again of every new device until one lives long enough. */
  async #ask<T>(question: (backend: Backend) => Promise<T>): Promise<T> {
    for (let losses = 0; losses < ATTEMPTS; losses++) {
      const life = this.#life;
      try {
        // A lost device may leave a question unanswered for ever, so the loss itself ends the wait.
        const answer = await life.during(() => question(life.backend));
        if (answer !== undefined) return answer;
      } catch (error) {
        const { code } = UnmaskError.from(error);
        if (code !== 'device' && code !== 'internal') throw error;
        await life.during(() => new Promise((resolve) => setTimeout(resolve, GRACE)));
        if (life.lost === undefined) throw error;
      }
      await this.#replace(life, losses + 1);
    }
    throw again(this.#life.lost);
  }

  dispose(): void {
    this.#disposed = true;
    this.#life.backend.dispose();
  }

  /** Puts a new device in the place of `dead`; several questions that met one loss share one rebuilding. */
  #replace(dead: Life, losses: number): Promise<void> {
    if (this.#disposed) throw again(dead.lost);
    dead.replaced ??= this.#reopen(dead.lost ?? '', losses).then(
      async (backend) => {
        if (this.#adapted) await backend.setAdapter?.(this.#adapted.adapter, this.#adapted.weight);
        dead.backend.dispose();
        this.#life = new Life(backend);
        if (this.#disposed) backend.dispose();
      },
      (error: unknown) => {
        // The next question tries again.
        dead.replaced = undefined;
        throw error;
      },
    );
    return dead.replaced;
  }
}

function learning(): UnmaskError {
  const message = 'This model is learning, so no adapter can be added to it.';
  return new UnmaskError({ code: 'settings', message, remedy: 'Wait until the run has ended.' });
}

/** One device from opening to loss. */
class Life {
  readonly backend: Backend;
  /** Why the device went, once it has. */
  lost: Text | undefined;
  /** The rebuilding after the loss, while it goes on and when it has succeeded. */
  replaced: Promise<void> | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(backend: Backend) {
    this.backend = backend;
    void backend.lost.then((reason) => {
      this.lost = reason;
      for (const wake of this.#waiting) wake();
    });
  }

  /** The result of `work`, or undefined when the device is gone or goes first. */
  during<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.lost !== undefined) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const wake = () => resolve(undefined);
      this.#waiting.add(wake);
      work()
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(wake));
    });
  }
}
