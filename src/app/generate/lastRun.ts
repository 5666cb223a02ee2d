/** Remembers the run on screen in this browser, so that a reload brings it back. */
import type { Trace } from '../../diffusion/trace.ts';
import { decodeTrace } from '../../diffusion/trace-decode.ts';
import { encodeTrace } from '../../diffusion/trace-encode.ts';
import { useRun } from '../stores/run.ts';

const STORE = 'runs';
const LAST = 'last';

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

/** Predictions of a run, one per asked slot and step. A file holds about 60 characters for each. */
function size(trace: Trace): number {
  return trace.steps.reduce((sum, { prediction }) => sum + prediction.slots.length, 0);
}

/** Fewer alternatives for longer runs, so that remembering is never felt; the longest are not remembered. */
function alternativesFor(predictions: number): number {
  return predictions < 20_000 ? 8 : predictions < 100_000 ? 2 : 0;
}

/** Storage may be full or forbidden; then the run is simply not there after a reload. */
export function rememberRun(): void {
  const { trace, source } = useRun.getState();
  if (!trace || source === 'recorded') return;
  const alternatives = alternativesFor(size(trace));
  if (alternatives === 0) return;
  database()
    .then((open) =>
      settled(open.transaction(STORE, 'readwrite').objectStore(STORE).put(encodeTrace(trace, { alternatives }), LAST)),
    )
    .catch(() => undefined);
}

export async function recallRun(): Promise<Trace | undefined> {
  try {
    const open = await database();
    const json = await settled<unknown>(open.transaction(STORE).objectStore(STORE).get(LAST));
    return typeof json === 'string' ? decodeTrace(json) : undefined;
  } catch {
    return undefined;
  }
}
