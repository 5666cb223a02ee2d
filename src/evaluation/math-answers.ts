/**
 * MATH's answers: what stands in the last \boxed{…}, and which two ways of writing a number are one. After
 * tasks/hendrycks_math/utils.py of lm-evaluation-harness, which has it from Hendrycks et al. (arXiv 2103.03874).
 */

/** The content of the last \boxed or \fbox; undefined without one. */
export function lastBoxed(text: string): string | undefined {
  const spaced = text.lastIndexOf('\\boxed ');
  if (spaced >= 0) return text.slice(spaced + '\\boxed '.length).split('$')[0];
  const start = Math.max(text.lastIndexOf('\\boxed'), -1);
  const at = start >= 0 ? start : text.lastIndexOf('\\fbox');
  if (at < 0) return undefined;
  let open = 0;
  for (let i = at; i < text.length; i++) {
    if (text[i] === '{') open++;
    if (text[i] === '}' && --open === 0) return text.slice(text.indexOf('{', at) + 1, i);
  }
  return undefined;
}

/** Between the first and the last dollar sign; all of it where there are no two. */
export function mathAnswer(text: string): string {
  const [first, last] = [text.indexOf('$'), text.lastIndexOf('$')];
  return first < last ? text.slice(first + 1, last) : text;
}

/** Where one of the two cannot be rewritten, they are the same only letter by letter. */
export function sameMath(answer: string, gold: string): boolean {
  const [one, other] = [plainMath(answer), plainMath(gold)];
  return one === undefined || other === undefined ? answer === gold : one === other;
}

/** One way of writing it; undefined where the original throws. */
export function plainMath(given: string): string | undefined {
  let text = given
    .replaceAll('\n', '')
    .replaceAll('\\!', '')
    .replaceAll('\\\\', '\\')
    .replaceAll('tfrac', 'frac')
    .replaceAll('dfrac', 'frac')
    .replaceAll('\\left', '')
    .replaceAll('\\right', '')
    .replaceAll('^{\\circ}', '')
    .replaceAll('^\\circ', '')
    .replaceAll('\\$', '');
  const units = text.split('\\text{ ');
  if (units.length > 2) return undefined;
  text = (units[0] as string).replaceAll('\\%', '').replaceAll(' .', ' 0.').replaceAll('{.', '{0.');
  if (text === '') return text;
  if (text.startsWith('.')) text = `0${text}`;
  const sides = text.split('=');
  if (sides.length === 2 && (sides[0] as string).length <= 2) text = sides[1] as string;
  // A root or a fraction of nothing.
  if (/\\sqrt($|\\sqrt)/.test(text)) return undefined;
  text = text.replace(/\\sqrt([^{])/g, '\\sqrt{$1}').replaceAll(' ', '');
  const fractions = plainFractions(text);
  if (fractions === undefined) return undefined;
  return plainSlash(fractions === '0.5' ? '\\frac{1}{2}' : fractions);
}

/** \frac12 is \frac{1}{2}, \frac1{72} is \frac{1}{72}; all stays as it is where one has but a numerator. */
function plainFractions(text: string): string | undefined {
  const [before = '', ...parts] = text.split('\\frac');
  if (parts.includes('')) return undefined;
  let plain = before;
  for (const part of parts) {
    const [a, b] = part;
    if (a !== '{' && b === undefined) return text;
    plain += `\\frac${a === '{' ? part : b === '{' ? `{${a}}${part.slice(1)}` : `{${a}}{${b}}${part.slice(2)}`}`;
  }
  return plain;
}

/** 1/2 is \frac{1}{2}. What is no fraction of whole numbers throws in the original. */
function plainSlash(text: string): string | undefined {
  const parts = text.split('/');
  if (parts.length !== 2) return text;
  if (!parts.every((part) => /^[+-]?\p{Nd}+(?:_\p{Nd}+)*$/u.test(part))) return undefined;
  return text.replace(/^(0|-?[1-9]\d*)\/(0|-?[1-9]\d*)$/, '\\frac{$1}{$2}');
}
