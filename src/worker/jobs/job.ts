/** What a kind of job is to the session. */
import type { Store } from '../../checkpoint/store/store.ts';
import type { Models } from '../models.ts';
import type { EventOf, JobKind, JobRequest, RequestOf } from '../protocol.ts';

export interface JobContext<K extends JobKind> {
  readonly models: Models;
  store(): Promise<Store>;
  /** Aborted when the page stops the job or another one takes its place; whatever is thrown then counts as stopped. */
  readonly signal: AbortSignal;
  emit(event: EventOf<K>): void;
  /** Between two steps: lets waiting messages in, and rests while the page asks for it. */
  breathe(): Promise<void>;
}

export interface Job<K extends JobKind> {
  /** True when a request of this kind stops `other`, which is under way or waiting. */
  stops(request: RequestOf<K>, other: JobRequest): boolean;
  /** Jobs that use a device take turns, in order; the others run at once, after models that are being loaded. */
  readonly usesDevice: boolean;
  /** True when it needs no model, so that it does not wait for one that is being loaded. */
  readonly needsNoModel?: boolean;
  run(request: RequestOf<K>, context: JobContext<K>): Promise<void>;
}
