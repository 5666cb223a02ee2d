/**
 * What a cell shows. Both the Deno kernel of Jupyter and our own runner ask the last value of a cell for
 * `Symbol.for("Jupyter.display")`, a table of media types; charts are drawn by Observable Plot on a light DOM.
 */

// Deno cannot read Vite's `?raw` imports by itself; every notebook imports this file first.
import '../../src/node/raw-hooks.mjs';
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

const [WIDTH, INK] = [640, '#1d1b16'];

/** Plot's options (observablehq.com/plot). `alt` says in words what is to be seen; colours with a domain get a legend. */
export function chart(alt: string, options: Plot.PlotOptions): Shown {
  const picture = Plot.plot({
    document: document as unknown as Document,
    width: WIDTH,
    height: 300,
    grid: true,
    marginTop: 44,
    marginBottom: 44,
    marginLeft: 48,
    ...options,
    // Plot's own legend would be a second picture.
    color: { ...options.color, legend: false },
    style: { background: 'white', color: INK, fontSize: '12px', fontFamily: 'system-ui, sans-serif' },
  });
  picture.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const names = options.color?.legend === false ? [] : [...(options.color?.domain ?? [])].map(String);
  const colour = (name: string) => String(picture.scale('color')?.apply(name));
  return svg(picture.outerHTML.replace(/<\/svg>$/, `${legend(names, colour)}</svg>`), alt);
}

/** Coloured squares with their names, in one line at the top right. */
function legend(names: readonly string[], colour: (name: string) => string): string {
  const widths = names.map((name) => 30 + name.length * 6.6);
  let x = WIDTH - 16 - widths.reduce((sum, width) => sum + width, 0);
  const entries = names.map((name, i) => {
    const at = x;
    x += widths[i] as number;
    return (
      `<rect x="${at.toFixed(1)}" y="5" width="12" height="12" fill="${colour(name)}"/>` +
      `<text x="${(at + 17).toFixed(1)}" y="15" fill="${INK}" text-anchor="start">${name}</text>`
    );
  });
  return entries.join('');
}
