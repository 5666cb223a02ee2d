/**
 * Whether two runs of a notebook said the same. Words must be the same; numbers may differ as processors do, which
 * add up the products of a matrix in different orders.
 */
import { joined, type Output } from './notebook.ts';

const NUMBER = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g;
/** Half a per cent, or half a pixel of a picture. */
const RELATIVE = 5e-3;
const ABSOLUTE = { 'image/svg+xml': 0.5, other: 5e-3 };

/** What differs first, in words; undefined when nothing does. */
export function difference(before: readonly Output[], after: readonly Output[]): string | undefined {
  const [stored, fresh] = [parts(before), parts(after)];
  for (let i = 0; i < Math.max(stored.length, fresh.length); i++) {
    const [a, b] = [stored[i], fresh[i]];
    if (a === undefined || b === undefined || a.kind !== b.kind) return `stored ${about(a)}, now ${about(b)}`;
    const absolute = a.kind === 'image/svg+xml' ? ABSOLUTE['image/svg+xml'] : ABSOLUTE.other;
    if (!same(a.text.trimEnd(), b.text.trimEnd(), absolute)) return `stored ${about(a)}, now ${about(b)}`;
  }
  return undefined;
}

interface Part {
  readonly kind: string;
  readonly text: string;
}

/** Kernels print in pieces of their own choice, so neighbouring prints are joined; and they may colour what they print. */
function parts(outputs: readonly Output[]): Part[] {
  const all: Part[] = [];
  for (const output of outputs) {
    if (output.output_type === 'stream') {
      const last = all.at(-1);
      const text = plain(joined(output.text));
      if (last?.kind === output.name) all[all.length - 1] = { kind: output.name, text: last.text + text };
      else all.push({ kind: output.name, text });
    } else if (output.output_type === 'error') all.push({ kind: 'error', text: `${output.ename}: ${output.evalue}` });
    else for (const [kind, text] of Object.entries(output.data)) all.push({ kind, text: plain(joined(text)) });
  }
  return all.sort((a, b) => Number(a.kind === 'text/plain') - Number(b.kind === 'text/plain'));
}

function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal begin with one
  return text.replace(/\u001b\[[\d;]*m/g, '');
}

export function same(a: string, b: string, absolute: number = ABSOLUTE.other): boolean {
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
