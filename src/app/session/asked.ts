/**
 * One question before and after the hour, where a class link asks it. The answers stay on this device; a file carries them
 * to the teacher, who reads those of a class together: the same format holds one answer or all of them, each under an id
 * that says nothing of who gave it.
 */
import { create } from 'zustand';
import { UnmaskError } from '../../diffusion/error.ts';
import { said } from '../../text/said.ts';
import { recall, remember } from './remember.ts';

/** In the order they are offered; `anywhere` is what is right. */
export const CHOICES = ['left', 'anywhere', 'looks-up', 'unknown'] as const;
export type Choice = (typeof CHOICES)[number];

export interface Answer {
  readonly id: string;
  readonly before: Choice | undefined;
  readonly after: Choice | undefined;
}

const NAME = 'asked';
const isChoice = (value: unknown): value is Choice => CHOICES.includes(value as Choice);

const kept = recall(NAME, { id: '', before: '', after: '' });

export const useAsked = create<Answer>(() => ({
  id: kept.id,
  before: isChoice(kept.before) ? kept.before : undefined,
  after: isChoice(kept.after) ? kept.after : undefined,
}));

export function answer(when: 'before' | 'after', choice: Choice): void {
  const id =
    useAsked.getState().id || Array.from(crypto.getRandomValues(new Uint32Array(3)), (w) => w.toString(36)).join('');
  useAsked.setState({ id, [when]: choice });
  remember(NAME, useAsked.getState());
}

/** For the next person at this machine. */
export function forgetAnswer(): void {
  useAsked.setState({ id: '', before: undefined, after: undefined });
  remember(NAME, useAsked.getState());
}

/** One answer or those of a class, as a file. */
export function formatAnswers(answers: readonly Answer[]): string {
  return `${JSON.stringify({ format: 'unmask-answers', version: 1, answers }, undefined, 1)}\n`;
}

/** More than any class has. */
const MOST = 10_000;

/** Bytes that so many answers stay below; what is larger is not read at all. */
const LARGEST = 4e6;

/** The answers in a file; throws `UnmaskError` code `storage` for what is no such file. */
export async function readAnswers(file: Pick<File, 'name' | 'size' | 'text'>): Promise<readonly Answer[]> {
  if (file.size > LARGEST) throw notAnswers(file.name);
  return parseAnswers(await file.text(), file.name);
}

/** Throws `UnmaskError` code `storage` for what is no such file. */
export function parseAnswers(text: string, file: string): readonly Answer[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw notAnswers(file);
  }
  const { format, version, answers } = (value ?? {}) as Record<string, unknown>;
  if (format !== 'unmask-answers' || version !== 1 || !Array.isArray(answers) || answers.length > MOST)
    throw notAnswers(file);
  return answers.map((one: unknown) => {
    const { id, before, after } = (one ?? {}) as Record<string, unknown>;
    if (typeof id !== 'string' || id === '' || id.length > 60) throw notAnswers(file);
    return { id, before: isChoice(before) ? before : undefined, after: isChoice(after) ? after : undefined };
  });
}

/** Of two lists those of both; who is in both counts once, with what the later list knows. */
export function merged(some: readonly Answer[], more: readonly Answer[]): readonly Answer[] {
  const byId = new Map(some.map((one) => [one.id, one]));
  for (const one of more) {
    const { before, after } = byId.get(one.id) ?? one;
    byId.set(one.id, { id: one.id, before: one.before ?? before, after: one.after ?? after });
  }
  return [...byId.values()];
}

/** How often each choice was made, before and after. */
export function totals(answers: readonly Answer[]): Readonly<Record<Choice, { before: number; after: number }>> {
  const count = (when: 'before' | 'after', choice: Choice) => answers.filter((one) => one[when] === choice).length;
  return Object.fromEntries(
    CHOICES.map((choice) => [choice, { before: count('before', choice), after: count('after', choice) }]),
  ) as Record<Choice, { before: number; after: number }>;
}

function notAnswers(file: string): UnmaskError {
  return new UnmaskError({
    code: 'storage',
    message: said`${file} holds no answers of a class.`,
    remedy: 'Choose the files that were saved under the question, or one that was put together of them.',
  });
}
