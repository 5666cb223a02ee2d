/**
 * What a written answer says, and whether that is right, as lm-evaluation-harness decides it (filters/extraction.py, and
 * exact_match of api/metrics.py with the options of tasks/gsm8k/gsm8k.yaml).
 */

/** What the harness says where a pattern finds nothing. */
export const INVALID = '[invalid]';

const STRICT = /#### (-?[0-9.,]+)/;
const FLEXIBLE = /(-?[$0-9.,]{2,})|(-?[0-9]+)/g;

/** GSM8K's strict answer: the first number after "#### ". */
export function strictNumber(text: string): string {
  return STRICT.exec(text)?.[1] ?? INVALID;
}

/** The flexible one: the last number anywhere. */
export function flexibleNumber(text: string): string {
  return text.match(FLEXIBLE)?.at(-1)?.trim() ?? INVALID;
}

/** Equal but for commas, dollar signs, what stands before "#### ", a final full stop and capitals. */
export function sameNumber(answer: string, gold: string): boolean {
  const plain = (text: string) =>
    text
      .replace(/,/g, '')
      .replace(/\$/g, '')
      .replace(/[\s\S]*#### /, '')
      .replace(/\.$/, '')
      .toLowerCase();
  return plain(answer) === plain(gold);
}

/** The harness takes the words as they are; spaces at the ends, which no pattern cuts here, do not count. */
export function sameText(answer: string, gold: string): boolean {
  return answer.trim() === gold.trim();
}
