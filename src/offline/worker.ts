/**
 * The service worker: after the first visit the page and its models need no network. It holds exactly the files of one
 * build and answers with them, so a page never gets files of two versions. A new version is fetched beside the old one
 * and begins when no page of the old one is open any more, or when the only page that is open asks for it; code never
 * changes under a running session.
 *
 * The build puts in the list of files (tools/offline-plugin.ts). Files marked `later` are large and seldom wanted: they
 * are kept once they have been used.
 */
import { policyFor } from './policy.ts';
import { SHELF, type ShelfProgress, sha256, shelfKey, type TakeOver } from './shelf.ts';

/** Of every file of the build, by its path from the page's folder. */
interface FileEntry {
  readonly hash: string;
  readonly size: number;
  readonly later?: boolean;
}
declare const __FILES__: Readonly<Record<string, FileEntry>>;

/** What this file needs of ServiceWorkerGlobalScope, which TypeScript's DOM types do not have. */
interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Scope extends EventTarget {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(options: { includeUncontrolled: boolean; type: 'window' }): Promise<readonly WindowClient[]>;
    claim(): Promise<void>;
  };
  skipWaiting(): Promise<void>;
}
interface WindowClient {
  postMessage(message: unknown): void;
}
interface Fetch extends Extendable {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Message extends Extendable {
  readonly data: TakeOver;
  readonly ports: readonly MessagePort[];
}
const scope = self as unknown as Scope;

const FILES = __FILES__;
const addressOf = (path: string) => new URL(path, scope.registration.scope).href;
const entries = Object.entries(FILES).map(([path, entry]) => ({ ...entry, url: addressOf(path) }));
const byAddress = new Map(entries.map((entry) => [entry.url, entry]));

scope.addEventListener('install', (event) => {
  // One after the other and late in the page's first minute: it competes with the page itself for a poor network.
  (event as Extendable).waitUntil(fill());
});

async function fill(): Promise<void> {
  const shelf = await caches.open(SHELF);
  const wanted = entries.filter(({ later }) => !later);
  const total = wanted.reduce((sum, { size }) => sum + size, 0);
  let have = 0;
  for (const { url, hash, size } of wanted) {
    const key = shelfKey(url, hash);
    if (!(await shelf.match(key))) await shelf.put(key, await fetched(url, hash));
    have += size;
    await tell({ kind: 'shelf', have, total });
  }
}

/** `no-cache` asks the server, but takes what the page fetched a moment ago when it is still the same. */
async function fetched(url: string, hash: string): Promise<Response> {
  const answer = await fetch(url, { cache: 'no-cache' });
  if (!answer.ok) throw new Error(`${url} answered with ${answer.status}.`);
  const bytes = await answer.arrayBuffer();
  if ((await sha256(bytes)) !== hash) throw new Error(`${url} is of another version than this worker.`);
  return new Response(bytes, { headers: answer.headers });
}

async function tell(progress: ShelfProgress): Promise<void> {
  for (const page of await scope.clients.matchAll({ includeUncontrolled: true, type: 'window' })) {
    page.postMessage(progress);
  }
}

scope.addEventListener('activate', (event) => {
  (event as Extendable).waitUntil(
    (async () => {
      const shelf = await caches.open(SHELF);
      const wanted = new Set(entries.map(({ url, hash }) => shelfKey(url, hash)));
      for (const { url } of await shelf.keys()) if (!wanted.has(url)) await shelf.delete(url);
      // The page that brought this worker is of its version, so it may use the files at once.
      await scope.clients.claim();
    })(),
  );
});

scope.addEventListener('message', (event) => {
  const { data, ports } = event as Message;
  if (data?.kind !== 'takeOver') return;
  (event as Message).waitUntil(
    (async () => {
      const pages = await scope.clients.matchAll({ includeUncontrolled: true, type: 'window' });
      const alone = pages.length <= 1;
      ports[0]?.postMessage(alone);
      if (alone) await scope.skipWaiting();
    })(),
  );
});

scope.addEventListener('fetch', (event) => {
  const { request } = event as Fetch;
  if (request.method !== 'GET' || request.headers.has('range')) return;
  const url = new URL(request.url);
  url.search = '';
  url.hash = '';
  const entry =
    byAddress.get(url.href) ??
    (url.href === scope.registration.scope ? byAddress.get(addressOf('index.html')) : undefined);
  if (entry) (event as Fetch).respondWith(answer(request, entry));
  // A model may lack files that others have; without a network that must read as on the server: not there.
  else if (url.href.startsWith(addressOf('models/'))) (event as Fetch).respondWith(fetch(request).catch(missing));
});

const missing = () => new Response(null, { status: 404 });

async function answer(request: Request, { url, hash, later }: FileEntry & { url: string }): Promise<Response> {
  const shelf = await caches.open(SHELF);
  const kept = await shelf.match(shelfKey(url, hash));
  if (kept) return guarded(kept, request);
  if (!later) return fetch(request);
  const answer = await fetched(url, hash);
  await shelf.put(shelfKey(url, hash), answer.clone()).catch(() => undefined); // no room: it works with a network
  return answer;
}

/** With the policy that a static host does not send: a worker has that of its own script, and no other. */
function guarded(kept: Response, { url }: Request): Response {
  const policy = policyFor(new URL(url));
  if (policy === undefined) return kept;
  const headers = new Headers(kept.headers);
  headers.set('Content-Security-Policy', policy);
  return new Response(kept.body, { status: kept.status, headers });
}
