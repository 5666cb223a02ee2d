/** What a kind of job is to the session. */
import type { Store } from '../../checkpoint/store/store.ts';
import type { Models } from '../models.ts';
import type { EventOf, JobKind, RequestOf, Role } from '../protocol.ts';

export interface JobContext<K extends JobKind> {
  readonly models: Models;
  store(): Promise<Store>;
  /** Aborted when the page stops the job or another one takes its place; whatever is thrown then counts as stopped. */
  readonly signal: AbortSignal;
  emit(event: EventOf<K>): void;
  /** Between two steps: lets waiting messages in, and rests while the page asks for it. */
  yieldToEvents(): Promise<void>;
  /** Whether runs rest between two steps. */
  rest(rest: boolean): void;
}

export interface Job<K extends JobKind> {
  /** The models it reads: it waits for those that are being loaded. None unless told. */
  needs?(request: RequestOf<K>): readonly Role[];
  /** The models it puts in place of others. None unless told. */
  replaces?(request: RequestOf<K>): readonly Role[];
  /** The roles whose models answer otherwise once it has ended: what is asked of them afterwards waits for that. */
  readonly changes?: readonly Role[];
  /**
   * How it computes. `turn`: alone on the device, in the order of asking. `measured`: the same, and its times or verdicts
   * mean nothing while models come and go. `between`: its passes stand in line with those of others, one by one.
   */
  readonly device?: 'turn' | 'measured' | 'between';
  /** A new one stops the one before. */
  readonly latest?: true;
  run(request: RequestOf<K>, context: JobContext<K>): Promise<void>;
}

interface Asked<K extends JobKind = JobKind> {
  readonly job: Job<K>;
  readonly request: RequestOf<K>;
  readonly kind: K;
}

/** Whether `next` stops `other`, which is under way or waiting: it takes its place, or the models it computes with. */
export function stops(next: Asked, other: Asked): boolean {
  const replaced = next.job.replaces?.(next.request) ?? [];
  if (next.kind === other.kind && next.job.latest) {
    const before = other.job.replaces?.(other.request) ?? [];
    return replaced.length === 0 || replaced[0] === before[0];
  }
  if (replaced.length === 0 || other.job.device === undefined) return false;
  if (other.job.device === 'measured') return true;
  return (other.job.needs?.(other.request) ?? []).some((role) => replaced.includes(role));
}
