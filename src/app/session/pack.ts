/** The classroom pack as the page sees it: what goes in, how far it is, and the lessons that came with one. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../diffusion/error.ts';
import { CHAT, FOLDERS } from '../../diffusion/shipped.ts';
import type { Lesson } from '../../worker/protocol.ts';
import { compute } from './compute.ts';
import { refresh } from './library.ts';
import { recall, remember } from './remember.ts';

interface PackState {
  readonly doing: 'making' | 'opening' | undefined;
  readonly progress:
    | { readonly done: number; readonly total: number; readonly secondsLeft: number | undefined }
    | undefined;
  /** The pack that was made, ready to be saved. */
  readonly made: Blob | undefined;
  /** Names of the models that the last opened pack brought. */
  readonly taken: readonly string[] | undefined;
  /** Names of those that stayed as they were, because other files are here under their names. */
  readonly kept: readonly string[];
  readonly lessons: readonly Lesson[];
  /** Titles or numbers of the lessons that the last opened pack had and that lead nowhere. */
  readonly broken: readonly string[];
  readonly error: ErrorData | undefined;
}

const LESSONS = 'lessons';
const stored = recall<{ list: readonly Lesson[] }>(LESSONS, { list: [] }).list;

export const usePack = create<PackState>(() => ({
  doing: undefined,
  progress: undefined,
  made: undefined,
  taken: undefined,
  kept: [],
  // Within the page only, whatever was put into the storage.
  lessons: Array.isArray(stored)
    ? stored.filter((one) => typeof one?.title === 'string' && /^#\/\w/.test(one.link))
    : [],
  broken: [],
  error: undefined,
}));

const set = usePack.setState;

/** Paths of the page's own models, from the page's folder. */
export const APP_FILES = FOLDERS.flatMap((name) =>
  ['config.json', 'tokenizer.json', 'model.safetensors', ...(name === CHAT ? ['tokenizer_config.json'] : [])].map(
    (file) => `models/${name}/${file}`,
  ),
);

let stop: AbortController | undefined;

async function doing(what: 'making' | 'opening', work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  stop?.abort();
  const own = new AbortController();
  stop = own;
  set({ doing: what, progress: undefined, made: undefined, taken: undefined, kept: [], broken: [], error: undefined });
  try {
    await work(own.signal);
  } catch (cause) {
    if (!own.signal.aborted) set({ error: UnmaskError.from(cause).toJSON() });
  } finally {
    if (stop === own) set({ doing: undefined, progress: undefined });
  }
}

function meter() {
  const began = performance.now();
  return ({ done, total }: { done: number; total: number }) => {
    const seconds = (performance.now() - began) / 1000;
    const secondsLeft = seconds > 1 && done > 0 ? (seconds * (total - done)) / done : undefined;
    set({ progress: { done, total, secondsLeft } });
  };
}

/** `models` are keys of the store; `lessons` is text, a title and a link on each line. */
export function makeOne(models: readonly string[], app: boolean, lessons: readonly Lesson[]): Promise<void> {
  return doing('making', async (signal) => {
    const request = { models, page: document.baseURI, app: app ? APP_FILES : [], lessons };
    const report = meter();
    for await (const event of (await compute()).run('makePack', request, signal)) {
      if (event.kind === 'packing') report(event);
      else set({ made: event.pack });
    }
  });
}

export function openOne(pack: Blob): Promise<void> {
  void navigator.storage?.persist?.();
  return doing('opening', async (signal) => {
    const report = meter();
    for await (const event of (await compute()).run('openPack', { pack, page: document.baseURI }, signal)) {
      if (event.kind === 'packing') report(event);
      else {
        const { models: taken, kept, broken } = event.opened;
        const lessons = event.opened.lessons.length > 0 ? event.opened.lessons : usePack.getState().lessons;
        remember(LESSONS, { list: lessons });
        set({ taken, kept, broken, lessons });
      }
    }
    await refresh();
  });
}

export function cancelPack(): void {
  stop?.abort();
}

export function forgetLessons(): void {
  remember(LESSONS, { list: [] });
  set({ lessons: [] });
}

/** Lessons as people type them: a link to this page on each line, its title before it. The first line that is none. */
export function parseLessons(text: string): {
  readonly lessons: readonly Lesson[];
  readonly wrong: string | undefined;
} {
  const lessons: Lesson[] = [];
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue;
    const found = /^(.*?)\s*(?:https?:\S*?)?(#\/\w\S*)$/.exec(line);
    if (!found) return { lessons, wrong: line };
    const [, title = '', link = ''] = found;
    lessons.push({ title: title || `${lessons.length + 1}`, link });
  }
  return { lessons, wrong: undefined };
}
