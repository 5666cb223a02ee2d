/**
 * Whether two runs of a notebook said the same. Words must be the same; numbers may differ as processors do, which
 * add up the products of a matrix in different orders.
 */
import { joined, type Output } from './notebook.ts';

const NUMBER = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g;
/** Half a per cent, or half a pixel of a picture. */
const RELATIVE = 5e-3;
const ABSOLUTE = { 'image/svg+xml': 0.5, other: 5e-3 };

/**
 * What differs first, in words; undefined when nothing does. `lossy` allows outputs to be missing: Deno's kernel may call a
 * cell finished before all that it shows has been sent, and nbconvert drops what comes late.
 */
export function difference(before: readonly Output[], after: readonly Output[], lossy = false): string | undefined {
  const [stored, fresh] = [parts(before), parts(after)];
  let at = 0;
  for (const part of fresh) {
    while (lossy && at < stored.length && !samePart(stored[at], part)) at++;
    if (!samePart(stored[at], part)) return `stored ${about(stored[at])}, now ${about(part)}`;
    at++;
  }
  return lossy || at === stored.length ? undefined : `stored ${about(stored[at])}, now nothing`;
}

interface Part {
  readonly kind: string;
  readonly text: string;
}

/** Printed lines and shown media, one by one: kernels print in pieces of their own choice, and may colour them. */
function parts(outputs: readonly Output[]): Part[] {
  const all: Part[] = [];
  const printed = { kind: '', text: '' };
  const endPrint = () => {
    const lines = printed.text === '' ? [] : printed.text.replace(/\n$/, '').split('\n');
    all.push(...lines.map((text) => ({ kind: printed.kind, text: text.trimEnd() })));
    printed.text = '';
  };
  for (const output of outputs) {
    if (output.output_type !== 'stream' || output.name !== printed.kind) endPrint();
    if (output.output_type === 'stream') {
      printed.kind = output.name;
      printed.text += plain(joined(output.text));
    } else if (output.output_type === 'error') all.push({ kind: 'error', text: `${output.ename}: ${output.evalue}` });
    else
      for (const [kind, text] of Object.entries(output.data)) all.push({ kind, text: plain(joined(text)).trimEnd() });
  }
  endPrint();
  return all.sort((a, b) => Number(a.kind === 'text/plain') - Number(b.kind === 'text/plain'));
}

function samePart(a: Part | undefined, b: Part): boolean {
  const absolute = b.kind === 'image/svg+xml' ? ABSOLUTE['image/svg+xml'] : ABSOLUTE.other;
  return a !== undefined && a.kind === b.kind && same(a.text, b.text, absolute);
}

function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal begin with one
  return text.replace(/\u001b\[[\d;]*m/g, '');
}

function same(a: string, b: string, absolute: number): boolean {
  if (a === b) return true;
  if (a.replace(NUMBER, '#') !== b.replace(NUMBER, '#')) return false;
  const [left, right] = [numbers(a), numbers(b)];
  return left.every((x, i) => {
    const y = right[i] as number;
    return Math.abs(x - y) <= absolute + RELATIVE * Math.max(Math.abs(x), Math.abs(y));
  });
}

function numbers(text: string): number[] {
  return (text.match(NUMBER) ?? []).map(Number);
}

/** The part, cut short. */
function about(part: Part | undefined): string {
  if (part === undefined) return 'nothing';
  return `${part.kind} "${part.text.length > 300 ? `${part.text.slice(0, 300)}…` : part.text}"`;
}
