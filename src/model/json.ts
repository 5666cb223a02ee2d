/**
 * Values of a config.json, checked. Every reader takes what stands in for a missing key: published files leave out what
 * equals the default of the configuration class that wrote them. All throw `Refusal`.
 */
import { Refusal } from './refusal.ts';

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value from a file, short enough for a sentence. */
export function quote(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = String(value);
  }
  text ??= String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

export function whole(json: Json, key: string, fallback: number, min: number, max: number): number {
  const value = json[key] ?? fallback;
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw new Refusal(`${key} is ${quote(value)}; it must be a whole number from ${min} to ${max}.`);
}

export function real(json: Json, key: string, fallback: number, min: number, max: number): number {
  const value = json[key] ?? fallback;
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw new Refusal(`${key} is ${quote(value)}; it must be a number above 0 and at most ${max}.`);
}

export function flag(json: Json, key: string, fallback: boolean): boolean {
  const value = json[key] ?? fallback;
  if (typeof value === 'boolean') return value;
  throw new Refusal(`${key} is ${quote(value)}; it must be true or false.`);
}

/** An id, the first of a list of ids, or none (null or −1). A default outside a small vocabulary is none, too. */
export function tokenId(json: Json, key: string, fallback: number | undefined, vocab: number): number | undefined {
  const stored = json[key];
  if (stored === undefined) return fallback !== undefined && fallback < vocab ? fallback : undefined;
  const value = Array.isArray(stored) ? stored[0] : stored;
  if (value === null || value === undefined || value === -1) return undefined;
  if (Number.isInteger(value) && value >= 0 && value < vocab) return value;
  throw new Refusal(`${key} is ${quote(stored)}, outside the vocabulary of ${vocab} tokens.`);
}
