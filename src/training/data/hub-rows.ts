/** Rows of a data set of the hub, from Parquet files of the branch into which the hub converts every data set. */
import { download, type FetchOptions } from '../../checkpoint/hub/download.ts';
import { listDataset } from '../../checkpoint/hub/hub.ts';
import { BRIEF } from '../../checkpoint/hub/request.ts';
import type { Store } from '../../checkpoint/store/store.ts';
import type { Row } from './fields.ts';
import { readRows } from './rows.ts';

const CONVERTED = 'refs/convert/parquet';

/** A file, and the subject of its rows where they do not say it. */
interface DataFile {
  readonly file: string;
  readonly subject?: string;
}

/** Fetches what the store lacks; kept there like a model. Throws `UnmaskError` (network, storage, data) or the signal's reason. */
export async function fetchRows(
  store: Store,
  { id, files }: { readonly id: string; readonly files: readonly DataFile[] },
  { endpoint }: { readonly endpoint: string },
  options: FetchOptions = {},
): Promise<{ readonly rows: readonly Row[]; readonly commit: string }> {
  const names = files.map(({ file }) => file);
  const name = names.length === 1 ? `${id}/${names[0]}` : `${id} (${names.length})`;
  const items = await store.list();
  const here = items.find((each) => each.kind === 'dataset' && each.name === name && (each.complete || each.inMemory));
  const asking = { patience: BRIEF, ...options };
  const listing = here ? undefined : await listDataset({ endpoint, id, revision: CONVERTED }, names, asking);
  const key = here?.key ?? (await download(store, { ...(listing as NonNullable<typeof listing>), name }, options)).key;
  const commit = here?.commit ?? listing?.commit ?? '';
  const source = await store.source(key);
  const rows: Row[] = [];
  for (const { file, subject } of files) {
    const own = await readRows(source, file, { signal: options.signal });
    for (const row of own) rows.push(subject === undefined ? row : { subject, ...row });
  }
  return { rows, commit };
}
