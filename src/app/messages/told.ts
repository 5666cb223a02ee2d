/**
 * What the rooms below the page say — errors, their remedies, notices of the device — in the language of the page. As in
 * gettext the English sentence is the key: those rooms say what they say on the command line, too, and need no table of
 * codes. A key has names where a sentence has values, "There is no file {name}."; a value may be such a text itself.
 */
import type { ErrorData } from '../../diffusion/error.ts';
import { english, type Text } from '../../text/said.ts';
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
  if (typeof text === 'string') return errors[text] ?? withoutStop(errors[`${text}.`]) ?? text;
  if (text.key === '') return sentences(...text.values.map((each) => told(each as Text)));
  const values = text.values.map((value) => (typeof value === 'number' ? value : told(value)));
  const table = tableOf(errors);
  const sentence = table.get(text.key);
  const found = sentence ?? table.get(`${text.key}.`);
  if (found === undefined) return english({ key: text.key, values });
  const read = say(
    found.text,
    Object.fromEntries(found.names.map((name, at) => [name, values[at] as string | number])),
  );
  return sentence ? read : (withoutStop(read) as string);
}

/** A sentence as a clause of another (`clause`), which English says by leaving out its full stop. */
const withoutStop = (sentence: string | undefined): string | undefined => sentence?.replace(/[.。]$/, '');

/** What happened, and what to do about it. */
export const toldError = ({ message, remedy }: Pick<ErrorData, 'message' | 'remedy'>): string =>
  sentences(told(message), told(remedy));
