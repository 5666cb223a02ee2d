/** Numbers, dates and plurals as people write them, in the language of the page. */
import { words } from './words.ts';

function formatters(language: string) {
  const number = (options?: Intl.NumberFormatOptions) => new Intl.NumberFormat(language, options);
  return {
    language,
    whole: number(),
    one: number({ minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    two: number({ minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    figures: number({ maximumSignificantDigits: 3 }),
    compact: number({ notation: 'compact', maximumSignificantDigits: 2 }),
    percentWhole: number({ style: 'percent' }),
    percentTenth: number({ style: 'percent', maximumFractionDigits: 1 }),
    kilobytes: number({ style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 }),
    date: new Intl.DateTimeFormat(language, { dateStyle: 'medium' }),
    plural: new Intl.PluralRules(language),
    point: number().formatToParts(0.5)[1]?.value ?? '.',
  };
}

let f = formatters('en');

/** Numbers, dates and plurals follow this language from now on; `language` is a BCP 47 tag. */
export function formatIn(language: string): void {
  if (language !== f.language) f = formatters(language);
}

export const integer = (value: number) => f.whole.format(value);
export const decimal = (value: number) => f.one.format(value);
export const hundredths = (value: number) => f.two.format(value);

/** 2.0, 14 or 310: three figures are enough for a rate. */
export const rate = (value: number) => (value >= 10 ? f.whole.format(Math.round(value)) : f.one.format(value));

/** As a program writes it, 0.25 or 1.0e-7, but with the decimal sign of the language. */
export const plain = (value: number | string) => String(value).replace('.', f.point);

/** 1.0e-7: one that would need a row of noughts. */
export const scientific = (value: number) => plain(value.toExponential(1));

/** Three figures, whatever the size: 0.0123, 1.23, 123. */
export const significant = (value: number) => f.figures.format(value);

/** 1,510,000 → 1.5M. */
export const short = (value: number) => f.compact.format(value);

/** A probability as a percentage; small ones keep a digit, so that they do not read as nothing. */
export function percent(value: number): string {
  if (value > 0 && value < 0.001) return `<${f.percentTenth.format(0.001)}`;
  if (value < 1 && value > 0.995) return `>${f.percentWhole.format(0.99)}`;
  return value < 0.01 ? f.percentTenth.format(value) : f.percentWhole.format(value);
}

/** Bytes in the unit people read on downloads. */
export const megabytes = (bytes: number) => say(words.units.short.mega, { n: f.one.format(bytes / 1e6) });

/** A small file in thousands of bytes: "134 kB", in French "134 ko". */
export const kilobytes = (bytes: number) => f.kilobytes.format(Math.max(1, Math.round(bytes / 1000)));

/** Bytes of something that may be very large. */
export const size = (bytes: number) =>
  bytes >= 1e9 ? say(words.units.short.giga, { n: f.two.format(bytes / 1e9) }) : megabytes(bytes);

/** Seconds with figures of their own: "1.1 s". */
export const inSeconds = (figures: string) => say(words.units.short.seconds, { n: figures });

/** A time that is left, as roughly as it is known: "40 s", "3 min", "1 h 20 min". */
export function duration(seconds: number): string {
  const { short } = words.units;
  if (seconds < 60) return inSeconds(f.whole.format(Math.ceil(seconds)));
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return say(short.minutes, { n: minutes });
  return say(short.hours, { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** A time that is left, in a sentence: "about 40 seconds", "about 3 minutes". */
export function about(seconds: number): string {
  const { units } = words;
  const time =
    seconds < 90
      ? counted(Math.max(1, Math.round(seconds)), units.seconds)
      : counted(Math.round(seconds / 60), units.minutes);
  return say(units.about, { time });
}

/** A sentence for every plural form that a language has (CLDR's names): Chinese has only `other`, Spanish and French have `many`. */
export type Forms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

/** The day, as in "22 Nov 2026"; a dash for a time that is none. */
export const day = (date: Date) => (Number.isNaN(date.getTime()) ? '–' : f.date.format(date));

/** Fills the places of a text: `say('{n} of {all}', { n: '2', all: 3 })` is "2 of 3". Unknown places stay as they are. */
export function say(text: string, values: Readonly<Record<string, string | number>>): string {
  const said = text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name] ?? place;
    return typeof value === 'number' ? plain(value) : value;
  });
  return f.language.startsWith('zh') ? spaced(said) : said;
}

/** Chinese beside Latin letters or digits has a space between, and none beside Chinese, whatever has filled a place. */
const spaced = (text: string): string =>
  text
    .replace(/(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])/g, '')
    .replace(/(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[\u4e00-\u9fff])/g, ' ');

/**
 * Sentences that follow each other, with what stands between two of them in this language; what is false is left out.
 * After one that ends in Latin letters or signs, as words of a browser do, there is a space in every language.
 */
export const sentences = (...said: readonly (string | false | undefined)[]): string =>
  said
    .filter((sentence) => typeof sentence === 'string' && sentence !== '')
    .reduce<string>((before, next) => {
      if (before === '') return String(next);
      return `${before}${/[!-~]$/.test(before) ? ' ' : words.units.betweenSentences}${next}`;
    }, '');

/** Parts of one sentence, with the language's comma between them; what is false or empty is left out. */
export const clauses = (...said: readonly (string | false | undefined)[]): string =>
  said.filter(Boolean).join(words.units.betweenClauses);

/** Picks the form that goes with a count: `form(2, { one: 'step', other: 'steps' })` is "steps". */
export const form = (count: number, forms: Forms): string => forms[f.plural.select(count)] ?? forms.other;

/** The count in its form: `counted(2, { one: '{n} step', other: '{n} steps' })` is "2 steps". */
export const counted = (count: number, forms: Forms): string => say(form(count, forms), { n: f.whole.format(count) });
