/**
 * Mistakes put into a text, for networks that learn to repair one: slips of typing, words left out, words written twice,
 * words in the wrong order. All chance comes from seed and number, so the same text gets the same mistakes everywhere.
 */
import { type Pair, Stream, stepKey, uniform, word } from './rng.ts';

export const MISTAKES = ['typos', 'drop', 'double', 'order', 'mixed'] as const;
export type MistakeKind = (typeof MISTAKES)[number];

export interface MistakeDraw {
  readonly seed: number;
  /** Of the text. */
  readonly number: number;
}

/** Keys beside each other on a keyboard, by letter. */
const NEAR: Readonly<Record<string, string>> = {
  q: 'wa',
  w: 'qes',
  e: 'wrd',
  r: 'etf',
  t: 'ryg',
  y: 'tuh',
  u: 'yij',
  i: 'uok',
  o: 'ipl',
  p: 'ol',
  a: 'qsz',
  s: 'awdx',
  d: 'sefc',
  f: 'drgv',
  g: 'fthb',
  h: 'gyjn',
  j: 'hukm',
  k: 'jil',
  l: 'kop',
  z: 'asx',
  x: 'zsdc',
  c: 'xdfv',
  v: 'cfgb',
  b: 'vghn',
  n: 'bhjm',
  m: 'njk',
};

/** Fewer letters than this are left as they are: nobody could tell what was meant. */
const FEWEST_LETTERS = 3;

/**
 * The text in which each word has a mistake of this kind with chance `rate`; of mixed mistakes each is of a random kind.
 * Words are what stands between white space, which stays as it is. A word without a mistake of its kind (a slip in a number,
 * an exchange at the end) stays, too.
 */
export function withMistakes(text: string, kind: MistakeKind, rate: number, { seed, number }: MistakeDraw): string {
  const key = stepKey(seed, number, Stream.Mistake);
  const parts = text.split(/(\s+)/);
  const count = Math.ceil(parts.length / 2);
  const wordAt = (place: number) => parts[2 * place] ?? '';
  const gapAfter = (place: number) => parts[2 * place + 1] ?? '';
  const out: string[] = [];
  for (let place = 0; place < count; place++) {
    const own = wordAt(place);
    const gap = gapAfter(place);
    const draw = (of: number) => uniform(word(key, place, of));
    if (own === '' || draw(0) >= rate) {
      out.push(own, gap);
      continue;
    }
    const last = place + 1 >= count || wordAt(place + 1) === '';
    switch (kind === 'mixed' ? KINDS[Math.floor(draw(1) * KINDS.length)] : kind) {
      case 'typos':
        out.push(slip(own, key, place), gap);
        break;
      case 'drop':
        // The last one takes the gap before it along, and stays where no other has.
        if (!last) break;
        if (out.length < 2) out.push(own, gap);
        else out.splice(-1, 1, gap);
        break;
      case 'double':
        out.push(own, ' ', own, gap);
        break;
      default:
        if (last) {
          out.push(own, gap);
          break;
        }
        out.push(wordAt(place + 1), gap, own, gapAfter(place + 1));
        place++;
    }
  }
  return out.join('');
}

const KINDS = MISTAKES.filter((kind) => kind !== 'mixed');

/** One slip in a word: two letters in the wrong order, one left out, one twice, or one from the next key. */
function slip(own: string, key: Pair, place: number): string {
  const letters = [...own].flatMap((letter, i) => (letter.toLowerCase() in NEAR ? [i] : []));
  if (letters.length < FEWEST_LETTERS || own.length !== [...own].length) return own;
  const draw = (of: number, options: number) => Math.floor(uniform(word(key, place, of)) * options);
  const at = letters[draw(2, letters.length)] as number;
  const letter = own[at] as string;
  const put = (between: string, from: number, to: number) => own.slice(0, from) + between + own.slice(to);
  switch (draw(3, 4)) {
    case 0: {
      const other = letters.includes(at + 1) ? at : at - 1;
      const [first, second] = [own[other] ?? '', own[other + 1] ?? ''];
      if (first !== second && letters.includes(other)) return put(second + first, other, other + 2);
      return put('', at, at + 1);
    }
    case 1:
      return put('', at, at + 1);
    case 2:
      return put(letter + letter, at, at + 1);
    default: {
      const near = NEAR[letter.toLowerCase()] as string;
      const wrong = near[draw(4, near.length)] as string;
      return put(letter === letter.toLowerCase() ? wrong : wrong.toUpperCase(), at, at + 1);
    }
  }
}
