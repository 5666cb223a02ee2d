/** A real HTTP server on this machine for tests of downloads, with the faults that real hosts have. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Manners {
  /** Serve byte ranges (206). Otherwise every answer is the whole file. */
  readonly ranges?: boolean;
  /** Serve no Content-Range that a page could read, as hosts that do not expose it to other origins. */
  readonly hideTotal?: boolean;
  /** Answer missing files with a page and 200, as single-page hosts do. */
  readonly pageForMissing?: boolean;
  /** Answer everything with this status. */
  readonly status?: number;
  /** Answer missing files with 403, as storage buckets do that do not list what they hold. */
  readonly refuseMissing?: boolean;
  /** Promise all bytes, send so many, and drop the connection. */
  readonly dropAfter?: number;
  /** Send so many bytes of each range fewer than asked for, without a fault in the protocol. */
  readonly shortBy?: number;
  /** Start each range so many bytes late. */
  readonly shiftBy?: number;
  /** Send bodies without Content-Length. */
  readonly chunked?: boolean;
}

export interface TestServer extends AsyncDisposable {
  /** Folder address, ending in '/'. */
  readonly url: string;
  /** "name" or "name bytes=a-b" of each request so far. */
  readonly requests: readonly string[];
}

export async function serve(files: ReadonlyMap<string, Uint8Array>, manners: Manners = {}): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const name = decodeURIComponent(request.url ?? '').replace('/model/', '');
    requests.push(request.headers.range === undefined ? name : `${name} ${request.headers.range}`);
    answer(files.get(name), request, response, manners);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/model/`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function answer(
  file: Uint8Array | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  manners: Manners,
): void {
  if (manners.status !== undefined) {
    response.writeHead(manners.status).end('no');
  } else if (file === undefined) {
    if (manners.pageForMissing) response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>');
    else response.writeHead(manners.refuseMissing ? 403 : 404).end('not found');
  } else {
    const range = manners.ranges ? /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') : null;
    if (range === null) send(response, 200, file, {}, manners);
    else sendRange(response, file, Number(range[1]) + (manners.shiftBy ?? 0), Number(range[2]) + 1, manners);
  }
}

function sendRange(response: ServerResponse, file: Uint8Array, start: number, end: number, manners: Manners): void {
  if (start >= file.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${file.length}` }).end();
    return;
  }
  const part = file.subarray(start, Math.min(end, file.length));
  const sent = part.subarray(0, part.length - (part.length > 1 ? (manners.shortBy ?? 0) : 0));
  const total = { 'Content-Range': `bytes ${start}-${start + part.length - 1}/${file.length}` };
  send(response, 206, sent, manners.hideTotal ? {} : total, manners);
}

function send(
  response: ServerResponse,
  status: number,
  body: Uint8Array,
  headers: Record<string, string>,
  manners: Manners,
): void {
  const length = manners.chunked ? {} : { 'Content-Length': String(body.length) };
  response.writeHead(status, { 'Content-Type': 'application/octet-stream', ...headers, ...length });
  if (manners.dropAfter === undefined || manners.dropAfter >= body.length) response.end(body);
  else response.write(body.subarray(0, manners.dropAfter), () => setTimeout(() => response.destroy(), 20));
}
