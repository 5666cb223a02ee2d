/**
 * What the compute worker does with requests: it finds the job of each (`jobs/`), stops what must stop for it, lets jobs
 * that use a device take turns, and answers in events. Node and the tests drive the very same session.
 */
import { type Call, type Running, Server } from '../rpc/server.ts';
import { JOBS } from './jobs/index.ts';
import { type Job, stops } from './jobs/job.ts';
import { Models, type Surroundings } from './models.ts';
import type { Event, JobKind, JobRequest, JobTable, Request, Role } from './protocol.ts';
import { hold } from './train/pace.ts';
import { Rest } from './yield.ts';

export type { Surroundings } from './models.ts';

/** What somebody waits for: a run that learns takes no step meanwhile. */
const AT_ONCE: readonly JobKind[] = ['keepRun', 'storage', 'load', 'adapt', 'generate'];

export class Session {
  readonly #models: Models;
  readonly #server: Server<JobTable>;
  readonly #rest = new Rest();
  /** Settles when every device job so far has ended. */
  #turn: Promise<void> = Promise.resolve();
  /** Settle when the last load of each role has ended. */
  readonly #loading = new Map<Role, Promise<void>>();

  constructor(surroundings: Surroundings, emit: (event: Event) => void) {
    this.#models = new Models(surroundings, (message, device) =>
      emit({ id: 0, kind: 'notice', message, ...(device && { details: device }) }),
    );
    const admit = this.#admit.bind(this);
    this.#server = new Server<JobTable>({ admit, run: (request, call) => this.#run(request, call) }, emit);
  }

  /** Takes one request; every outcome, failures included, is an event. */
  receive(request: Request): void {
    this.#server.receive(request);
  }

  /** Stops what runs and frees the devices. */
  async dispose(): Promise<void> {
    this.#server.stopAll();
    await this.#turn;
    this.#models.free();
  }

  #admit(request: JobRequest, others: readonly Running<JobTable>[], ended: Promise<void>) {
    const asked = { kind: request.kind, job: jobOf(request), request };
    for (const { request: other, stop } of others) {
      if (stops(asked, { kind: other.kind, job: jobOf(other), request: other })) stop();
    }
    const { job } = asked;
    const takesTurn = job.device === 'turn' || job.device === 'measured';
    const loads = (job.needs?.(request) ?? []).map((role) => this.#loading.get(role));
    const before = takesTurn || loads.length > 0 ? Promise.all([takesTurn && this.#turn, ...loads]) : undefined;
    if (takesTurn) this.#turn = ended;
    for (const role of job.replaces?.(request) ?? job.changes ?? []) this.#loading.set(role, ended);
    return before;
  }

  #run(request: JobRequest, { signal, emit }: Call<JobTable>): Promise<void> {
    const release = AT_ONCE.includes(request.kind) ? hold() : undefined;
    const job = jobOf(request).run(request, {
      models: this.#models,
      store: () => this.#models.store(),
      signal,
      emit: emit as (event: object) => void,
      yieldToEvents: () => this.#rest.yieldToEvents(signal),
      rest: (rest) => this.#rest.set(rest),
    });
    return job.finally(release);
  }
}

const jobOf = ({ kind }: JobRequest) => JOBS[kind] as Job<JobKind>;
