/**
 * Which kernels were measured to be the fastest, kept between visits. A worker has no localStorage, so the few words lie
 * in IndexedDB; a window that keeps nothing measures again at its next visit.
 */
import type { TuningCache } from '../engine/tune.ts';

const DATABASE = 'unmask-tuning';
const STORE = 'tuning';

/** Never throws: a verdict that cannot be read or kept is only measured again. */
export function openTuningCache(factory: IDBFactory | undefined = globalThis.indexedDB): TuningCache {
  const here = new Map<string, string>();
  let opened: Promise<IDBDatabase> | undefined;
  const database = () => {
    opened ??= factory ? open(factory) : Promise.reject(new Error('no IndexedDB'));
    return opened;
  };
  return {
    async get(key) {
      const known = here.get(key);
      if (known !== undefined) return known;
      try {
        const store = (await database()).transaction(STORE).objectStore(STORE);
        const value = await settled(store.get(key));
        return typeof value === 'string' ? value : undefined;
      } catch {
        return undefined;
      }
    },
    async set(key, value) {
      here.set(key, value);
      try {
        await settled((await database()).transaction(STORE, 'readwrite').objectStore(STORE).put(value, key));
      } catch {
        // Kept for this visit.
      }
    },
  };
}

function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  });
}
