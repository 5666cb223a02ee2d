/**
 * What a page and one of its workers say to each other. Work is asked for as jobs: one message in, many out; every
 * request has an id, and its events end with `done` or `failed`. Which jobs a worker has is a table of types.
 */
import type { ErrorData } from '../diffusion/error.ts';
import type { Text } from '../text/said.ts';

/** Every kind of job of a worker: what is asked, and the events that answer it before its end. */
export type JobTable<T> = {
  [K in keyof T]: { readonly request: object; readonly event: { readonly kind: string } };
};

/** A request of any kind, without its id. */
export type JobRequest<T extends JobTable<T>> = {
  [K in keyof T]: { readonly kind: K } & T[K]['request'];
}[keyof T];

export type Request<T extends JobTable<T>> = { readonly id: number } & (
  | JobRequest<T>
  /** Stops request `target` as soon as it lets messages in. */
  | { readonly kind: 'stop'; readonly target: number }
  /** Asks for a sign of life. */
  | { readonly kind: 'ping' }
);

export type Event<T extends JobTable<T>> = { readonly id: number } & (
  | T[keyof T]['event']
  | { readonly kind: 'done'; readonly stopped: boolean }
  | { readonly kind: 'failed'; readonly error: ErrorData }
  | { readonly kind: 'pong' }
  /** Unasked, with id 0: what the worker wants to say, in words and as data of its own kind. */
  | { readonly kind: 'notice'; readonly message: Text; readonly details?: object }
);

/** What a worker did when it was ended, or when it has begun to be silent. */
export type Ended<T extends JobTable<T>> =
  /** To be opened anew, because it may ask another hub from now on. */
  | { readonly kind: 'reopened' }
  /** `asked`: what was asked since its last sign of life, or else all that was under way. */
  | { readonly kind: 'hung'; readonly asked: readonly JobRequest<T>[] }
  | { readonly kind: 'crashed' };
