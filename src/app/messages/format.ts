/** Numbers as people write them, in the language of the page. */

const LANGUAGE = 'en';

const whole = new Intl.NumberFormat(LANGUAGE);
const one = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const two = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const figures = new Intl.NumberFormat(LANGUAGE, { maximumSignificantDigits: 3 });
const compact = new Intl.NumberFormat(LANGUAGE, { notation: 'compact', maximumSignificantDigits: 2 });
const percentWhole = new Intl.NumberFormat(LANGUAGE, { style: 'percent' });
const percentTenth = new Intl.NumberFormat(LANGUAGE, { style: 'percent', maximumFractionDigits: 1 });
const plural = new Intl.PluralRules(LANGUAGE);

export const integer = (value: number) => whole.format(value);
export const decimal = (value: number) => one.format(value);
export const hundredths = (value: number) => two.format(value);

/** 2.0, 14 or 310: three figures are enough for a rate. */
export const rate = (value: number) => (value >= 10 ? whole.format(Math.round(value)) : one.format(value));

/** Three figures, whatever the size: 0.0123, 1.23, 123. */
export const significant = (value: number) => figures.format(value);

/** 1,510,000 → 1.5M. */
export const short = (value: number) => compact.format(value);

/** A probability as a percentage; small ones keep a digit, so that they do not read as nothing. */
export function percent(value: number): string {
  if (value > 0 && value < 0.001) return `<${percentTenth.format(0.001)}`;
  if (value < 1 && value > 0.995) return `>${percentWhole.format(0.99)}`;
  return value < 0.01 ? percentTenth.format(value) : percentWhole.format(value);
}

/** Bytes in the unit people read on downloads. */
export const megabytes = (bytes: number) => `${one.format(bytes / 1e6)} MB`;

/** Bytes of something that may be very large. */
export const size = (bytes: number) => (bytes >= 1e9 ? `${two.format(bytes / 1e9)} GB` : megabytes(bytes));

/** A time that is left, as roughly as it is known. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${whole.format(Math.ceil(seconds))} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

interface Forms {
  readonly one: string;
  readonly other: string;
}

/** Picks the form that goes with a count: `form(2, { one: 'step', other: 'steps' })` is "steps". */
export const form = (count: number, forms: Forms) => (plural.select(count) === 'one' ? forms.one : forms.other);

/** The count and its form: "2 steps". */
export const counted = (count: number, forms: Forms) => `${whole.format(count)} ${form(count, forms)}`;
