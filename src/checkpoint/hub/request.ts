/**
 * One request to a hub, and what its refusals mean. What may pass by itself (a busy server, a broken line) is thrown as
 * `Passing` and tried again by `patiently`; the rest is an `UnmaskError` at once. Statuses to retry are those of the
 * hub's own Python client.
 */

import { UnmaskError } from '../../diffusion/error.ts';
import { mayAsk } from '../../offline/policy.ts';
import { said, type Text } from '../../text/said.ts';
import { chunksOf } from '../http-source.ts';

export interface Patience {
  /** Tries in a row without a new byte. */
  readonly tries: number;
  /** Pause after the first failure in milliseconds; it doubles. */
  readonly pauseMs: number;
  /** Silence after which a connection counts as dead. */
  readonly stallMs: number;
}

/** For downloads, which may as well wait. */
export const PATIENCE: Patience = { tries: 6, pauseMs: 1000, stallMs: 30_000 };
const LONGEST_PAUSE_MS = 300_000;
/** A page cannot read the hub's Retry-After, so a busy hub is asked less and less often. */
const BUSY_FACTOR = 5;

export class Passing extends Error {
  readonly problem: UnmaskError;
  readonly busy: boolean;

  constructor(problem: UnmaskError, busy = false) {
    super(problem.message);
    this.problem = problem;
    this.busy = busy;
  }
}

/** For questions that a person waits for. */
export const BRIEF: Patience = { tries: 3, pauseMs: 500, stallMs: 15_000 };

export interface Asking {
  readonly signal?: AbortSignal | undefined;
  readonly patience?: Patience | undefined;
}

/** Fetches `url`. Throws `Passing`, `UnmaskError` code `network`, or the signal's reason. */
export async function ask(url: string, what: string, { signal, range }: { signal: AbortSignal; range?: string }) {
  let response: Response;
  try {
    response = await fetch(url, {
      signal,
      headers: range === undefined ? {} : { Range: range },
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new Passing(await unreachable(url, what, signal, cause));
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw refusal(response, what);
}

/** More than any list or note of a hub has. */
const MOST_BYTES = 2 ** 25;

/** What an answer says, undefined where it does not end within `MOST_BYTES`. */
export async function textOf(response: Response): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  for await (const chunk of chunksOf(response)) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Runs `work` until it succeeds or fails for good. `progress` tells how far it is; moving on renews the patience. */
export async function patiently<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { signal, patience = PATIENCE }: Asking,
  progress: () => number = () => 0,
): Promise<T> {
  let tries = 0;
  for (;;) {
    const before = progress();
    try {
      signal?.throwIfAborted();
      return await work(signal ?? new AbortController().signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Passing)) throw error;
      if (progress() > before) tries = 0;
      if (++tries >= patience.tries) throw error.problem;
      const pause = patience.pauseMs * 2 ** (tries - 1) * (error.busy ? BUSY_FACTOR : 1);
      await wait(Math.min(pause, LONGEST_PAUSE_MS), signal);
    }
  }
}

/** Ends early when the network comes back or the signal aborts. */
function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.('online', end);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    globalThis.addEventListener?.('online', end);
    signal?.addEventListener('abort', end);
  });
}

/** The repository is there, and does not have what was named. */
export class NoSuchRevision extends UnmaskError {
  constructor(what: string) {
    const remedy = 'Use main, a branch, a tag or a commit of it.';
    super({ code: 'network', message: said`${what} has no such revision.`, remedy });
  }
}

export function networkError(message: Text, remedy: string, file?: string, cause?: unknown): UnmaskError {
  return new UnmaskError({ code: 'network', message, remedy, file }, { cause });
}

/** Why fetch gave no answer. A page is not told, so a second request that wants no answer finds out who is there. */
async function unreachable(url: string, what: string, signal: AbortSignal, cause: unknown): Promise<UnmaskError> {
  const { host } = new URL(url);
  // A worker has the protocol of its page.
  if (!mayAsk(globalThis.location?.href ?? '', url)) {
    const message = said`${host} is asked over http, which browsers do not allow a page that came over https.`;
    const remedy = 'Give the hub an https address, or open this page from an http address.';
    return networkError(message, remedy, undefined, cause);
  }
  if (globalThis.navigator?.onLine === false) {
    const remedy = 'Connect it, then go on; what has been downloaded is kept.';
    return networkError('This device is offline.', remedy, undefined, cause);
  }
  const there = await fetch(url, { mode: 'no-cors', method: 'HEAD', cache: 'no-store', signal }).then(
    ({ type }) => type === 'opaque',
    () => false,
  );
  signal.throwIfAborted();
  if (there) {
    const message = said`${host} answers, but forbids this page to read ${what} (CORS), or the connection broke.`;
    const remedy = 'Set another address of the hub, or download the files yourself and choose them here.';
    return networkError(message, remedy, undefined, cause);
  }
  const remedy = 'Check the connection and the address of the hub, then go on; what has been downloaded is kept.';
  return networkError(said`${host} cannot be reached.`, remedy, undefined, cause);
}

/** A status that is not a success, in words. Codes are those of the hub's X-Error-Code. */
function refusal({ status, headers, redirected }: Response, what: string): UnmaskError | Passing {
  const code = headers.get('X-Error-Code') ?? '';
  if (status === 429) {
    const message = 'The hub asks to slow down (429).';
    return new Passing(networkError(message, 'Wait five minutes, then go on; what has come is kept.'), true);
  }
  if ([408, 500, 502, 503, 504].includes(status)) {
    return new Passing(networkError(said`The hub is in trouble (${status}).`, 'Go on later; what has come is kept.'));
  }
  // Signed addresses of the store behind the hub run out after an hour: the hub gives a new one.
  if (status === 403 && (redirected || code === '')) {
    const message = said`The hub does not give ${what} (403).`;
    return new Passing(networkError(message, 'Try again; if it stays so, choose another model.'));
  }
  if (code === 'GatedRepo' || status === 403) {
    const remedy = "Accept its terms on the hub's page, download the files there, and choose them here.";
    return networkError(said`${what} is gated: the hub gives it only to people who have signed in.`, remedy);
  }
  if (status === 401 || code === 'RepoNotFound') {
    return networkError(said`The hub has no open repository for ${what}.`, 'Check the spelling, as in owner/name.');
  }
  if (code === 'RevisionNotFound') {
    return new NoSuchRevision(what);
  }
  if (status === 404 || status === 410) {
    const name = code === 'EntryNotFound' ? 'no such file' : 'nothing there';
    return networkError(said`The hub has ${name}: ${what}.`, 'Check the spelling, and the address of the hub.');
  }
  return networkError(said`The hub answered ${status} when asked for ${what}.`, 'Try again later.');
}
