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

/** In a box, in \[ \], between dollar signs, or all of it. */
export function mathAnswer(text: string): string {
  const boxed = lastBoxed(text);
  if (boxed !== undefined) return boxed;
  const display = /\\\[([\s\S]+?)\\\]/.exec(text)?.[1];
  if (display !== undefined) return display.trim();
  const [first, last] = [text.indexOf('$'), text.lastIndexOf('$')];
  return first < last ? text.slice(first + 1, last) : text;
}

export function sameMath(answer: string, gold: string): boolean {
  return plainMath(answer) === plainMath(gold);
}

/** One way of writing it. What cannot be rewritten stays as it is. */
export function plainMath(given: string): string {
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
  if (units.length === 2) text = units[0] as string;
  text = text.replaceAll('\\%', '').replaceAll(' .', ' 0.').replaceAll('{.', '{0.');
  if (text === '') return text;
  if (text.startsWith('.')) text = `0${text}`;
  const sides = text.split('=');
  if (sides.length === 2 && (sides[0] as string).length <= 2) text = sides[1] as string;
  text = text.replace(/\\sqrt([^{])/g, '\\sqrt{$1}').replaceAll(' ', '');
  // \frac12 is \frac{1}{2}, \frac1{72} is \frac{1}{72}.
  text = text.replace(/\\frac([^{])([^{])/g, '\\frac{$1}{$2}').replace(/\\frac([^{])\{/g, '\\frac{$1}{');
  if (text === '0.5') text = '\\frac{1}{2}';
  return text.replace(/^(-?(?:0|[1-9]\d*))\/(-?(?:0|[1-9]\d*))$/, '\\frac{$1}{$2}');
}
