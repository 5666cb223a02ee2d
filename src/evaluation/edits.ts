/**
 * How well a network repairs texts: mistakes are put into them (`mistakes.ts`), and what the network makes of them is
 * compared with what they were. Exact matches, and the edit distance in characters to the right text before and after
 * (Levenshtein 1965): a network that does nothing leaves the distance as it was, one that harms raises it.
 */
import type { Tokenizer } from '../checkpoint/model.ts';
import { editDistance } from '../diffusion/edit-flow/align.ts';
import { type EditWay, editTexts } from '../diffusion/edit-flow/repair.ts';
import { MISTAKES, type MistakeKind, withMistakes } from '../diffusion/mistakes.ts';
import type { Network } from '../diffusion/network.ts';

export interface EditTask {
  readonly kind: MistakeKind;
  /** Share of the words that get a mistake. */
  readonly rate: number;
  readonly seed: number;
}

/** One text on its way. */
export interface Repair {
  readonly right: string;
  readonly given: string;
  readonly made: string;
  /** Characters from the right text. */
  readonly before: number;
  readonly after: number;
  readonly forwards: number;
}

export interface EditScore {
  readonly texts: number;
  /** How many were right with their mistakes, because none hit, and of these how many stayed so. */
  readonly untouched: { readonly texts: number; readonly kept: number };
  /** Of those with mistakes: how many came out as they had been. */
  readonly mistaken: {
    readonly texts: number;
    readonly repaired: number;
    readonly better: number;
    readonly worse: number;
  };
  /** Sums over all texts, characters. */
  readonly before: number;
  readonly after: number;
  readonly characters: number;
  readonly forwards: number;
}

/** Texts that go through the network together. */
const TOGETHER = 8;

/** The kinds to be measured apart: all of a mix, and the mix; or the one. */
export function kindsOf(kind: MistakeKind): readonly MistakeKind[] {
  return kind === 'mixed' ? MISTAKES : [kind];
}

/** Stretches of whole sentences of at most so many characters; a longer sentence is left out. */
export function stretches(text: string, most: number): string[] {
  const found: string[] = [];
  let open = '';
  for (const sentence of text.split(/(?<=[.!?]["”’]?)\s+|\n+/).filter((each) => each.trim() !== '')) {
    const longer = open === '' ? sentence : `${open} ${sentence}`;
    if (longer.length <= most) open = longer;
    else {
      if (open !== '') found.push(open);
      open = sentence.length <= most ? sentence : '';
    }
  }
  return open === '' ? found : [...found, open];
}

/** `startId` begins every text. Throws what the network throws, or the signal's reason. */
export async function repairTexts(
  network: Pick<Network, 'edits' | 'info'>,
  { tokenizer, startId }: { readonly tokenizer: Pick<Tokenizer, 'encode' | 'decode'>; readonly startId: number },
  texts: readonly string[],
  { kind, rate, seed }: EditTask,
  how: EditWay,
  {
    temperature = 0,
    signal,
    onProgress,
  }: {
    readonly temperature?: number;
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number) => void;
  } = {},
): Promise<Repair[]> {
  const { maskId } = network.info;
  // As the tokenizer writes it: what it cannot say is no mistake of the network.
  const rightOf = (text: string) => tokenizer.decode(tokenizer.encode(text)).trim();
  const repairs: Repair[] = [];
  for (let from = 0; from < texts.length; from += TOGETHER) {
    const some = texts.slice(from, from + TOGETHER).map((text, i) => {
      const right = rightOf(text);
      return { right, given: withMistakes(right, kind, rate, { seed, number: from + i }) };
    });
    const ids = some.map(({ given }) => Int32Array.from([startId, ...tokenizer.encode(given)]));
    const edited = await editTexts(network, ids, how, {
      seed,
      temperature,
      suppress: maskId === undefined ? [] : [maskId],
      signal,
    });
    for (const [i, { right, given }] of some.entries()) {
      const { ids: last, forwards } = edited[i] as (typeof edited)[number];
      const made = tokenizer.decode([...last.slice(1)]).trim();
      const [before, after] = [given, made].map((each) => editDistance([...each], [...right])) as [number, number];
      repairs.push({ right, given, made, before, after, forwards });
    }
    onProgress?.(repairs.length);
  }
  return repairs;
}

export function scoreOf(repairs: readonly Repair[]): EditScore {
  const untouched = repairs.filter(({ before }) => before === 0);
  const mistaken = repairs.filter(({ before }) => before > 0);
  const sum = (of: (repair: Repair) => number) => repairs.reduce((total, each) => total + of(each), 0);
  return {
    texts: repairs.length,
    untouched: { texts: untouched.length, kept: untouched.filter(({ after }) => after === 0).length },
    mistaken: {
      texts: mistaken.length,
      repaired: mistaken.filter(({ after }) => after === 0).length,
      better: mistaken.filter(({ before, after }) => after < before).length,
      worse: mistaken.filter(({ before, after }) => after > before).length,
    },
    before: sum(({ before }) => before),
    after: sum(({ after }) => after),
    characters: sum(({ right }) => right.length),
    forwards: sum(({ forwards }) => forwards),
  };
}
