/**
 * What the rooms below the page say — errors, their remedies, notices of the device — in the language of the page. As in
 * gettext the English sentence is the key: those rooms say what they say on the command line, too, and need no table of
 * codes. A key has names where a sentence has values, "There is no file {name}."; a value may be such a text itself.
 */
import type { ErrorData } from '../../diffusion/error.ts';
import { english, type Text } from '../../diffusion/said.ts';
import { say, sentences } from './format.ts';
import { type Errors, errors } from './words.ts';

interface Translated {
  readonly text: string;
  /** Names of the values, in the order of English. */
  readonly names: readonly string[];
}

const tables = new WeakMap<Errors, ReadonlyMap<string, Translated>>();

/** The catalogue by the keys of `said`, whose values have no names. */
function tableOf(catalogue: Errors): ReadonlyMap<string, Translated> {
  const known = tables.get(catalogue);
  if (known) return known;
  const made = new Map(
    Object.entries(catalogue).map(([key, text]) => {
      const names = Array.from(key.matchAll(/\{(\w+)\}/g), ([, name]) => name as string);
      return [key.replace(/\{\w+\}/g, '{}'), { text, names }] as const;
    }),
  );
  tables.set(catalogue, made);
  return made;
}

/** A text in the language of the page; one that no translator has seen stays English. */
export function told(text: Text): string {
  if (typeof text === 'string') return errors[text] ?? text;
  if (text.key === '') return sentences(...text.values.map((each) => told(each as Text)));
  const values = text.values.map((value) => (typeof value === 'number' ? String(value) : inside(value)));
  const translated = tableOf(errors).get(text.key);
  if (translated === undefined) return english({ key: text.key, values });
  return say(translated.text, Object.fromEntries(translated.names.map((name, at) => [name, values[at] as string])));
}

/** A value in a sentence; one that is a sentence itself stands there without its full stop. */
function inside(value: Text): string {
  const text = told(value);
  return typeof value === 'string' && text === value ? text : text.replace(/[.。]$/, '');
}

/** What happened, and what to do about it. */
export const toldError = ({ message, remedy }: Pick<ErrorData, 'message' | 'remedy'>): string =>
  sentences(told(message), told(remedy));
