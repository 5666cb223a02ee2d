/**
 * WikiText (Merity et al., arXiv 1609.07843) from the hub: the Parquet files of `Salesforce/wikitext` at one commit,
 * fetched by ranges, checked, and kept in the store like models. The data set's own validation part is what is held out.
 */
import { download, type FetchOptions } from '../../checkpoint/hub/download.ts';
import { listDataset } from '../../checkpoint/hub/hub.ts';
import { BRIEF } from '../../checkpoint/hub/request.ts';
import type { FileSource } from '../../checkpoint/model.ts';
import type { Store } from '../../checkpoint/store/store.ts';

export const WIKITEXTS = ['wikitext-2', 'wikitext-103'] as const;
export type WikitextName = (typeof WIKITEXTS)[number];

const ID = 'Salesforce/wikitext';
export const REVISION = 'b08601e04326c79dfdd32d625aee71d232d685c3';
const FILES: Readonly<Record<WikitextName, { readonly train: readonly string[]; readonly heldOut: string }>> = {
  'wikitext-2': {
    train: ['wikitext-2-raw-v1/train-00000-of-00001.parquet'],
    heldOut: 'wikitext-2-raw-v1/validation-00000-of-00001.parquet',
  },
  'wikitext-103': {
    train: [0, 1].map((part) => `wikitext-103-raw-v1/train-0000${part}-of-00002.parquet`),
    heldOut: 'wikitext-103-raw-v1/validation-00000-of-00001.parquet',
  },
};

export interface FetchedData {
  /** Its key in the store. */
  readonly key: string;
  readonly source: FileSource;
  readonly train: readonly string[];
  readonly heldOut: string;
}

/** What is in the store of it, whole: no network is needed then. */
export async function storedWikitext(store: Store, name: WikitextName): Promise<FetchedData | undefined> {
  const items = await store.list();
  const item = items.find((each) => each.kind === 'dataset' && each.name === name && (each.complete || each.inMemory));
  return item && { key: item.key, source: await store.source(item.key), ...FILES[name] };
}

/** Fetches what the store lacks. Throws `UnmaskError` (network, storage) or the signal's reason. */
export async function fetchWikitext(
  store: Store,
  name: WikitextName,
  { endpoint, revision = REVISION }: { readonly endpoint: string; readonly revision?: string },
  options: FetchOptions = {},
): Promise<FetchedData> {
  const here = await storedWikitext(store, name);
  if (here) return here;
  const { train, heldOut } = FILES[name];
  // Whoever waits for the first byte is told soon when nobody answers; a download that has begun is waited for longer.
  const asking = { patience: BRIEF, ...options };
  const listing = await listDataset({ endpoint, id: ID, revision }, [...train, heldOut], asking);
  const { key } = await download(store, { ...listing, name }, options);
  return { key, source: await store.source(key), train, heldOut };
}
