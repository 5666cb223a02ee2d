/** What a server in a classroom offers: `GET /api/models`, which a hub of thousands is not asked for. */
import { isObject } from '../damage.ts';
import { notAHub } from './hub.ts';
import { type Asking, ask, patiently, textOf } from './request.ts';

export interface OfferedModel {
  readonly id: string;
  readonly bytes: number;
}

/** The header by which `serve-models` says that its list is short and complete. */
export const LISTS = 'X-Unmask-Models';

/** The list is cut here, whatever comes. */
const MOST = 500;

/** Undefined where the address is one of a hub that does not list itself so. Throws `UnmaskError` code `network`. */
export function offeredModels(endpoint: string, asking: Asking = {}): Promise<readonly OfferedModel[] | undefined> {
  const url = `${endpoint.replace(/\/+$/, '')}/api/models?limit=1`;
  return patiently(async (outer) => {
    const signal = AbortSignal.any([outer, AbortSignal.timeout(asking.patience?.stallMs ?? 15_000)]);
    const response = await ask(url, 'api/models', { signal });
    if (!response.headers.has(LISTS)) {
      await response.body?.cancel();
      return undefined;
    }
    const list = parsed(await textOf(response));
    if (!Array.isArray(list)) throw notAHub(endpoint);
    return read(list);
  }, asking);
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '') as unknown;
  } catch {
    return undefined;
  }
}

function read(list: readonly unknown[]): readonly OfferedModel[] {
  return list.slice(0, MOST).flatMap((one) => {
    if (!isObject(one) || typeof one['id'] !== 'string' || one['id'].length > 200) return [];
    const bytes = one['usedStorage'];
    return [{ id: one['id'], bytes: Number.isSafeInteger(bytes) ? (bytes as number) : 0 }];
  });
}
