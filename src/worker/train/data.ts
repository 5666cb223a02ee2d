/** The texts of a run: read once from where they come, then kept beside the run, so that it goes on after a reload. */

import { httpSource } from '../../checkpoint/http-source.ts';
import type { FetchProgress } from '../../checkpoint/hub/download.ts';
import type { FileSource } from '../../checkpoint/model.ts';
import { droppedSource } from '../../checkpoint/sources.ts';
import type { Disk } from '../../checkpoint/store/disk.ts';
import type { Store } from '../../checkpoint/store/store.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { readPairs } from '../../training/data/pairs.ts';
import { readTexts, type Texts, textsOf } from '../../training/data/texts.ts';
import { fetchWikitext } from '../../training/data/wikitext.ts';
import { utf8 } from '../../training/model-files.ts';
import type { TrainData } from '../protocol.train.ts';
import { readJson, runDisk } from './run-store.ts';

/** Texts, or a data set of the store that has its own held-out part. */
export type Origin =
  | ({
      readonly kind: 'texts';
      /** Given to measure on. */
      readonly valid?: readonly string[];
    } & Pick<Texts, 'texts' | 'columns' | 'column' | 'cut'> &
      Partial<Pick<Texts, 'notes'>>)
  | { readonly kind: 'stored'; readonly key: string; readonly train: readonly string[]; readonly heldOut: string };

interface Reading {
  readonly column: string;
  /** The data are conversations, of which the last answers are learnt. */
  readonly chats?: boolean;
  /** The data are pairs of answers. */
  readonly pairs?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
  /** Characters of a Parquet file that are enough. */
  readonly most?: number;
}

const FILE = 'data.json';

/** Throws `UnmaskError`: data, network, storage; or the signal's reason. */
export async function originOf(
  data: TrainData,
  store: Store,
  { column, chats, pairs, signal, onProgress, most }: Reading,
): Promise<Origin> {
  const fromFile = async (source: FileSource, file: string): Promise<Origin> => ({
    kind: 'texts',
    ...(pairs
      ? await readPairs(source, file, { signal })
      : await readTexts(source, file, { column, chats, signal, most })),
  });
  switch (data.kind) {
    case 'text': {
      if (chats) throw noChats();
      const { texts } = textsOf(data.text);
      if (texts.length > 0) return { kind: 'texts', texts, cut: false };
      throw new UnmaskError({
        code: 'data',
        message: 'There is no text yet.',
        remedy: 'Paste some, or choose a file.',
      });
    }
    case 'file':
      return fromFile(droppedSource([data.file]), data.file.name);
    case 'url': {
      const at = data.url.lastIndexOf('/') + 1;
      return fromFile(httpSource(data.url.slice(0, at)), data.url.slice(at));
    }
    case 'wikitext': {
      if (chats) throw noChats();
      const { name, endpoint } = data;
      const { key, train, heldOut } = await fetchWikitext(store, name, { endpoint }, { signal, onProgress });
      return { kind: 'stored', key, train, heldOut };
    }
    case 'run':
      return keptOrigin(runDisk(store.disk, data.run));
  }
}

function noChats(): UnmaskError {
  const message = 'These texts are no conversations.';
  return new UnmaskError({ code: 'data', message, remedy: 'Choose a file of conversations, or other rows.' });
}

/** The texts themselves, from all files of a stored data set or as much of them as is enough. */
export async function textsFrom(origin: Origin, store: Store, { signal, most }: Pick<Reading, 'signal' | 'most'>) {
  if (origin.kind === 'texts') {
    const { texts, valid, cut, notes = [] } = origin;
    return { texts, valid, cut, notes };
  }
  const source = await store.source(origin.key);
  const texts: string[] = [];
  let [cut, characters] = [false, 0];
  for (const file of origin.train) {
    if (most !== undefined && characters > most) cut = true;
    else {
      const part = await readTexts(source, file, { signal, most });
      for (const text of part.texts) texts.push(text);
      characters += part.characters;
      cut ||= part.cut;
    }
  }
  return { texts, valid: (await readTexts(source, origin.heldOut, { signal, most })).texts, cut, notes: [] };
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
