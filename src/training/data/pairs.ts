/**
 * Pairs of answers to learn a taste from: rows with `chosen` and `rejected`, and a `prompt` (or `instruction` with
 * `input`) where there is one. Chosen and rejected may be conversations of one and the same beginning, as exporters for
 * TRL write them. A pair travels as one text, its JSON, so that it is kept, split and counted as other texts are.
 */
import { isObject } from '../../checkpoint/damage.ts';
import type { FileSource, ReadOptions, Tokenizer } from '../../checkpoint/model.ts';
import type { Arch } from '../../model/arch.ts';
import { said } from '../../text/said.ts';
import type { Dataset } from './dataset.ts';
import { dataError } from './problem.ts';
import { readRows } from './rows.ts';
import type { Texts } from './texts.ts';

export interface Preference {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  /** Pairs of one group are learnt from together or held out together. */
  readonly group?: string;
}

/** Throws `UnmaskError` code `data` when there are none, or what the source throws. */
export async function readPairs(source: FileSource, file: string, options: ReadOptions = {}): Promise<Texts> {
  const rows = await readRows(source, file, options);
  const pairs = rows.flatMap((row) => pairIn(row) ?? []);
  if (pairs.length === 0) {
    const remedy = 'Give rows with a prompt, a chosen answer and a rejected one.';
    throw dataError(said`${file} has no pairs of a chosen and a rejected answer.`, remedy, file);
  }
  const left = rows.length - pairs.length;
  const texts = pairs.map((pair) => JSON.stringify(pair));
  const notes = left === 0 ? [] : [said`${left} rows have no two different answers and are left out.`];
  return { texts, characters: texts.reduce((sum, text) => sum + text.length, 0), cut: false, notes };
}

function pairIn(row: Readonly<Record<string, unknown>>): Preference | undefined {
  const [chosen, rejected] = [answerIn(row['chosen']), answerIn(row['rejected'])];
  if (chosen === undefined || rejected === undefined || chosen === rejected) return undefined;
  const parts = [row['prompt'] ?? row['instruction'] ?? row['question'], row['input']];
  const prompt = parts.filter((part): part is string => typeof part === 'string' && part !== '').join('\n');
  const group = row['group'];
  return { prompt, chosen, rejected, ...(typeof group === 'string' && { group }) };
}

/** A text, or the last message of a conversation. */
function answerIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  const last: unknown = Array.isArray(value) ? value.at(-1) : undefined;
  const content = (last as { readonly content?: unknown } | undefined)?.content;
  return typeof content === 'string' && content.trim() !== '' ? content : undefined;
}

/** The pair in a text of `readPairs`. */
export function pairOfText(text: string): Preference {
  try {
    const pair: unknown = JSON.parse(text);
    if (isObject(pair) && typeof pair['chosen'] === 'string') return pair as unknown as Preference;
  } catch {
    // Said below.
  }
  const message = 'These texts are no pairs of a chosen and a rejected answer.';
  throw dataError(message, 'Give rows with a prompt, a chosen answer and a rejected one.');
}

/** Prompt and answer as one text: a space between them where neither has white space there. */
export function joined({ prompt }: Pick<Preference, 'prompt'>, answer: string): string {
  return prompt === '' || /\s$/.test(prompt) || /^\s/.test(answer) ? prompt + answer : `${prompt} ${answer}`;
}

/**
 * Two rows for each pair, the chosen one first: prompt, answer, the end of a text, padding. Only the answer and its end may
 * be masked. Long prompts lose their beginning, long answers their end. Throws `UnmaskError` code `data`.
 */
export function pairRows(
  texts: readonly string[],
  { tokenizer, arch }: { readonly tokenizer: Tokenizer; readonly arch: Pick<Arch, 'ids' | 'maxLength'> },
  { length }: { readonly length: number },
): Dataset {
  if (length > arch.maxLength) {
    const message = said`Rows of ${length} tokens are longer than the model reads (${arch.maxLength}).`;
    throw dataError(message, said`Choose a length up to ${arch.maxLength}.`);
  }
  const end = arch.ids.sep ?? arch.ids.eos;
  const pad = arch.ids.pad ?? end;
  if (pad === undefined) {
    throw dataError('The model has no token that ends or pads a text.', 'Cut the texts into blocks instead.');
  }
  const count = 2 * texts.length;
  const ids = new Int32Array(count * length).fill(pad);
  const maskable = new Uint8Array(count * length);
  let tokens = 0;
  for (const [row, { prompt, answer }] of texts.map(pairOfText).flatMap(sides).entries()) {
    const encode = (text: string) => tokenizer.encode(text, { maskAsText: true });
    const before = encode(prompt);
    const own = [...encode(joined({ prompt }, answer)).slice(before.length), ...(end === undefined ? [] : [end])].slice(
      0,
      length,
    );
    const given = own.length === length ? [] : before.slice(-(length - own.length));
    ids.set([...given, ...own], row * length);
    maskable.fill(1, row * length + given.length, row * length + given.length + own.length);
    tokens += given.length + own.length;
  }
  return { ids, maskable, length, count, tokens };
}

const sides = ({ prompt, chosen, rejected }: Preference) => [
  { prompt, answer: chosen },
  { prompt, answer: rejected },
];
