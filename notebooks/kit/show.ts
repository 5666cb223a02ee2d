/**
 * What a cell shows. Both the Deno kernel of Jupyter and our own runner ask the last value of a cell for
 * `Symbol.for("Jupyter.display")`, a table of media types; charts are drawn by Observable Plot on a light DOM.
 */

// Deno cannot read Vite's `?raw` imports by itself; every notebook imports this file first.
import '../../src/cli/raw-hooks.mjs';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const display = Symbol.for('Jupyter.display');

export interface Shown {
  [display](): Readonly<Record<string, string>>;
}

const { document } = parseHTML('<html></html>');

export function svg(picture: string, alt: string): Shown {
  return { [display]: () => ({ 'image/svg+xml': picture, 'text/plain': alt }) };
}

export function markdown(text: string): Shown {
  return { [display]: () => ({ 'text/markdown': text, 'text/plain': text }) };
}

/** A table with a row per object, in the order of the first one's fields. Numbers are shown with three digits. */
export function table(rows: readonly Readonly<Record<string, string | number>>[]): Shown {
  const names = Object.keys(rows[0] ?? {});
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const align = names.map((name) => (typeof rows[0]?.[name] === 'number' ? '--:' : ':--'));
  const cell = (value: string | number | undefined) =>
    typeof value === 'number'
      ? short(value)
      : String(value ?? '').replace(/[|\n]/g, (c) => (c === '|' ? '\\|' : ' ↵ '));
  return markdown(
    [line(names), line(align), ...rows.map((row) => line(names.map((name) => cell(row[name]))))].join('\n'),
  );
}

/** Three digits that mean something; whole numbers whole. */
export function short(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3
    ? value.toExponential(1)
    : String(Number(value.toPrecision(3)));
}

/** Plot's options (observablehq.com/plot). `alt` says in words what is to be seen. */
export function chart(alt: string, options: Plot.PlotOptions): Shown {
  const picture = Plot.plot({
    document: document as unknown as Document,
    width: 640,
    height: 300,
    grid: true,
    ...options,
    // Legends make Plot return more than one picture; charts here name their lines instead.
    color: { ...options.color, legend: false },
    style: { background: 'white', color: '#1d1b16', fontSize: '12px', fontFamily: 'system-ui, sans-serif' },
  });
  picture.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return svg(picture.outerHTML, alt);
}
