/**
 * A hub on this machine for tests: the addresses, redirects and headers of huggingface.co on one port, the store of its
 * large files on another, and, where a test asks for it, the faults that both have been seen to have.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** What one request is for. `store` is the second hop of a large file. */
export interface HubRequest {
  readonly kind: 'info' | 'tree' | 'file' | 'store';
  readonly name: string;
  /** The range asked for. */
  readonly start: number;
  readonly end: number;
}

export interface Fault {
  /** Answer so, with this X-Error-Code. */
  readonly status?: number;
  readonly code?: string;
  /** Send so many bytes, then drop the connection. */
  readonly dropAfter?: number;
  /** Send so many bytes, then end as if that were all. */
  readonly cutAfter?: number;
  /** Send so many bytes, then nothing more. */
  readonly silentAfter?: number;
  /** Change one byte. */
  readonly damage?: boolean;
  /** Ignore the range. */
  readonly whole?: boolean;
  /** Start so many bytes late. */
  readonly shift?: number;
  /** Answer with a web page. */
  readonly page?: boolean;
  /** Of a list: the page after this one, or a first page whose text goes on and on. */
  readonly next?: string;
  readonly endless?: boolean;
}

export interface TestHub extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: HubRequest[];
  /** What the one commit is also called. */
  readonly branches: string[];
  /** Asked before each answer. */
  fault: (request: HubRequest) => Fault | undefined;
  /** Lets go of all connections and stops listening; `start` comes back on the same ports. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

type Files = ReadonlyMap<string, Uint8Array>;

/** Files from this size on lie in the store behind the hub. */
const LARGE = 4096;
/** The path of the store where it is at the hub's own address. */
const STORE = '/store/';

/**
 * `files` of the one repository `id` at one commit; the tree comes in pages of `page` entries. With `oneHost` the store has
 * the address of the hub: a page's policy lets it ask no host but the hub and the stores that are known.
 */
export async function serveHub(
  id: string,
  files: Files,
  { page = 2, commit = COMMIT, oneHost = false } = {},
): Promise<TestHub> {
  const requests: HubRequest[] = [];
  const hub: TestHub = {
    endpoint: '',
    requests,
    branches: ['main'],
    fault: () => undefined,
    stop: async () => void (await Promise.all([front, store].map(close))),
    start: async () => void (await Promise.all([listen(front, ports[0]), listen(store, ports[1])])),
    [Symbol.asyncDispose]: () => hub.stop(),
  };
  const note = (kind: HubRequest['kind'], name: string, request: IncomingMessage) => {
    const [, start = '0', end = '-1'] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const noted = { kind, name, start: Number(start), end: Number(end) + 1 };
    requests.push(noted);
    return { ...noted, fault: hub.fault(noted) ?? {} };
  };
  const store = createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? '').slice(1));
    const { fault, start, end } = note('store', name, request);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', 'Content-Range, ETag');
    if (fault.status !== undefined) refuse(response, fault);
    else sendRange(response, files.get(name) as Uint8Array, start, end, fault);
  });
  const front = createServer((request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', 'X-Error-Code, Link, Content-Range, ETag');
    const url = new URL(request.url ?? '/', hub.endpoint);
    if (url.pathname.startsWith(STORE)) {
      request.url = url.pathname.slice(STORE.length - 1);
      return store.emit('request', request, response);
    }
    // The same repository also stands as a data set.
    const path = decodeURIComponent(url.pathname)
      .replace('/api/datasets/', '/api/models/')
      .replace(/^[/]datasets/, '');
    if (path.startsWith(`/api/models/${id}/revision/`)) {
      const revision = path.slice(`/api/models/${id}/revision/`.length);
      const { fault } = note('info', revision, request);
      if (fault.status !== undefined) return refuse(response, fault);
      if (![...hub.branches, commit].includes(revision)) {
        return refuse(response, { status: 404, code: 'RevisionNotFound' });
      }
      return sendJson(response, { id, sha: commit });
    }
    if (path.startsWith(`/api/models/${id}/tree/${commit}`)) {
      const { fault } = note('tree', '', request);
      if (fault.status !== undefined) return refuse(response, fault);
      if (fault.next !== undefined) return sendJson(response, [], `<${fault.next}>; rel="next"`);
      if (fault.endless) return goOn(response);
      const folder = path.split(`/tree/${commit}`)[1]?.slice(1) ?? '';
      const inside = [...files].filter(([name]) => name.slice(0, Math.max(0, name.lastIndexOf('/'))) === folder);
      const at = Number(url.searchParams.get('cursor') ?? 0);
      const next = at + page < inside.length ? `<${url.origin}${url.pathname}?cursor=${at + page}>; rel="next"` : '';
      return sendJson(response, inside.slice(at, at + page).map(entryOf), next);
    }
    const name = path.replace(`/${id}/resolve/${commit}/`, '');
    const file = files.get(name);
    if (!path.startsWith(`/${id}/`)) return refuse(response, { status: 401, code: 'RepoNotFound' });
    const { fault, start, end } = note('file', name, request);
    if (fault.status !== undefined) return refuse(response, fault);
    if (file === undefined) return refuse(response, { status: 404, code: 'EntryNotFound' });
    if (file.length < LARGE) return sendRange(response, file, start, end, fault);
    const { port } = store.address() as AddressInfo;
    const address = oneHost ? `${hub.endpoint}${STORE}` : `http://localhost:${port}/`;
    return response.writeHead(302, { Location: `${address}${encodeURIComponent(name)}` }).end();
  });
  const ports = [await listen(front), await listen(store)];
  return Object.assign(hub, { endpoint: `http://127.0.0.1:${ports[0]}` });
}

async function listen(server: Server, port = 0): Promise<number> {
  await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready));
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
}

function entryOf([path, bytes]: readonly [string, Uint8Array]) {
  const { length: size } = bytes;
  const oid = createHash('sha1').update(`blob ${size}\0`).update(bytes).digest('hex');
  if (size < LARGE) return { type: 'file', path, size, oid };
  return { type: 'file', path, size, oid, lfs: { oid: createHash('sha256').update(bytes).digest('hex'), size } };
}

function refuse(response: ServerResponse, { status = 500, code }: Fault): void {
  response.writeHead(status, code === undefined ? {} : { 'X-Error-Code': code }).end('{"error":"no"}');
}

function sendJson(response: ServerResponse, value: unknown, link = ''): void {
  const headers = { 'Content-Type': 'application/json', ...(link === '' ? {} : { Link: link }) };
  response.writeHead(200, headers).end(JSON.stringify(value));
}

/** A text without an end. */
function goOn(response: ServerResponse): void {
  const more = () => {
    while (!response.destroyed && response.write(' '.repeat(2 ** 20)));
    response.once('drain', more);
  };
  response.writeHead(200, { 'Content-Type': 'application/json' });
  more();
}

function sendRange(response: ServerResponse, file: Uint8Array, start: number, end: number, fault: Fault): void {
  if (fault.page) {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>');
    return;
  }
  const first = fault.whole ? 0 : start + (fault.shift ?? 0);
  const body = Buffer.from(fault.whole ? file : file.subarray(first, end));
  if (fault.damage && body.length > 0) body[body.length >> 1] = (body[body.length >> 1] as number) ^ 1;
  const range = fault.whole ? {} : { 'Content-Range': `bytes ${first}-${end - 1}/${file.length}` };
  const cut = fault.cutAfter ?? body.length;
  response.writeHead(fault.whole ? 200 : 206, { ...range, 'Content-Length': Math.min(cut, body.length) });
  const broken = fault.dropAfter ?? fault.silentAfter;
  if (broken === undefined) response.end(body.subarray(0, cut));
  else if (fault.dropAfter !== undefined)
    response.write(body.subarray(0, broken), () => setTimeout(() => response.destroy(), 20));
  else response.write(body.subarray(0, broken));
}
