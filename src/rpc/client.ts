/**
 * The page's end of the line to a worker: requests with ids go out, each one's events come back into its own queue. The
 * worker starts with the first request, and again with the first one after it has ended.
 *
 * A worker is one thread: a loop that never ends in one job (a regular expression of a tokenizer, a template) leaves all
 * others without an answer, and cannot be stopped from inside. So a watched worker is pinged while it has work; one that
 * gives no sign of life for longer than its jobs allow is ended, and what was asked of it fails with a sentence.
 */

import { type ErrorData, UnmaskError } from '../diffusion/error.ts';
import { originOf } from '../offline/policy.ts';
import type { Text } from '../text/said.ts';
import { said } from '../text/said.ts';
import type { Line } from './line.ts';
import type { Ended, Event, JobRequest, JobTable, Request } from './messages.ts';
import { EventQueue } from './queue.ts';

/** Limits of a watched worker, in milliseconds. */
export interface Watch<T extends JobTable<T>> {
  /**
   * How long the worker may go without a sign of life while a job of this kind is under way. `event`: the kind of the
   * job's last event, if any, which tells what the job is doing.
   */
  silence(kind: keyof T, event: string | undefined): number;
  /** How long this kind of job may go without an event of its own, if that is limited. */
  quiet?(kind: keyof T): number | undefined;
  /** Between two looks. */
  readonly interval: number;
}

export interface ClientOptions<T extends JobTable<T>> {
  readonly watch?: Watch<T>;
  /** Of what is open and asked for after `dispose`. */
  readonly closed?: string;
  /** The error of what was open when the worker crashed. */
  readonly crashed?: (message: string) => UnmaskError;
  /** What the worker says unasked. */
  readonly onNotice?: (message: Text, details: object | undefined) => void;
  /**
   * Addresses of hubs that the worker may ask from the start, and the one that a request needs besides. What a worker may
   * ask stands in the policy of its script (`src/offline/policy.ts`), so that another hub needs another worker.
   */
  readonly hubs?: readonly string[];
  readonly hubOf?: (request: JobRequest<T>) => string | undefined;
  /** Jobs that soon end by themselves: what needs another worker waits for them, and for no others. */
  readonly brief?: readonly (keyof T)[];
  /** Asked before a request goes out: why it must not. */
  readonly refuses?: (request: JobRequest<T>) => UnmaskError | undefined;
}

interface Open<T extends JobTable<T>> {
  readonly request: JobRequest<T>;
  readonly queue: EventQueue<Event<T>>;
  readonly asked: number;
  /** Of its last event, and when it came. */
  event: string | undefined;
  heard: number;
}

export class Client<T extends JobTable<T>> {
  /** Called once the worker was ended for what it did; the next request starts another. */
  onEnded: ((ended: Ended<T>) => void) | undefined;
  /** Called with what seems to hang, long before it is ended; with nothing when it answers after all. */
  onSilence: ((asked: readonly JobRequest<T>[]) => void) | undefined;
  readonly #open: (hubs: ReadonlySet<string>) => Line<T>;
  readonly #hubs: Set<string>;
  readonly #options: ClientOptions<T>;
  #line: Line<T> | undefined;
  #lastId = 0;
  readonly #asked = new Map<number, Open<T>>();
  readonly #waiting: (() => void)[] = [];
  #disposed = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Of the worker of now: when it was last heard, and when it was pinged since. */
  #heard: number | undefined;
  #pinged: number | undefined;
  #looked = 0;
  #suspected = false;

  constructor(open: (hubs: ReadonlySet<string>) => Line<T>, options: ClientOptions<T> = {}) {
    this.#open = open;
    this.#hubs = new Set(options.hubs?.flatMap((hub) => originOf(hub) ?? []));
    this.#options = options;
  }

  /**
   * Yields the events of a job and returns whether it was stopped; the request goes out with the first `next()`.
   * Aborting, or leaving the loop, stops it. Throws `UnmaskError`, or an `AbortError` once disposed.
   */
  async *run<K extends keyof T>(
    kind: K,
    request: T[K]['request'],
    signal?: AbortSignal,
  ): AsyncGenerator<T[K]['event'], { stopped: boolean }> {
    if (signal?.aborted) return { stopped: true };
    const asked = { ...request, kind } as unknown as JobRequest<T>;
    while (this.#waitsFor(asked)) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
      if (signal?.aborted) return { stopped: true };
    }
    const { id, queue } = this.#ask(asked);
    const stop = () => this.#post({ kind: 'stop', target: id });
    signal?.addEventListener('abort', stop);
    let ended = false;
    try {
      for (;;) {
        const event = await queue.take();
        ended = event.kind === 'done' || event.kind === 'failed';
        if (event.kind === 'failed') throw new UnmaskError((event as unknown as { error: ErrorData }).error);
        if (event.kind === 'done') return { stopped: (event as { stopped: boolean }).stopped };
        yield event as T[K]['event'];
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      this.#asked.delete(id);
      for (const resume of this.#waiting.splice(0)) resume();
      if (!ended) stop();
      if (this.#asked.size === 0) this.#rest();
    }
  }

  /** The last event of a job; undefined when there was none, as when it was stopped. */
  async ask<K extends keyof T>(kind: K, request: T[K]['request']): Promise<T[K]['event'] | undefined> {
    let last: T[K]['event'] | undefined;
    for await (const event of this.run(kind, request)) last = event;
    return last;
  }

  /** A request whose end nobody awaits. Starts no worker: nothing is to be said to one that does not run. */
  tell<K extends keyof T>(kind: K, request: T[K]['request']): void {
    this.#post({ ...request, kind } as unknown as JobRequest<T>);
  }

  dispose(): void {
    this.#disposed = true;
    this.#hangUp(this.#closed());
  }

  #closed(): DOMException {
    return new DOMException(this.#options.closed ?? 'The worker was closed.', 'AbortError');
  }

  #ask(request: JobRequest<T>): { id: number; queue: EventQueue<Event<T>> } {
    if (this.#disposed) throw this.#closed();
    const refusal = this.#options.refuses?.(request);
    if (refusal) throw refusal;
    this.#allow(this.#options.hubOf?.(request));
    const queue = new EventQueue<Event<T>>();
    const id = ++this.#lastId;
    const now = performance.now();
    this.#asked.set(id, { request, queue, asked: now, event: undefined, heard: now });
    this.#line ??= this.#connect();
    this.#line.post({ ...request, id } as Request<T>);
    this.#watch();
    return { id, queue };
  }

  #post(body: JobRequest<T> | { kind: 'stop'; target: number } | { kind: 'ping' }): void {
    this.#line?.post({ ...body, id: ++this.#lastId } as Request<T>);
  }

  #connect(): Line<T> {
    const line = this.#open(this.#hubs);
    line.onEvent = (event) => {
      this.#hear();
      if (event.kind === 'pong') return;
      const open = this.#asked.get(event.id);
      if (open === undefined) {
        if (event.kind !== 'notice') return;
        const { message, details } = event as unknown as { message: Text; details?: object };
        this.#options.onNotice?.(message, details);
        return;
      }
      open.event = event.kind;
      open.heard = performance.now();
      open.queue.put(event);
    };
    line.onCrash = (message) => {
      if (this.#line !== line) return;
      this.#hangUp(this.#options.crashed?.(message) ?? UnmaskError.from(new Error(message)));
      this.onEnded?.({ kind: 'crashed' });
    };
    return line;
  }

  /** Whether the worker, which may not ask the hub of a request, is busy with what soon ends by itself. */
  #waitsFor(request: JobRequest<T>): boolean {
    const hub = this.#options.hubOf?.(request);
    const origin = hub === undefined ? undefined : originOf(hub);
    if (origin === undefined || this.#hubs.has(origin) || this.#disposed || this.#asked.size === 0) return false;
    const { brief = [] } = this.#options;
    return [...this.#asked.values()].every((open) => brief.includes(open.request.kind));
  }

  /** Throws `UnmaskError` code `network` while the worker that may not ask this hub is busy. */
  #allow(hub: string | undefined): void {
    const origin = hub === undefined ? undefined : originOf(hub);
    if (origin === undefined || this.#hubs.has(origin)) return;
    if (this.#asked.size > 0) throw busyWith(origin);
    this.#hubs.add(origin);
    if (this.#line === undefined) return;
    this.#hangUp(this.#closed());
    this.onEnded?.({ kind: 'reopened' });
  }

  #hangUp(error: unknown): void {
    this.#line?.close();
    this.#line = undefined;
    this.#heard = undefined;
    this.#rest();
    for (const { queue } of this.#asked.values()) queue.fail(error);
  }

  #hear(): void {
    this.#heard = performance.now();
    this.#pinged = undefined;
    if (this.#suspected) this.onSilence?.([]);
    this.#suspected = false;
  }

  #watch(): void {
    const { watch } = this.#options;
    if (watch === undefined || this.#timer !== undefined) return;
    this.#looked = performance.now();
    this.#timer = setInterval(() => this.#look(watch), watch.interval);
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#pinged = undefined;
    this.#suspected = false;
  }

  #look(watch: Watch<T>): void {
    const now = performance.now();
    // A page that was asleep, frozen or held back itself says nothing about its worker.
    const late = now - this.#looked > 3 * watch.interval + 1000;
    this.#looked = now;
    if (late) {
      this.#pinged = undefined;
      for (const open of this.#asked.values()) open.heard = now;
    }
    this.#endQuiet(watch, now);
    if (this.#asked.size === 0) return;
    if (this.#pinged === undefined) {
      this.#pinged = now;
      this.#post({ kind: 'ping' });
      return;
    }
    // Its script may still be on the way over a slow network.
    if (this.#heard === undefined) return;
    const silent = now - this.#pinged;
    const open = [...this.#asked.values()];
    const limit = Math.max(...open.map(({ request, event }) => watch.silence(request.kind, event)));
    const asked = this.#suspects(open);
    if (silent < limit) {
      if (silent > limit / 4 && !this.#suspected) {
        this.#suspected = true;
        this.onSilence?.(asked);
      }
      return;
    }
    this.#hangUp(hung(silent));
    this.onEnded?.({ kind: 'hung', asked });
  }

  /** What may have stopped a worker from answering. */
  #suspects(open: readonly Open<T>[]): readonly JobRequest<T>[] {
    const since = open.filter(({ asked }) => asked >= (this.#heard ?? 0));
    return (since.length > 0 ? since : open).map(({ request }) => request);
  }

  #endQuiet({ quiet }: Watch<T>, now: number): void {
    for (const [id, { request, queue, heard }] of this.#asked) {
      const limit = quiet?.(request.kind);
      if (limit === undefined || now - heard < limit) continue;
      this.#asked.delete(id);
      this.#post({ kind: 'stop', target: id });
      queue.fail(stalled(limit));
    }
  }
}

function busyWith(origin: string): UnmaskError {
  return new UnmaskError({
    code: 'network',
    message: said`The compute worker may not ask ${origin} yet, and is busy.`,
    remedy: 'Let what runs end, or stop it; then try again.',
  });
}

function hung(silent: number): UnmaskError {
  const seconds = Math.round(silent / 1000);
  return new UnmaskError({
    code: 'internal',
    message: said`The compute worker gave no sign of life for ${seconds} seconds, so it was ended.`,
    remedy: 'Try another text or another model.',
  });
}

function stalled(limit: number): UnmaskError {
  const seconds = Math.round(limit / 1000);
  return new UnmaskError({
    code: 'internal',
    message: said`Nothing was heard of this for ${seconds} seconds, so it was stopped.`,
    remedy: 'Try again.',
  });
}
