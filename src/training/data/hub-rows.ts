/** Rows of a data set of the hub, from one Parquet file of the branch into which the hub converts every data set. */
import { download, type FetchOptions } from '../../checkpoint/hub/download.ts';
import { listDataset } from '../../checkpoint/hub/hub.ts';
import { BRIEF } from '../../checkpoint/hub/request.ts';
import type { Store } from '../../checkpoint/store/store.ts';
import type { Row } from './fields.ts';
import { readRows } from './rows.ts';

const CONVERTED = 'refs/convert/parquet';

/** Fetches what the store lacks; kept there like a model. Throws `UnmaskError` (network, storage, data) or the signal's reason. */
export async function fetchRows(
  store: Store,
  { id, file }: { readonly id: string; readonly file: string },
  { endpoint }: { readonly endpoint: string },
  options: FetchOptions = {},
): Promise<{ readonly rows: readonly Row[]; readonly commit: string }> {
  const name = `${id}/${file}`;
  const items = await store.list();
  const here = items.find((each) => each.kind === 'dataset' && each.name === name && (each.complete || each.inMemory));
  const asking = { patience: BRIEF, ...options };
  const listing = here ? undefined : await listDataset({ endpoint, id, revision: CONVERTED }, [file], asking);
  const key = here?.key ?? (await download(store, { ...(listing as NonNullable<typeof listing>), name }, options)).key;
  const commit = here?.commit ?? listing?.commit ?? '';
  return { rows: await readRows(await store.source(key), file, { signal: options.signal }), commit };
}
