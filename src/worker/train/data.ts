/** The texts of a run: read once from where they come, then kept beside the run, so that it goes on after a reload. */
import { httpSource } from '../../checkpoint/http-source.ts';
import type { FileSource } from '../../checkpoint/model.ts';
import { droppedSource } from '../../checkpoint/sources.ts';
import type { Disk } from '../../checkpoint/store/disk.ts';
import type { Store } from '../../checkpoint/store/store.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { readTexts, textsOf } from '../../training/data/texts.ts';
import { fetchWikitext } from '../../training/data/wikitext.ts';
import { utf8 } from '../../training/model-files.ts';
import type { TrainData } from '../protocol.train.ts';
import { readJson } from './run-store.ts';

/** Texts, or a data set of the store that has its own held-out part. */
export type Origin =
  | { readonly kind: 'texts'; readonly texts: readonly string[]; readonly cut: boolean }
  | { readonly kind: 'stored'; readonly key: string; readonly train: readonly string[]; readonly heldOut: string };

interface Reading {
  readonly column: string;
  readonly signal: AbortSignal;
  readonly onProgress: (loaded: number, total: number) => void;
}

const FILE = 'data.json';

/** Throws `UnmaskError`: data, network, storage; or the signal's reason. */
export async function originOf(
  data: TrainData,
  store: Store,
  { column, signal, onProgress }: Reading,
): Promise<Origin> {
  switch (data.kind) {
    case 'text': {
      const { texts } = textsOf(data.text);
      if (texts.length > 0) return { kind: 'texts', texts, cut: false };
      throw new UnmaskError({
        code: 'data',
        message: 'There is no text yet.',
        remedy: 'Paste some, or choose a file.',
      });
    }
    case 'file':
      return fromFile(droppedSource([data.file]), data.file.name, column, signal);
    case 'url': {
      const at = data.url.lastIndexOf('/') + 1;
      return fromFile(httpSource(data.url.slice(0, at)), data.url.slice(at), column, signal);
    }
    case 'wikitext': {
      const { name, endpoint } = data;
      const progress = {
        signal,
        onProgress: (now: { loaded: number; total: number }) => onProgress(now.loaded, now.total),
      };
      const { source, train, heldOut } = await fetchWikitext(store, name, { endpoint }, progress);
      const item = (await store.list()).find((each) => each.kind === 'dataset' && each.name === source.label);
      if (item === undefined) throw new Error(`${name} is not in the store after its download.`);
      return { kind: 'stored', key: item.key, train, heldOut };
    }
  }
}

async function fromFile(source: FileSource, file: string, column: string, signal: AbortSignal): Promise<Origin> {
  const { texts, cut } = await readTexts(source, file, { column, signal });
  return { kind: 'texts', texts, cut };
}

export async function textsFrom(origin: Origin, store: Store, signal: AbortSignal) {
  if (origin.kind === 'texts') return { texts: origin.texts, valid: undefined, cut: origin.cut };
  const source = await store.source(origin.key);
  const texts: string[] = [];
  let cut = false;
  for (const file of origin.train) {
    const part = await readTexts(source, file, { signal });
    for (const text of part.texts) texts.push(text);
    cut ||= part.cut;
  }
  return { texts, valid: (await readTexts(source, origin.heldOut, { signal })).texts, cut };
}

export async function keepOrigin(files: Disk, origin: Origin): Promise<void> {
  await files.put(FILE, utf8(JSON.stringify(origin)));
}

/** Throws `UnmaskError` code `storage` when the texts are gone. */
export async function keptOrigin(files: Disk): Promise<Origin> {
  const origin = (await readJson(files, FILE)) as Origin | undefined;
  if (origin?.kind === 'texts' || origin?.kind === 'stored') return origin;
  const message = 'The texts of this run are not in the storage of this browser any more.';
  throw new UnmaskError({ code: 'storage', message, remedy: 'Start a new run.' });
}
