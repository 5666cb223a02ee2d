/**
 * The bytes of a file from `start` on, as they come. Each request asks for one range with a start and an end, which needs
 * no preflight, and goes to the hub itself, because signed addresses behind it may hold for one range only. What comes
 * is counted: servers have answered ranges with other ranges, with nothing, and with the whole file.
 */

import { UnmaskError } from '../../diffusion/error.ts';
import { said } from '../../text/said.ts';
import { ask, networkError, Passing, type Patience } from './request.ts';

export interface RemoteFile {
  readonly name: string;
  readonly url: string;
  readonly size: number;
}

/** Yields bytes `[start, end)` in order. Throws `Passing` when fewer come, `UnmaskError` when the file is another. */
export async function* range(
  { name, url, size }: RemoteFile,
  start: number,
  end: number,
  outer: AbortSignal,
  { stallMs }: Patience,
): AsyncGenerator<Uint8Array> {
  if (end <= start) return;
  const stall = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const arm = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stall.abort(), stallMs);
  };
  const signal = AbortSignal.any([outer, stall.signal]);
  let at = start;
  try {
    arm();
    const response = await ask(url, name, { signal, range: `bytes=${start}-${end - 1}` });
    let skip = checkRange(response, name, start, size);
    const reader = response.body?.getReader();
    if (reader === undefined) return;
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        clearTimeout(timer); // the time it takes to write them down is not the server's
        const skipped = Math.min(skip, next.value.length);
        skip -= skipped;
        const bytes = next.value.subarray(skipped, skipped + end - at);
        at += bytes.length;
        if (bytes.length > 0) yield bytes;
        if (at === end) return;
        arm();
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  } catch (cause) {
    outer.throwIfAborted();
    if (cause instanceof UnmaskError || cause instanceof Passing) throw cause;
    const silent = stall.signal.aborted;
    const message = silent ? said`No byte of ${name} came for ${stallMs / 1000} seconds.` : said`${name} broke off.`;
    throw new Passing(networkError(message, 'Go on later; what has come is kept.', name, cause));
  } finally {
    clearTimeout(timer);
  }
  throw new Passing(networkError(said`${name} was cut short.`, 'Go on later; what has come is kept.', name));
}

/** How many bytes of the body stand before `start`. */
function checkRange(response: Response, name: string, start: number, size: number): number {
  if ((response.headers.get('Content-Type') ?? '').startsWith('text/html')) {
    const message = said`The server answers with a web page where ${name} should be.`;
    throw networkError(message, 'Check the address of the hub.', name);
  }
  if (response.status !== 206) return start; // the whole file, from a server without ranges
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('Content-Range') ?? '') ?? [];
  if (total !== undefined && total !== '*' && Number(total) !== size) {
    const message = said`${name} has ${total} bytes on the server, but ${size} were announced.`;
    throw networkError(message, 'The server is being changed: try again, or set another address of the hub.', name);
  }
  if (first === undefined || Number(first) === start) return 0;
  throw new Passing(networkError(said`Another part of ${name} came than was asked for.`, 'Try again.', name));
}
