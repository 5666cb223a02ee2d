/** Evaluations of this browser, in a database of their own. Storage may be full or forbidden; then they last until the page is closed. */
import { type EvaluationRecord, wholeRecord } from '../../../evaluation/record.ts';
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

/** The newest first. One that is not whole, which no view could draw, is left out and stays where it is. */
export async function keptEvaluations(): Promise<readonly KeptEvaluation[]> {
  try {
    const store = (await database()).transaction(STORE).objectStore(STORE);
    const all = await new Promise<unknown[]>((resolve, reject) => {
      const request = store.getAll() as IDBRequest<unknown[]>;
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return all.flatMap(wholeOrNone).sort((a, b) => b.record.began.localeCompare(a.record.began));
  } catch {
    return [];
  }
}

export function wholeOrNone(value: unknown): KeptEvaluation[] {
  const { id, record, rows: kept } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string') return [];
  try {
    const rows = Object.entries(kept ?? {}).filter(([, each]) => Array.isArray(each));
    return [
      {
        id,
        record: wholeRecord(record),
        rows: Object.fromEntries(rows) as KeptEvaluation['rows'],
      },
    ];
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
