/**
 * What a row of a settings table is made of: a default, a short name, a codec and a control. `settings.ts` is such a
 * table for generating, `src/training/train-settings.ts` for training.
 */
import { said, type Text } from '../text/said.ts';
import { formatTurns, parseTurns } from './conversation.ts';
import { formatCurve, parseCurve } from './curve.ts';
import { UnmaskError } from './error.ts';
import { formatSlots, parseSlots } from './slot-list.ts';

export interface Row<T> {
  readonly default: T;
  /** Command-line and link name; short, lower-case. */
  readonly key: string;
  parse(text: string): T;
  format(value: T): string;
  /** What the control shows and allows; views decide how it looks. */
  readonly control: Control;
}

export type Control =
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly step: number }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'switch' }
  | { readonly kind: 'text' }
  | { readonly kind: 'curve' }
  | { readonly kind: 'slots' }
  | { readonly kind: 'turns' };

/** What a value should be, and what it is. */
export function bad(key: string, text: string, want: Text): UnmaskError {
  return new UnmaskError({
    code: 'settings',
    message: said`${key} must be ${want}, but it is "${text.slice(0, 40)}".`,
    remedy: said`Give ${key} as ${want}, or leave it out for its default.`,
  });
}

export function number(key: string, value: number, min: number, max: number, step: number): Row<number> {
  const whole = Number.isInteger(step);
  return {
    key,
    default: value,
    control: { kind: 'number', min, max, step },
    format: String,
    parse(text) {
      const parsed = text.trim() === '' ? Number.NaN : Number(text);
      if (!Number.isFinite(parsed) || parsed < min || parsed > max || (whole && !Number.isInteger(parsed))) {
        throw bad(key, text, whole ? said`a whole number from ${min} to ${max}` : said`a number from ${min} to ${max}`);
      }
      // Adding 0 turns −0 into 0, so that equal settings have equal links.
      return parsed + 0;
    },
  };
}

export function choice<const T extends string>(key: string, value: T, options: readonly T[]): Row<T> {
  return {
    key,
    default: value,
    control: { kind: 'choice', options },
    format: (chosen) => chosen,
    parse(text) {
      const found = options.find((option) => option === text);
      if (found === undefined) throw bad(key, text, said`one of ${options.join(', ')}`);
      return found;
    },
  };
}

export function flag(key: string, value: boolean): Row<boolean> {
  return {
    key,
    default: value,
    control: { kind: 'switch' },
    format: (on) => (on ? '1' : '0'),
    parse(text) {
      if (text !== '1' && text !== '0') throw bad(key, text, '0 or 1');
      return text === '1';
    },
  };
}

export function text(key: string, value: string, limit: number): Row<string> {
  return {
    key,
    default: value,
    control: { kind: 'text' },
    format: (words) => words,
    parse(words) {
      if (words.length > limit) throw bad(key, words, said`at most ${limit} characters`);
      return words;
    },
  };
}

export function curve(key: string, value: string): Row<string> {
  return {
    key,
    default: value,
    control: { kind: 'curve' },
    format: (points) => points,
    // Equal curves have equal settings, however they were written.
    parse: (points) => formatCurve(parseCurve(points)),
  };
}

export function slots(key: string, value: string): Row<string> {
  return {
    key,
    default: value,
    control: { kind: 'slots' },
    format: (list) => list,
    // Equal orders have equal settings, however they were written.
    parse: (list) => formatSlots(parseSlots(list)),
  };
}

export function turns(key: string): Row<string> {
  return {
    key,
    default: '',
    control: { kind: 'turns' },
    format: (list) => list,
    // Equal conversations have equal settings, however they were written.
    parse: (list) => formatTurns(parseTurns(list)),
  };
}
