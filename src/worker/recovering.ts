/**
 * A network that outlives its device. Graphics devices are lost when a driver resets, a laptop switches cards or
 * sleeps; the canvas of a run lives on the processor, so the lost prediction is simply asked again of a new device.
 * Neither the sampler nor the page's Trace notices more than a pause.
 */
import { UnmaskError } from '../diffusion/error.ts';
import type { Network, NetworkInfo } from '../diffusion/network.ts';
import type { Engine } from '../engine/engine.ts';
import type { Backend } from './backend.ts';

/** Losses in a row, without an answer in between, after which the caller is told. */
const ATTEMPTS = 3;
/** How long the news of a loss may lag behind the failure it causes, in milliseconds. */
const GRACE = 500;

export class RecoveringNetwork implements Network {
  readonly info: NetworkInfo;
  readonly #reopen: (reason: string) => Promise<Backend>;
  #life: Life;
  #disposed = false;

  /** `reopen` puts the model on a new device after a loss. */
  constructor(backend: Backend, reopen: (reason: string) => Promise<Backend>) {
    this.info = backend.network.info;
    this.#life = new Life(backend);
    this.#reopen = reopen;
  }

  /** Name of the arithmetic it runs on now; another one after a loss, if need be. */
  get backend(): string {
    return this.#life.backend.name;
  }

  /** Our own engine, where it is what computes now. */
  get engine(): Engine | undefined {
    return this.#life.backend.engine;
  }

  /** Compiles and, once per device, tries the kernels for canvases of this length before a run needs them. */
  async warm(tokens: number): Promise<void> {
    await this.#ask(async ({ engine }) => {
      await engine?.warm(Math.min(tokens, this.info.maxLength));
      return true;
    });
  }

  /** Takes the weights of now, where the model is learning. */
  async refresh(): Promise<void> {
    await this.#ask(async ({ refresh }) => {
      await refresh?.();
      return true;
    });
  }

  predict(...question: Parameters<Network['predict']>): ReturnType<Network['predict']> {
    return this.#ask(({ network }) => network.predict(...question));
  }

  score(...question: Parameters<Network['score']>): ReturnType<Network['score']> {
    return this.#ask(({ network }) => network.score(...question));
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
      await this.#replace(life);
    }
    throw gone(this.#life.lost);
  }

  dispose(): void {
    this.#disposed = true;
    this.#life.backend.dispose();
  }

  /** Puts a new device in the place of `dead`; several questions that met one loss share one rebuilding. */
  #replace(dead: Life): Promise<void> {
    if (this.#disposed) throw gone(dead.lost);
    dead.replaced ??= this.#reopen(dead.lost ?? '').then(
      (backend) => {
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

/** One device from opening to loss. */
class Life {
  readonly backend: Backend;
  /** Why the device went, once it has. */
  lost: string | undefined;
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

function gone(reason = 'no reason given'): UnmaskError {
  return new UnmaskError({
    code: 'device',
    message: `The graphics device was lost again and again (${reason}).`,
    remedy: 'Close other pages that use the graphics card, then load the model again.',
  });
}
