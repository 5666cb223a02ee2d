/** Use without a network: registers the service worker, and knows how far it is and whether a newer version waits. */
import { create } from 'zustand';
import type { ShelfProgress, TakeOver } from '../../offline/shelf.ts';
import { useCompute } from './compute.ts';

interface Shelf {
  /**
   * `unsupported`: no service worker here (an address without https, a private window). `fetching`: files are on their
   * way. `ready`: everything is here. `failed`: the next visit goes on.
   */
  readonly state: 'unsupported' | 'waiting' | 'fetching' | 'ready' | 'failed';
  readonly progress: { readonly have: number; readonly total: number } | undefined;
  /** A newer version lies beside this one; undefined until there is one. */
  readonly newer: ServiceWorker | undefined;
  /** It was asked to begin, but other pages are open. */
  readonly othersOpen: boolean;
}

export const useShelf = create<Shelf>(() => ({
  state: 'serviceWorker' in navigator ? 'waiting' : 'unsupported',
  progress: undefined,
  newer: undefined,
  othersOpen: false,
}));

const set = useShelf.setState;

/** After the model has come, or soon: the files compete with the first visit for the network. */
export function startShelf(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const begin = () => {
    clearTimeout(timer);
    unsubscribe();
    void register();
  };
  const timer = setTimeout(begin, 20_000);
  const unsubscribe = useCompute.subscribe(({ status }) => {
    if (status === 'ready' || status === 'failed') begin();
  });
}

async function register(): Promise<void> {
  navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<ShelfProgress>) => {
    if (data?.kind === 'shelf') set({ progress: { have: data.have, total: data.total } });
  });
  try {
    const registration = await navigator.serviceWorker.register(new URL('sw.js', document.baseURI));
    if (registration.active) set({ state: 'ready', newer: registration.waiting ?? undefined });
    watch(registration.installing, registration);
    registration.addEventListener('updatefound', () => watch(registration.installing, registration));
  } catch {
    set({ state: 'unsupported' }); // a private window, or a server without sw.js
  }
}

function watch(worker: ServiceWorker | null, registration: ServiceWorkerRegistration): void {
  if (!worker) return;
  const first = !registration.active;
  if (first) set({ state: 'fetching' });
  worker.addEventListener('statechange', () => {
    if (worker.state === 'installed' && !first) set({ newer: worker });
    if (worker.state === 'activated') set({ state: 'ready', progress: undefined });
    if (worker.state === 'redundant' && first) set({ state: 'failed' });
  });
}

/** Begins the newer version, unless other pages of this one are open. What runs here is remembered as by any reload. */
export async function beginNewer(): Promise<void> {
  const { newer } = useShelf.getState();
  if (!newer) return;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<boolean>((resolve) => {
    port1.onmessage = ({ data }) => resolve(data === true);
  });
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  newer.postMessage({ kind: 'takeOver' } satisfies TakeOver, [port2]);
  if (!(await answer)) set({ othersOpen: true });
}

export function dismissNewer(): void {
  set({ newer: undefined });
}
