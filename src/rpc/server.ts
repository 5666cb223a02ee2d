/**
 * A worker's end: takes requests, runs their jobs, and answers in events. It knows nothing of workers, so that Node and
 * the tests drive the very same code.
 */
import { UnmaskError } from '../diffusion/error.ts';
import type { Event, JobRequest, JobTable, Request } from './messages.ts';

/** A request that has not ended. */
export interface Running<T extends JobTable<T>> {
  readonly request: JobRequest<T>;
  stop(): void;
}

export interface Call<T extends JobTable<T>> {
  /** Aborted when the page stops the job or another one takes its place; whatever is thrown then counts as stopped. */
  readonly signal: AbortSignal;
  emit(event: T[keyof T]['event']): void;
}

export interface Work<T extends JobTable<T>> {
  /**
   * Called at once for every request: may stop others, and says what this one waits for. `ended` settles after its last
   * event.
   */
  admit?(request: JobRequest<T>, others: readonly Running<T>[], ended: Promise<void>): Promise<unknown> | undefined;
  /** Runs a job to its end. What it throws becomes its last event. */
  run(request: JobRequest<T>, call: Call<T>): Promise<void>;
}

export class Server<T extends JobTable<T>> {
  readonly #work: Work<T>;
  readonly #post: (event: Event<T>) => void;
  readonly #running = new Map<number, Running<T>>();

  constructor(work: Work<T>, post: (event: Event<T>) => void) {
    this.#work = work;
    this.#post = post;
  }

  /** Takes one request; every outcome, failures included, is an event. */
  receive({ id, ...request }: Request<T>): void {
    if (request.kind === 'ping') this.#post({ id, kind: 'pong' });
    else if (request.kind === 'stop') this.#running.get((request as { target: number }).target)?.stop();
    else void this.#start(id, request as unknown as JobRequest<T>);
  }

  stopAll(): void {
    for (const running of this.#running.values()) running.stop();
  }

  async #start(id: number, request: JobRequest<T>): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    let settle: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const others = [...this.#running.values()];
    this.#running.set(id, { request, stop: () => controller.abort() });
    try {
      await this.#work.admit?.(request, others, ended);
      const emit = (event: T[keyof T]['event']) => this.#post({ ...event, id } as Event<T>);
      if (!signal.aborted) await this.#work.run(request, { signal, emit });
      this.#post({ id, kind: 'done', stopped: signal.aborted });
    } catch (error) {
      if (signal.aborted) this.#post({ id, kind: 'done', stopped: true });
      else this.#post({ id, kind: 'failed', error: UnmaskError.from(error).toJSON() });
    } finally {
      this.#running.delete(id);
      settle();
    }
  }
}
