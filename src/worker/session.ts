/**
 * What the compute worker does with requests: it finds the job of each (`jobs/`), lets jobs that use a device take
 * turns, and answers in events. It knows nothing of workers, so that Node and the tests drive the very same session.
 */
import { UnmaskError } from '../diffusion/error.ts';
import { Rest } from './breathe.ts';
import { JOBS } from './jobs/index.ts';
import type { Job } from './jobs/job.ts';
import { Models, type Surroundings } from './models.ts';
import type { Event, JobKind, JobRequest, Request } from './protocol.ts';

export type { Surroundings } from './models.ts';

/** A request that has not ended. */
interface Running {
  readonly request: JobRequest;
  readonly controller: AbortController;
}

export class Session {
  readonly #emit: (event: Event) => void;
  readonly #models: Models;
  readonly #running = new Map<number, Running>();
  readonly #rest = new Rest();
  /** Settles when every device job so far has ended. */
  #turn: Promise<void> = Promise.resolve();
  /** Settles when every load so far has ended. */
  #loading: Promise<void> = Promise.resolve();

  constructor(surroundings: Surroundings, emit: (event: Event) => void) {
    this.#emit = emit;
    this.#models = new Models(surroundings, (message) => emit({ id: 0, kind: 'recovering', message }));
  }

  /** Takes one request; every outcome, failures included, is an event. */
  receive({ id, ...request }: Request): void {
    if (request.kind === 'rest') {
      this.#rest.set(request.rest);
      this.#emit({ id, kind: 'done', stopped: false });
      return;
    }
    if (request.kind === 'stop') {
      this.#running.get(request.target)?.controller.abort();
      this.#emit({ id, kind: 'done', stopped: false });
      return;
    }
    const job = JOBS[request.kind] as Job<JobKind>;
    for (const { request: other, controller } of this.#running.values()) {
      if (job.stops(request, other)) controller.abort();
    }
    const ended = this.#start(id, request, job);
    if (job.usesDevice) this.#turn = ended;
    if (request.kind === 'load') this.#loading = ended;
  }

  /** Stops what runs and frees the devices. */
  async dispose(): Promise<void> {
    for (const { controller } of this.#running.values()) controller.abort();
    await this.#turn;
    this.#models.free();
  }

  /** Runs a job when its turn comes and ends it with `done` or `failed`. What was aborted is stopped, whatever it threw. */
  async #start(id: number, request: JobRequest, job: Job<JobKind>): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    this.#running.set(id, { request, controller });
    if (!job.needsNoModel) await (job.usesDevice ? this.#turn : this.#loading);
    try {
      const context = {
        models: this.#models,
        store: () => this.#models.store(),
        signal,
        emit: (event: Record<string, unknown>) => this.#emit({ ...event, id } as Event),
        breathe: () => this.#rest.breathe(signal),
      };
      if (!signal.aborted) await job.run(request, context);
      this.#emit({ id, kind: 'done', stopped: signal.aborted });
    } catch (error) {
      if (signal.aborted) this.#emit({ id, kind: 'done', stopped: true });
      else this.#emit({ id, kind: 'failed', error: UnmaskError.from(error).toJSON() });
    } finally {
      this.#running.delete(id);
    }
  }
}
