/**
 * Values of a config.json, checked. Every reader takes what stands in for a missing key: published files leave out what
 * equals the default of the configuration class that wrote them. All throw `Refusal`.
 */
import { said } from '../text/said.ts';
import type { Activation } from './arch.ts';
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
  throw new Refusal(said`${key} is ${quote(value)}; it must be a whole number from ${min} to ${max}.`);
}

export function real(json: Json, key: string, fallback: number, min: number, max: number): number {
  const value = json[key] ?? fallback;
  if (typeof value === 'number' && value >= min && value <= max) return value;
  throw new Refusal(said`${key} is ${quote(value)}; it must be a number above 0 and at most ${max}.`);
}

export function flag(json: Json, key: string, fallback: boolean): boolean {
  const value = json[key] ?? fallback;
  if (typeof value === 'boolean') return value;
  throw new Refusal(said`${key} is ${quote(value)}; it must be true or false.`);
}

/** An id, the first of a list of ids, or none (null or −1, or beyond the table). A default outside a small vocabulary is none, too. */
export function tokenId(json: Json, key: string, fallback: number | undefined, vocab: number): number | undefined {
  const stored = json[key];
  if (stored === undefined) return fallback !== undefined && fallback < vocab ? fallback : undefined;
  const value = Array.isArray(stored) ? stored[0] : stored;
  if (value === null || value === undefined || value === -1) return undefined;
  if (Number.isInteger(value) && value >= 0 && value < vocab) return value;
  // Ids of a larger tokenizer than the table do no harm where nothing is written with them.
  if (Number.isInteger(value) && value >= vocab && key !== 'mask_token_id') return undefined;
  throw new Refusal(said`${key} is ${quote(stored)}, outside the vocabulary of ${vocab} tokens.`);
}

/** transformers' names of what the kernels compute. `gelu` is x Φ(x); the others named gelu are its tanh approximation. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_fast: 'gelu-tanh',
  gelu_accurate: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  silu: 'silu',
  swish: 'silu',
  relu: 'relu',
};

export function activation(json: Json, key: string, fallback: Activation): Activation {
  const value = json[key] ?? undefined;
  if (value === undefined) return fallback;
  if (typeof value === 'string' && Object.hasOwn(ACTIVATIONS, value)) return ACTIVATIONS[value] as Activation;
  throw new Refusal(said`${key} is ${quote(value)}; Unmask computes gelu, its tanh approximation, silu and relu.`);
}

/** As transformers names it. */
export function activationName(value: Activation): string {
  return value === 'gelu-tanh' ? 'gelu_pytorch_tanh' : value;
}

/** Throws unless the key is absent or one of these values. */
export function only(json: Json, key: string, ...allowed: readonly unknown[]): void {
  const value = json[key] ?? undefined;
  if (value === undefined || allowed.includes(value)) return;
  throw new Refusal(said`${key} is ${quote(value)}; Unmask computes ${allowed.map(quote).join(' or ')} only.`);
}
