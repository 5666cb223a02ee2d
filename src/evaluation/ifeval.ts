/**
 * IFEval (Zhou et al., arXiv 2311.07911): instructions that a program can check, as tasks/ifeval/instructions.py of
 * lm-evaluation-harness checks them. Left out are those that need a language detector (`language:response_language`,
 * `change_case:english_*`) or NLTK's sentences (`length_constraints:number_sentences`); prompts with one of them are not
 * asked.
 */

import { treebankWords } from './treebank.ts';

type Kwargs = Readonly<Record<string, unknown>>;
type Check = (text: string, kwargs: Kwargs) => boolean;

const matches = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;
const words = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
const number = (value: unknown) => Number(value ?? 0);
/** \b as Python has it: letters of all scripts are letters. */
const BOUND = '(?:(?<=[\\p{L}\\p{N}_])(?![\\p{L}\\p{N}_])|(?<![\\p{L}\\p{N}_])(?=[\\p{L}\\p{N}_]))';
const relation = (count: number, than: unknown, limit: number) =>
  than === 'less than' ? count < limit : count >= limit;
/** The original takes a keyword as a pattern; one that is no pattern is taken as a word. */
function pattern(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch {
    return new RegExp(source.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), flags);
  }
}

const CHECKS: Readonly<Record<string, Check>> = {
  'keywords:existence': (text, { keywords }) => words(keywords).every((each) => pattern(each, 'i').test(text)),
  'keywords:forbidden_words': (text, { forbidden_words: forbidden }) =>
    words(forbidden).every((each) => !pattern(`${BOUND}${each}${BOUND}`, 'iu').test(text)),
  'keywords:frequency': (text, { keyword, frequency, relation: than }) =>
    relation(matches(text, pattern(String(keyword).trim(), 'gi')), than, number(frequency)),
  'keywords:letter_frequency': (text, { letter, let_frequency: frequency, let_relation: than }) =>
    relation(text.toLowerCase().split(String(letter).toLowerCase()).length - 1, than, number(frequency)),
  'length_constraints:number_words': (text, { num_words: count, relation: than }) =>
    relation(matches(text, /[\p{L}\p{N}_]+/gu), than, number(count)),
  'length_constraints:number_paragraphs': (text, { num_paragraphs: count }) => {
    const parts = text.split(/\s?\*\*\*\s?/);
    const empty = parts.map((part) => part.trim() === '');
    if (empty.some((none, at) => none && at > 0 && at < parts.length - 1)) return false;
    return empty.filter((none) => !none).length === number(count);
  },
  'length_constraints:nth_paragraph_first_word': (text, kwargs) => {
    const parts = text.split('\n\n');
    const count = parts.filter((part) => part.trim() !== '').length;
    const nth = number(kwargs['nth_paragraph']);
    const chosen = (nth <= count ? parts[nth - 1] : '')?.trim();
    if (!chosen) return false;
    const [first = ''] = chosen.split(/\s+/);
    const word = /^[^.,?!'"]*/.exec(first.replace(/^'+/, '').replace(/^"+/, ''))?.[0].toLowerCase();
    return count === number(kwargs['num_paragraphs']) && word === String(kwargs['first_word']).toLowerCase();
  },
  'detectable_content:number_placeholders': (text, { num_placeholders: count }) =>
    matches(text, /\[.*?\]/g) >= number(count),
  'detectable_content:postscript': (text, { postscript_marker: marker }) => {
    const sign = String(marker ?? 'P.S.').trim();
    const known: Record<string, string> = { 'P.P.S': '\\s*p\\.\\s?p\\.\\s?s.*$', 'P.S.': '\\s*p\\.\\s?s\\..*$' };
    return pattern(known[sign] ?? `\\s*${sign.toLowerCase()}.*$`, 'm').test(text.toLowerCase());
  },
  'detectable_format:number_bullet_lists': (text, { num_bullets: count }) =>
    matches(text, /^\s*\*[^*].*$/gm) + matches(text, /^\s*-.*$/gm) === number(count),
  'detectable_format:constrained_response': (text) => /My answer is (yes|no|maybe)[.]/.test(text),
  'detectable_format:number_highlighted_sections': (text, { num_highlights: count }) => {
    const single = (text.match(/\*[^\n*]*\*/g) ?? []).filter((each) => each.replace(/^\*+|\*+$/g, '').trim() !== '');
    const double = (text.match(/\*\*[^\n*]*\*\*/g) ?? []).filter((each) => each.slice(2, -2).trim() !== '');
    return single.length + double.length >= number(count);
  },
  'detectable_format:multiple_sections': (text, { section_spliter: splitter, num_sections: count }) =>
    text.split(pattern(`\\s?${String(splitter).trim()}\\s?\\d+\\s?`, '')).length - 1 >= number(count),
  'detectable_format:json_format': (text) => {
    const opened = ['```json', '```Json', '```JSON', '```'].reduce(
      (rest, fence) => (rest.startsWith(fence) ? rest.slice(fence.length) : rest),
      text.trim(),
    );
    return isJson(opened.replace(/```$/, '').trim());
  },
  'detectable_format:title': (text) =>
    (text.match(/<<[^\n]+>>/g) ?? []).some((each) => each.replace(/^<+|>+$/g, '').trim() !== ''),
  'combination:two_responses': (text) => {
    const parts = text.split('******').map((part) => part.trim());
    if (parts.some((part, at) => part === '' && at > 0 && at < parts.length - 1)) return false;
    const answers = parts.filter((part) => part !== '');
    return answers.length === 2 && answers[0] !== answers[1];
  },
  'combination:repeat_prompt': (text, { prompt_to_repeat: prompt }) =>
    text.trim().toLowerCase().startsWith(String(prompt).trim().toLowerCase()),
  'startend:end_checker': (text, { end_phrase: phrase }) =>
    text
      .trim()
      .replace(/^"+|"+$/g, '')
      .toLowerCase()
      .endsWith(String(phrase).trim().toLowerCase()),
  'startend:quotation': (text) => /^"[\s\S]*"$/.test(text.trim()),
  'change_case:capital_word_frequency': (text, { capital_frequency: frequency, capital_relation: than }) => {
    const capital = treebankWords(text).filter((word) => /\p{Lu}/u.test(word) && !/[\p{Ll}\p{Lt}]/u.test(word));
    return relation(capital.length, than, number(frequency));
  },
  'punctuation:no_comma': (text) => !text.includes(','),
};

/** As Python reads it: with NaN and infinities. */
function isJson(text: string): boolean {
  const plain = text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (found) =>
    found.startsWith('"') ? found : '0',
  );
  try {
    JSON.parse(plain);
    return true;
  } catch {
    return false;
  }
}

/** Whether all of these instructions can be checked here. */
export function checkable(instructions: readonly string[]): boolean {
  return instructions.length > 0 && instructions.every((name) => Object.hasOwn(CHECKS, name));
}

export interface Instruction {
  readonly name: string;
  readonly kwargs: Kwargs;
}

/** Which instructions a text follows. An empty text follows none. */
export function followsStrictly(text: string, instructions: readonly Instruction[]): boolean[] {
  return instructions.map(({ name, kwargs }) => text.trim() !== '' && (CHECKS[name]?.(text, kwargs) ?? false));
}

/** The same of the text or of one without its first line, its last, both, and without asterisks: an upper bound. */
export function followsLoosely(text: string, instructions: readonly Instruction[]): boolean[] {
  const lines = text.split('\n');
  const cut = [lines.slice(1), lines.slice(0, -1), lines.slice(1, -1)].map((some) => some.join('\n').trim());
  const all = [text, ...cut].flatMap((each) => [each, each.replaceAll('*', '')]);
  const each = all.map((one) => followsStrictly(one, instructions));
  return instructions.map((_, at) => each.some((follows) => follows[at]));
}
