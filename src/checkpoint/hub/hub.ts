/**
 * A repository of the Hugging Face hub, or of a server with its addresses: which commit a name stands for, which files
 * it has, their sizes and checksums, and whether Unmask can run the model, all before anything large is fetched.
 * `GET /api/models/{id}/revision/{revision}` gives the commit, `/api/models/{id}/tree/{commit}` the files, in pages.
 */

import { hubName } from '../../diffusion/model-id.ts';
import type { Described } from '../../model/families/index.ts';
import { said } from '../../text/said.ts';
import { CONFIG_FILE } from '../config.ts';
import { damaged, isObject, type Json, parseObject } from '../damage.ts';
import { shardNames } from '../shards.ts';
import type { Checksum } from '../store/hash.ts';
import type { StoredFile } from '../store/store.ts';
import { range } from './range.ts';
import { type Asking, ask, NoSuchRevision, networkError, PATIENCE, Passing, patiently, textOf } from './request.ts';

export interface HubAddress {
  /** Such as `https://huggingface.co`, or a server in the classroom. */
  readonly endpoint: string;
  /** `owner/name`, with `@revision` or without, or the address of one of its pages, whose revision counts. */
  readonly id: string;
  /** Branch, tag or commit; that of `id`, or `main`, unless told. */
  readonly revision?: string | undefined;
}

/** Files of one commit. */
export interface Listing {
  readonly kind: 'model' | 'dataset';
  readonly endpoint: string;
  readonly id: string;
  readonly revision: string;
  /** Forty hexadecimal digits; every file is asked for under it. */
  readonly commit: string;
  readonly files: readonly StoredFile[];
  readonly bytes: number;
  /** What the store calls it, unless by its id: parts of one repository are kept apart. */
  readonly name?: string;
}

const TOKENIZER = 'tokenizer.json';
const WEIGHTS = 'model.safetensors';
const SHARDS = 'model.safetensors.index.json';
const SMALL = [
  CONFIG_FILE,
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
] as const;

/** The address of one file of a listing. */
export function fileUrl({ kind, endpoint, id, commit }: Omit<Listing, 'files' | 'bytes'>, name: string): string {
  const path = name.split('/').map(encodeURIComponent).join('/');
  return `${endpoint}/${kind === 'dataset' ? 'datasets/' : ''}${id}/resolve/${commit}/${path}`;
}

/** What a model needs: its configuration, its tokenizer and its weights. Throws `UnmaskError`: network or checkpoint. */
export async function listModel(address: HubAddress, asking: Asking = {}): Promise<Listing> {
  const head = await pin('model', address, asking);
  const tree = await treeOf(head, '', asking);
  const has = (name: string) => tree.some((file) => file.name === name);
  if (!has(CONFIG_FILE))
    throw damaged(CONFIG_FILE, said`${head.id} has no config.json: it is no model that Unmask runs.`);
  if (!has(TOKENIZER)) {
    const remedy =
      'Choose another repository, or save its tokenizer anew with transformers (a fast one), which writes tokenizer.json.';
    throw damaged(TOKENIZER, said`${head.id} has no tokenizer.json, without which text cannot be read.`, { remedy });
  }
  const weights = has(WEIGHTS) ? [WEIGHTS] : has(SHARDS) ? [SHARDS, ...(await shardsOf(head, tree, asking))] : [];
  if (weights.length === 0) {
    const remedy = 'Choose a repository with model.safetensors; other formats can run code and are not read.';
    throw damaged(WEIGHTS, said`${head.id} has no weights in safetensors format.`, { remedy });
  }
  const lost = weights.find((name) => !has(name));
  if (lost !== undefined) throw damaged(SHARDS, said`${head.id} lacks ${lost}, which ${SHARDS} names.`);
  const wanted = new Set<string>([...SMALL, ...weights]);
  return listing(
    head,
    tree.filter(({ name }) => wanted.has(name)),
  );
}

/** The files that the list of shards names, whatever they are called. */
async function shardsOf(head: Head, tree: readonly StoredFile[], asking: Asking): Promise<readonly string[]> {
  const list = tree.find(({ name }) => name === SHARDS) as StoredFile;
  return shardNames(parseObject(SHARDS, await readRemote(head, list, 0, list.size, asking))['weight_map']);
}

/** Bytes `[start, end)` of a file of this commit. Throws `UnmaskError` code `network`. */
export function readRemote(
  head: Head,
  { name, size }: StoredFile,
  start: number,
  end: number,
  { signal, patience = PATIENCE }: Asking,
): Promise<Uint8Array<ArrayBuffer>> {
  const remote = { name, size, url: fileUrl(head, name) };
  return patiently(
    async (alive) => {
      const bytes = new Uint8Array(end - start);
      let at = 0;
      for await (const part of range(remote, start, end, alive, patience)) {
        bytes.set(part, at);
        at += part.length;
      }
      return bytes;
    },
    { signal, patience },
  );
}

/** Named files of a data set, such as the Parquet files of one split. Throws `UnmaskError` code `network`. */
export async function listDataset(
  address: HubAddress,
  names: readonly string[],
  asking: Asking = {},
): Promise<Listing> {
  const head = await pin('dataset', address, asking);
  const folders = new Set(names.map((name) => name.slice(0, Math.max(0, name.lastIndexOf('/')))));
  const tree = (await Promise.all([...folders].map((folder) => treeOf(head, folder, asking)))).flat();
  const files = names.map((name) => {
    const file = tree.find((each) => each.name === name);
    if (file === undefined)
      throw networkError(said`${head.id} has no file ${name}.`, 'Check its name on the hub.', name);
    return file;
  });
  return listing(head, files);
}

/** All files of a model repository that lie in these folders; '' is its top. Throws `UnmaskError` code `network`. */
export async function listFolders(
  address: HubAddress,
  folders: readonly string[],
  asking: Asking = {},
): Promise<Listing> {
  const head = await pin('model', address, asking);
  return listing(head, (await Promise.all(folders.map((folder) => treeOf(head, folder, asking)))).flat());
}

type Head = Omit<Listing, 'files' | 'bytes'>;

function listing(head: Head, files: readonly StoredFile[]): Listing {
  return { ...head, files, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

async function pin(kind: Listing['kind'], address: HubAddress, asking: Asking): Promise<Head> {
  const endpoint = baseOf(address.endpoint);
  const name = hubName(address.id);
  if (name === undefined) throw networkError(said`"${address.id}" is not a hub id.`, 'Write it as owner/name.');
  const { id } = name;
  const revisions = address.revision === undefined ? name.revisions : [address.revision];
  let missing: unknown;
  for (const revision of revisions.length === 0 ? ['main'] : revisions) {
    try {
      return await pinned(kind, endpoint, id, revision, asking);
    } catch (cause) {
      // Where one address may mean several, the next; the first is what is told about.
      if (!(cause instanceof NoSuchRevision)) throw cause;
      missing ??= cause;
    }
  }
  throw missing;
}

async function pinned(
  kind: Listing['kind'],
  endpoint: string,
  id: string,
  revision: string,
  asking: Asking,
): Promise<Head> {
  const url = `${endpoint}/api/${kind}s/${id}/revision/${encodeURIComponent(revision)}`;
  const { value } = await askJson(url, `${id} (${revision})`, asking);
  const commit = isObject(value) ? value['sha'] : undefined;
  if (typeof commit === 'string' && /^[0-9a-f]{40}$/.test(commit)) return { kind, endpoint, id, revision, commit };
  throw notAHub(endpoint);
}

async function treeOf(head: Head, folder: string, asking: Asking): Promise<StoredFile[]> {
  const { kind, endpoint, id, commit } = head;
  const path = folder === '' ? '' : `/${folder.split('/').map(encodeURIComponent).join('/')}`;
  const files: StoredFile[] = [];
  let url: string | undefined = `${endpoint}/api/${kind}s/${id}/tree/${commit}${path}?recursive=false&expand=false`;
  const asked = new Set<string>();
  while (url !== undefined) {
    if (asked.has(url) || asked.size === MOST_PAGES) throw endless(endpoint, id);
    asked.add(url);
    const { value, next } = await askJson(url, id, asking);
    if (!Array.isArray(value)) throw notAHub(endpoint);
    for (const entry of value as unknown[]) {
      const file = isObject(entry) && entry['type'] === 'file' ? fileOf(entry, endpoint) : undefined;
      if (file !== undefined) files.push(file);
    }
    // A mirror may pass on the hub's own address; the next page is asked from where the first one came.
    url = next === undefined ? undefined : `${new URL(endpoint).origin}${next.pathname}${next.search}`;
  }
  return files;
}

/** Of a folder's list; the hub has a thousand files on each. */
const MOST_PAGES = 100;

function endless(endpoint: string, what: string) {
  const { host } = new URL(endpoint);
  const remedy = 'Check the address of the hub.';
  return networkError(said`${host} gives a list for ${what} that does not end.`, remedy);
}

function fileOf(entry: Json, endpoint: string): StoredFile {
  const { path: name, oid, lfs } = entry;
  const large = isObject(lfs) ? lfs : undefined;
  const size = large?.['size'] ?? entry['size'];
  const hex = large?.['oid'] ?? oid;
  const sum: Checksum = { kind: large === undefined ? 'git' : 'sha256', hex: String(hex) };
  const right = (sum.kind === 'git' ? /^[0-9a-f]{40}$/ : /^[0-9a-f]{64}$/).test(sum.hex);
  if (typeof name === 'string' && Number.isSafeInteger(size) && (size as number) >= 0 && right) {
    return { name, size: size as number, sum };
  }
  throw notAHub(endpoint);
}

/** JSON of the hub, and the address of the next page if there is one. */
function askJson(url: string, what: string, asking: Asking): Promise<{ value: unknown; next: URL | undefined }> {
  const stallMs = asking.patience?.stallMs ?? 30_000;
  return patiently(async (outer) => {
    const signal = AbortSignal.any([outer, AbortSignal.timeout(stallMs)]);
    try {
      const response = await ask(url, what, { signal });
      const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(response.headers.get('Link') ?? '')?.[1];
      const text = await textOf(response);
      if (text === undefined) throw endless(url, what);
      return { value: parsed(text, url), next: link === undefined ? undefined : new URL(link, url) };
    } catch (cause) {
      outer.throwIfAborted();
      if (!signal.aborted && !(cause instanceof TypeError)) throw cause;
      const { host } = new URL(url);
      throw new Passing(networkError(said`${host} does not answer.`, 'Try again later.', undefined, cause));
    }
  }, asking);
}

function parsed(text: string, url: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw notAHub(new URL(url).origin);
  }
}

export function notAHub(endpoint: string) {
  return networkError(said`${endpoint} does not answer as a hub does.`, 'Check the address of the hub.');
}

/** The address without a slash at its end. Throws `UnmaskError` code `network` for what is none. */
function baseOf(endpoint: string): string {
  try {
    const { protocol, origin, pathname } = new URL(endpoint);
    if (protocol === 'http:' || protocol === 'https:') return `${origin}${pathname.replace(/\/+$/, '')}`;
  } catch {
    // told below
  }
  throw networkError(said`"${endpoint}" is not a web address.`, 'Give an address that starts with https://.');
}

/** Throws `UnmaskError` code `checkpoint` for a decoder that was taught to classify: its end is not that of a writer. */
export function refuseClassifiers(bytes: Uint8Array, { arch }: Described, id: string): void {
  const { architectures } = parseObject(CONFIG_FILE, bytes);
  const [name] = Array.isArray(architectures) ? architectures : [];
  if (arch.head.dense !== undefined || typeof name !== 'string') return;
  if (!/For(SequenceClassification|TokenClassification|QuestionAnswering|MultipleChoice)$/.test(name)) return;
  const message = said`${id} is a ${name}: it sorts texts, and has no head that writes.`;
  throw damaged(CONFIG_FILE, message, { remedy: 'Choose a language model.' });
}
