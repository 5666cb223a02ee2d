/** The texts of a run on the command line: a file, what comes with the page, or WikiText from a hub. */
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Store } from '../checkpoint/store/store.ts';
import { OPENINGS } from '../diffusion/openings.ts';
import { nodeDisk } from '../node/disk.ts';
import { folderSource } from '../node/folder.ts';
import { readPairs } from '../training/data/pairs.ts';
import { readTexts, type Texts } from '../training/data/texts.ts';
import { fetchWikitext, WIKITEXTS } from '../training/data/wikitext.ts';
import type { TrainSettings } from '../training/train-settings.ts';
import type { StatusLine } from './program.ts';

const STORIES = fileURLToPath(new URL('../../public/data/little-stories.txt', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../public/data/sample.txt', import.meta.url));
const TALK = fileURLToPath(new URL('../../public/data/talk.jsonl', import.meta.url));
const CACHE = fileURLToPath(new URL('../../.cache/data', import.meta.url));

/** Which column was taken, of which. */
export function aboutTable({ column, columns = [] }: Partial<Pick<Texts, 'column' | 'columns'>>): string[] {
  if (column === undefined) return [];
  const others = columns.filter((name) => name !== column);
  if (others.length === 0) return [`The text is the column "${column}".`];
  return [`The text is the column "${column}"; --column takes another: ${others.slice(0, 20).join(', ')}.`];
}

/** Texts that come with the page, by their names. */
const shipped = new Map([
  ['stories', STORIES],
  ['sample', SAMPLE],
  ['talk', TALK],
]);

/** The texts to learn and, where there are, those given to hold out. */
export async function readData(settings: TrainSettings, hub: string, status: StatusLine): Promise<Data> {
  if (settings.objective === 'grpo') {
    const given = settings.data === 'sample' ? undefined : await readFile(settings.data, settings, status);
    const valid = await readFile(settings.valid === '' ? SAMPLE : settings.valid, settings, status);
    return { texts: given?.texts ?? OPENINGS, notes: given?.notes ?? [], valid: valid.texts };
  }
  if (settings.objective === 'vrpo') {
    const file = resolve(settings.data);
    const pairs = await readPairs(await folderSource(dirname(file)), basename(file));
    // What is to stay as likely as it was: other texts than those of the pairs.
    const valid = await readFile(settings.valid === '' ? SAMPLE : settings.valid, settings, status);
    return { texts: pairs.texts, notes: pairs.notes, valid: valid.texts };
  }
  const wikitext = WIKITEXTS.find((name) => name === settings.data);
  if (wikitext === undefined) {
    const texts = await readFile(shipped.get(settings.data) ?? settings.data, settings, status);
    const valid = settings.valid === '' ? undefined : (await readFile(settings.valid, settings, status)).texts;
    return { ...texts, valid };
  }
  const onProgress = ({ loaded, total }: { loaded: number; total: number }) =>
    status.show(`${wikitext}: ${Math.round((100 * loaded) / total)} % of ${(total / 1e6).toFixed(1)} MB`);
  const {
    source,
    train: files,
    heldOut,
  } = await fetchWikitext(new Store(await nodeDisk(CACHE)), wikitext, { endpoint: hub }, { onProgress });
  const texts: string[] = [];
  for (const file of files) for (const text of (await readTexts(source, file)).texts) texts.push(text);
  return { texts, valid: (await readTexts(source, heldOut)).texts, notes: [] };
}

interface Data extends Pick<Texts, 'texts' | 'notes'>, Partial<Pick<Texts, 'column' | 'columns'>> {
  readonly valid: readonly string[] | undefined;
}

async function readFile(path: string, { column, rows }: TrainSettings, status: StatusLine): Promise<Texts> {
  const file = resolve(path);
  const texts = await readTexts(await folderSource(dirname(file)), basename(file), { column, chats: rows === 'chats' });
  if (texts.cut) status.say(`${path} is larger than what is read at once; its end is left out.`);
  return texts;
}
