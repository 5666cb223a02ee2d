/**
 * Sentences that people read, with their values apart. As in gettext the English text is the key; the page looks it up
 * where it is shown, the command line says it as it is. A text without values is its own key and stays a plain string.
 */

/** `key`: the English text with `{}` in the place of each value; empty for sentences that follow each other. */
export interface Said {
  readonly key: string;
  readonly values: readonly (Text | number)[];
}

/** A text to be shown; a value may be a text of its own. */
export type Text = string | Said;

/** A sentence with its values: said`There is no folder ${path}.` What is no text and no number is written as a string. */
export function said(strings: TemplateStringsArray, ...values: readonly unknown[]): Text {
  if (values.length === 0) return strings.join('');
  return readable({
    key: strings.join('{}'),
    values: values.map((value) => (typeof value === 'number' || isSaid(value) ? value : String(value))),
  });
}

/** A sentence as a part of another one: without its full stop. */
export function clause(text: Text): Text {
  if (typeof text === 'string') return text.replace(/[.]$/, '');
  return readable({ key: text.key.replace(/[.]$/, ''), values: text.values });
}

/** Sentences, one after the other. */
export function sayTogether(...texts: readonly (Text | undefined)[]): Text {
  const present = texts.filter((text): text is Text => text !== undefined && text !== '');
  return present.length === 1 ? (present[0] as Text) : readable({ key: '', values: present });
}

function isSaid(value: unknown): value is Said {
  return typeof value === 'object' && value !== null && 'key' in value && 'values' in value;
}

/** In a string of other words it stands in English; the method is no part of the data that goes to the page. */
function readable(text: Said): Said {
  return Object.defineProperty(text, 'toString', { value: () => english(text), enumerable: false });
}

/** In English. */
export function english(text: Text): string {
  if (typeof text === 'string') return text;
  if (text.key === '') return text.values.map((each) => english(each as Text)).join(' ');
  let at = 0;
  return text.key.replace(/\{\}/g, () => {
    const value = text.values[at++];
    return typeof value === 'object' ? english(value) : String(value);
  });
}
