/**
 * What the rooms below the page say — errors, their remedies, notices of the device — in the language of the page. As in
 * gettext the English sentence is the key: those rooms say what they say on the command line, too, and need no table of
 * codes. A key has names where a sentence has values, "There is no file {name}."; a value may be such a text itself.
 */
import type { ErrorData } from '../../diffusion/error.ts';
import { say, sentences } from './format.ts';
import { type Errors, errors } from './words.ts';

interface Pattern {
  readonly text: string;
  readonly matches: RegExp;
}

const patterns = new WeakMap<Errors, readonly Pattern[]>();

/** The keys with places. */
function patternsOf(catalogue: Errors): readonly Pattern[] {
  const known = patterns.get(catalogue);
  if (known) return known;
  const made = Object.entries(catalogue)
    .filter(([key]) => key.includes('{'))
    .map(([key, text]) => {
      const escaped = key.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
      return { text, matches: new RegExp(`^${escaped.replace(/\{(\w+)\}/g, '(?<$1>.+?)')}$`, 's') };
    });
  patterns.set(catalogue, made);
  return made;
}

/**
 * A sentence in the language of the page; one that no translator has seen stays English. Where it can be read in several
 * ways, the one counts that leaves the fewest English letters.
 */
export function told(sentence: string): string {
  const whole = errors[sentence];
  if (whole !== undefined) return whole;
  let best = sentence;
  for (const { text, matches } of patternsOf(errors)) {
    const values = matches.exec(sentence)?.groups;
    if (!values) continue;
    const read = say(text, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, inside(value)])));
    if (letters(read) < letters(best)) best = read;
  }
  return best;
}

const letters = (text: string) => text.match(/[A-Za-z]/g)?.length ?? 0;

/** A value in a sentence; one that is a sentence itself stands there without its full stop. */
function inside(value: string): string {
  const text = told(value);
  if (text !== value) return text;
  const sentence = told(`${value}.`);
  return sentence === `${value}.` ? value : sentence.replace(/[.。]$/, '');
}

/** What happened, and what to do about it. */
export const toldError = ({ message, remedy }: Pick<ErrorData, 'message' | 'remedy'>): string =>
  sentences(told(message), told(remedy));
