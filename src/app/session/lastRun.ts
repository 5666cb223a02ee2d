/** Remembers the branches on screen and their undo in this browser, so that a reload brings them back. */

import { EMBEDDED } from './embed.ts';
import { useRun } from './run.ts';
import { decodeSession, encodeSession, type Session } from './session-file.ts';

const STORE = 'runs';
const LAST = 'last';
const ASIDE = 'aside';

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('unmask', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Fewer alternatives for longer sessions, so that remembering is never felt; the longest are not remembered. */
function alternativesFor(predictions: number): number {
  return predictions < 20_000 ? 8 : predictions < 100_000 ? 2 : 0;
}

/** Storage may be full or forbidden; then the run is simply not there after a reload. */
export function rememberRun(): void {
  if (EMBEDDED) return;
  const { tree, trace, playing, past, future, source, ...state } = useRun.getState();
  if (source === 'recorded' && past.length === 0) return;
  // What still plays is on its way to the end: a run that has just been written is remembered as written.
  const playhead = playing && trace ? trace.steps.length : state.playhead;
  const session = tree && encodeSession({ past, now: { tree, playhead }, future }, alternativesFor);
  if (tree && !session) return;
  database()
    .then((open) => open.transaction(STORE, 'readwrite').objectStore(STORE))
    // A sheet that was emptied stays empty.
    .then((store) => (session ? settled(store.put(session, LAST)) : settled(store.delete(LAST))))
    .catch(() => undefined);
}

export async function recallRun(): Promise<Session | undefined> {
  if (EMBEDDED) return undefined;
  try {
    const open = await database();
    const stored = await settled<unknown>(open.transaction(STORE).objectStore(STORE).get(LAST));
    return stored === undefined ? undefined : decodeSession(stored);
  } catch {
    return undefined;
  }
}

/** Puts what is remembered where nothing looks for it; the one that was put there before gives way. */
export async function setRunAside(): Promise<void> {
  const store = (await database()).transaction(STORE, 'readwrite').objectStore(STORE);
  const stored = await settled<unknown>(store.get(LAST));
  if (stored === undefined) return;
  await settled(store.put(stored, ASIDE));
  await settled(store.delete(LAST));
}

/** The runs that were set aside, as a trace file. */
export async function asideRun(): Promise<string | undefined> {
  const stored = await settled<unknown>((await database()).transaction(STORE).objectStore(STORE).get(ASIDE));
  const pool = typeof stored === 'object' && stored !== null && 'pool' in stored ? stored.pool : undefined;
  return typeof pool === 'string' ? pool : undefined;
}
