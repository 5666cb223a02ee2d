/** Evaluations of this browser, in a database of their own. Storage may be full or forbidden; then they last until the page is closed. */
import type { EvaluationRecord } from '../../../evaluation/record.ts';
import { completeSettings } from '../../../evaluation/settings.ts';
import type { Row } from '../../../evaluation/tasks.ts';

export interface KeptEvaluation {
  readonly id: string;
  readonly record: EvaluationRecord;
  /** The rows of each task, so that it goes on without the file they came from. */
  readonly rows: Readonly<Record<string, readonly (Row | null)[]>>;
}

const STORE = 'evaluations';

let opening: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('unmask-evaluations', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'id' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

/** The newest first. */
export async function keptEvaluations(): Promise<readonly KeptEvaluation[]> {
  try {
    const store = (await database()).transaction(STORE).objectStore(STORE);
    const all = await new Promise<KeptEvaluation[]>((resolve, reject) => {
      const request = store.getAll() as IDBRequest<KeptEvaluation[]>;
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const whole = all.map(({ record, ...rest }) => ({
      ...rest,
      record: { ...record, settings: completeSettings(record.settings) },
    }));
    return whole.sort((a, b) => b.record.began.localeCompare(a.record.began));
  } catch {
    return [];
  }
}

export async function keep(evaluation: KeptEvaluation): Promise<void> {
  try {
    (await database()).transaction(STORE, 'readwrite').objectStore(STORE).put(evaluation);
  } catch {
    // It is in memory all the same.
  }
}

export async function forget(id: string): Promise<void> {
  try {
    (await database()).transaction(STORE, 'readwrite').objectStore(STORE).delete(id);
  } catch {
    // There was nothing to forget.
  }
}
