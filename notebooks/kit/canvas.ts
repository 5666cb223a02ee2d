/** Token canvases as pictures: one box per slot, as wide as its text, in lines of reading length. */
import { type Canvas, isOpen, Slot } from '../../src/diffusion/canvas.ts';
import { type Shown, svg } from './show.ts';

/** Of the monospaced letters, pixels. */
const LETTER = 7.3;
const [LINE, WIDTH, PAD] = [26, 760, 5];

export interface CanvasOptions {
  /** Written above the canvas. */
  readonly title?: string;
  /** A number per slot from 0 (pale) to 1 (dark); NaN leaves the slot as its state is drawn. */
  readonly shade?: ArrayLike<number>;
  /** Slots to frame. */
  readonly frame?: Iterable<number>;
}

/** Several canvases below one another. `piece` gives the text of an id. */
export function canvases(list: readonly (readonly [Canvas, CanvasOptions])[], piece: (id: number) => string): Shown {
  const parts: string[] = [];
  let y = 4;
  for (const [canvas, options] of list) {
    const drawn = draw(canvas, options, piece, y);
    parts.push(drawn.picture);
    y = drawn.bottom + 12;
  }
  const size = `width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}"`;
  const hatch =
    '<pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
    '<rect width="5" height="5" fill="#efece3"/><line x1="0" y1="0" x2="0" y2="5" stroke="#c3bdae" stroke-width="2"/></pattern>';
  const style = 'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12" fill="#1d1b16"';
  const alt = list.map(([{ ids, states }]) => textOf(ids, states, piece)).join('\n');
  return svg(
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${style}><defs>${hatch}</defs>` +
      `<rect width="${WIDTH}" height="${y}" fill="white"/>${parts.join('')}</svg>`,
    alt,
  );
}

function draw(
  { ids, states }: Canvas,
  { title, shade, frame }: CanvasOptions,
  piece: (id: number) => string,
  top: number,
): { picture: string; bottom: number } {
  const framed = new Set(frame);
  const boxes: string[] = [];
  let [x, y] = [4, top];
  if (title !== undefined) {
    boxes.push(
      `<text x="4" y="${y + 13}" font-weight="600" font-family="system-ui, sans-serif">${inXml(title)}</text>`,
    );
    y += 20;
  }
  for (const [slot, id] of ids.entries()) {
    const state = states[slot] as number;
    const open = isOpen(state);
    const text = open ? '' : visible(piece(id));
    const width = round(open ? 34 : Array.from(text).length * LETTER + 2 * PAD);
    if (x + width > WIDTH - 4) [x, y] = [4, y + LINE];
    const dark = shade?.[slot] ?? Number.NaN;
    const fill = Number.isNaN(dark) ? groundOf(state) : tint(dark);
    const edge = framed.has(slot) ? 'stroke="#3d36c9" stroke-width="2"' : 'stroke="#e4dfd2"';
    boxes.push(`<rect x="${round(x)}" y="${y}" width="${width}" height="20" rx="3" fill="${fill}" ${edge}/>`);
    const ink = !Number.isNaN(dark) && dark > 0.55 ? ' fill="white"' : '';
    if (text !== '')
      boxes.push(`<text x="${round(x + width / 2)}" y="${y + 14}" text-anchor="middle"${ink}>${inXml(text)}</text>`);
    x += width + 3;
  }
  return { picture: boxes.join(''), bottom: y + LINE };
}

function groundOf(state: number): string {
  if (isOpen(state)) return 'url(#hatch)';
  if (state === Slot.Given) return '#f1eee4';
  return state === Slot.Pinned ? '#d3ebe3' : 'white';
}

/** From the paper to the accent of the page. */
function tint(share: number): string {
  const s = Math.min(Math.max(share, 0), 1);
  const mix = (from: number, to: number) => Math.round(from + (to - from) * s);
  return `rgb(${mix(246, 61)},${mix(245, 54)},${mix(253, 201)})`;
}

/** The text of a canvas, masks as ▒. */
export function textOf(ids: ArrayLike<number>, states: ArrayLike<number>, piece: (id: number) => string): string {
  return Array.from(ids, (id, slot) => (isOpen(states[slot] as number) ? ' ▒' : piece(id)))
    .join('')
    .trim();
}

/** Spaces at the ends are left out: the boxes show where tokens begin. */
function visible(text: string): string {
  return text.replaceAll('\n', '↵').trim() || '␣';
}

function round(x: number): number {
  return Math.round(x * 10) / 10;
}

function inXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
