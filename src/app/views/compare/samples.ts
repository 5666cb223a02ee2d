/**
 * Texts of the frontier that were written on this machine, kept in the browser's database, so that a computation that was
 * stopped goes on where it was. Storage may be full or forbidden; then nothing is kept and nothing breaks.
 */
import type { Sample, Task } from '../../../diffusion/frontier.ts';
import { formatLink } from '../../../diffusion/link.ts';

const STORE = 'samples';
/** Rises when stored samples stop being what would be written now. */
const VERSION = 1;

let opening: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('unmask-frontier', VERSION);
    request.onupgradeneeded = () => {
      for (const name of request.result.objectStoreNames) request.result.deleteObjectStore(name);
      request.result.createObjectStore(STORE);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

/** What a sample depends on: the two models and every setting. */
export function sampleKey({ point, prompt, seed }: Task, models: string): string {
  return `${models} ${point.writer} ${formatLink({ ...point.settings, prompt, seed })}`;
}

export async function storedSamples(keys: readonly string[]): Promise<(Sample | undefined)[]> {
  try {
    const store = (await database()).transaction(STORE).objectStore(STORE);
    return await Promise.all(
      keys.map(
        (key) =>
          new Promise<Sample | undefined>((resolve, reject) => {
            const request = store.get(key) as IDBRequest<Sample | undefined>;
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
          }),
      ),
    );
  } catch {
    return keys.map(() => undefined);
  }
}

export async function storeSample(key: string, sample: Sample): Promise<void> {
  try {
    (await database()).transaction(STORE, 'readwrite').objectStore(STORE).put(sample, key);
  } catch {
    // The sample is in memory all the same.
  }
}

export async function forgetSamples(): Promise<void> {
  try {
    (await database()).transaction(STORE, 'readwrite').objectStore(STORE).clear();
  } catch {
    // There was nothing to forget.
  }
}
