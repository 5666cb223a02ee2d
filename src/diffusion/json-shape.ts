/**
 * Reading JSON that somebody else wrote. Each reader takes a value and its path in the file and gives it back with its
 * type, or throws an `UnmaskError` that names the path, what should stand there and what does.
 */
import { said, type Text } from '../text/said.ts';
import { UnmaskError } from './error.ts';

const REMEDY = 'Record the run again, or use the trace file as it was saved, without changes.';

export function traceError(message: Text, remedy = REMEDY): UnmaskError {
  return new UnmaskError({ code: 'trace', message, remedy });
}

export function wrong(path: string, want: Text, value: unknown): UnmaskError {
  return traceError(said`The trace is damaged: ${path} should be ${want}, but it is ${describe(value)}.`);
}

function describe(value: unknown): Text {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return said`a list of ${value.length}`;
  if (value !== null && typeof value === 'object') return 'an object';
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return String(value);
}

export function object(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw wrong(path, 'an object', value);
  return value as Record<string, unknown>;
}

export function list(value: unknown, path: string, most: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > most) throw wrong(path, said`a list of at most ${most}`, value);
  return value;
}

export function text(value: unknown, path: string, most: number): string {
  if (typeof value !== 'string' || value.length > most)
    throw wrong(path, said`a text of at most ${most} characters`, value);
  return value;
}

export function integer(value: unknown, path: string, least: number, most: number): number {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    throw wrong(path, said`a whole number from ${least} to ${most}`, value);
  }
  return value as number;
}

/** A finite number that a float32 can hold. */
export function finite(value: unknown, path: string, least = -3.4e38): number {
  if (!Number.isFinite(value) || (value as number) < least || (value as number) > 3.4e38) {
    throw wrong(path, least === 0 ? 'a number, not negative' : 'a finite number', value);
  }
  return value as number;
}

/** Whole numbers within [least, most]; exactly `length` of them when it is given, and at most `limit`. */
export function integers(
  value: unknown,
  path: string,
  { least, most, length, limit }: { least: number; most: number; length?: number; limit: number },
): readonly number[] {
  const items = list(value, path, limit);
  if (length !== undefined && items.length !== length) throw wrong(path, said`a list of ${length}`, items);
  return items.map((item, i) => integer(item, `${path}[${i}]`, least, most));
}

/** Exactly `length` finite numbers. */
export function floats(value: unknown, path: string, length: number): Float32Array {
  const items = list(value, path, length);
  if (items.length !== length) throw wrong(path, said`a list of ${length}`, items);
  return Float32Array.from(items, (item, i) => finite(item, `${path}[${i}]`));
}
