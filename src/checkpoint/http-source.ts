/**
 * Files over HTTP, by byte range where the server serves ranges; where it does not, the one download that it sends is
 * kept and sliced. Sizes are asked for with `Range: bytes=0-0`, because compressed or redirected HEAD answers lie.
 */

import { UnmaskError } from '../diffusion/error.ts';
import { said, type Text } from '../text/said.ts';
import type { FileSource, ReadOptions } from './model.ts';
import { exactly } from './sources.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Files in the folder at `url` (absolute, http or https). Throws `UnmaskError` code `network` for another address. */
export function httpSource(url: string): FileSource {
  const base = folderUrl(url);
  /** Whole files of servers that ignore ranges. */
  const kept = new Map<string, Bytes>();
  const sizes = new Map<string, number>();

  const request = async (name: string, range: string | undefined, options: ReadOptions | undefined) => {
    try {
      return await fetch(new URL(encodeURIComponent(name), base), {
        ...(range === undefined ? {} : { headers: { Range: range }, cache: 'no-store' as const }),
        ...(options?.signal ? { signal: options.signal } : {}),
        referrerPolicy: 'no-referrer',
      });
    } catch (cause) {
      options?.signal?.throwIfAborted();
      const message = said`${name} could not be fetched from ${url}: the server cannot be reached or forbids this page.`;
      throw failed(name, message, 'Check the address and the connection, then try again.', cause);
    }
  };

  /** The body of an answer that turned out to be the whole file, kept for later slices. */
  const keep = async (name: string, response: Response, options: ReadOptions | undefined) => {
    const bytes = (await readBody(name, response, Number.POSITIVE_INFINITY, options)) as Bytes;
    kept.set(name, bytes);
    sizes.set(name, bytes.length);
    return bytes;
  };

  return {
    label: url,
    unlisted: true,
    async readAll(name, options) {
      const maxBytes = options?.maxBytes ?? Number.POSITIVE_INFINITY;
      const have = kept.get(name);
      if (have !== undefined) return have.length > maxBytes ? 'large' : have;
      const response = await request(name, undefined, options);
      const absence = await absenceOf(name, response);
      return absence ?? readBody(name, response, maxBytes, options);
    },
    async size(name, options) {
      const known = sizes.get(name);
      if (known !== undefined) return known;
      const response = await request(name, 'bytes=0-0', options);
      if (response.status === 416) {
        await response.body?.cancel();
        return rangeTotal(response) ?? 0;
      }
      if ((await absenceOf(name, response)) !== undefined) return undefined;
      if (response.status === 200) return (await keep(name, response, options)).length;
      await response.body?.cancel();
      const total = rangeTotal(response);
      // Without a readable Content-Range the only way to know the size is to have the file.
      if (total === undefined) return (await keep(name, await request(name, undefined, options), options)).length;
      sizes.set(name, total);
      return total;
    },
    async read(name, start, end, options) {
      if (end <= start) return new Uint8Array(0);
      const whole = kept.get(name);
      if (whole !== undefined) return exactly(whole.slice(start, end), name, url, end - start);
      const response = await request(name, `bytes=${start}-${end - 1}`, options);
      if (response.status === 416) {
        await response.body?.cancel();
        return exactly(new Uint8Array(0), name, url, end - start);
      }
      if ((await absenceOf(name, response)) !== undefined) return exactly<Bytes>(undefined, name, url, end - start);
      if (response.status !== 206) {
        return exactly((await keep(name, response, options)).slice(start, end), name, url, end - start);
      }
      const first = /^bytes (\d+)-/.exec(response.headers.get('Content-Range') ?? '')?.[1];
      if (first !== undefined && Number(first) !== start) {
        await response.body?.cancel();
        throw failed(name, said`The server sent another part of ${name} than was asked for.`, 'Try again.');
      }
      const bytes = await readBody(name, response, end - start, options);
      return exactly(bytes === 'large' ? undefined : bytes, name, url, end - start);
    },
  };
}

function failed(file: string, message: Text, remedy: string, cause?: unknown): UnmaskError {
  return new UnmaskError({ code: 'network', message, remedy, file }, { cause });
}

function folderUrl(url: string): URL {
  try {
    const base = new URL(url.endsWith('/') ? url : `${url}/`);
    if (base.protocol === 'http:' || base.protocol === 'https:') return base;
  } catch {
    // told below, in the same words
  }
  throw failed('', said`"${url}" is not a web address.`, 'Give an address that starts with https://.');
}

function rangeTotal(response: Response): number | undefined {
  const total = /\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '')?.[1];
  return total === undefined ? undefined : Number(total);
}

/** Undefined when the answer carries the file. Refusals and server errors throw. */
async function absenceOf(name: string, response: Response): Promise<'missing' | 'page' | undefined> {
  const { status } = response;
  const page = response.ok && (response.headers.get('Content-Type') ?? '').startsWith('text/html');
  if (response.ok && !page) return undefined;
  await response.body?.cancel();
  if (page) return 'page';
  if (status === 404 || status === 410) return 'missing';
  if (status === 401 || status === 403) {
    const message = said`The server does not give ${name} to this page (${status}).`;
    throw failed(name, message, 'Choose a model that is open to everyone, or download it and drop its files here.');
  }
  const wait = status === 429 ? 'It asks to slow down: wait some minutes, then try again.' : 'Try again later.';
  throw failed(name, said`The server answered ${status} when asked for ${name}.`, wait);
}

/** Everything in a body of at most `maxBytes`. Throws `UnmaskError` code `network` when it breaks off. */
async function readBody(name: string, response: Response, maxBytes: number, options: ReadOptions | undefined) {
  // Content-Length counts compressed bytes, so it tells the size only of a body sent as it is.
  const plain = !response.headers.has('Content-Encoding');
  const total = plain ? Number(response.headers.get('Content-Length') ?? 0) : 0;
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  try {
    if (total > maxBytes) {
      await response.body?.cancel();
      return 'large';
    }
    for await (const chunk of chunksOf(response)) {
      chunks.push(chunk);
      loaded += chunk.length;
      if (loaded > maxBytes) return 'large';
      options?.onProgress?.(loaded, total === 0 ? 0 : Math.max(total, loaded));
    }
  } catch (cause) {
    options?.signal?.throwIfAborted();
    const message =
      total > 0
        ? said`The download of ${name} broke off after ${loaded} of ${total} bytes.`
        : said`The download of ${name} broke off after ${loaded} bytes.`;
    throw failed(name, message, 'Try again.', cause);
  }
  if (loaded < total)
    throw failed(name, said`The download of ${name} ended after ${loaded} of ${total} bytes.`, 'Try again.');
  return join(chunks, loaded);
}

/** The body's chunks; leaving the loop cancels the download. Safari has no async iteration of streams. */
export async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}

function join(chunks: readonly Uint8Array[], length: number): Bytes {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
