/**
 * A scene as an SVG file: real text, fonts named with what stands in for them, every word told how wide it was measured,
 * so that another font cannot push words over each other. No script, no style sheet, nothing from elsewhere.
 */
import { escapeText } from '../escape.ts';
import type { Hatch, Mark, Scene } from './marks.ts';
import { familiesOf, INKS, type Theme } from './theme.ts';

export interface SvgWords {
  readonly title: string;
  /** The text in the picture, for those who cannot see it. */
  readonly description: string;
  /** BCP 47. */
  readonly language: string;
}

export function svgOf(scene: Scene, theme: Theme, { title, description, language }: SvgWords): string {
  const inks = INKS[theme];
  const patterns = new Map<string, string>();
  const drawn = scene.marks.map((mark) => drawMark(mark, inks, patterns, language)).join('\n');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${scene.width}" height="${scene.height}"`,
    ` viewBox="0 0 ${scene.width} ${scene.height}" role="img" xml:lang="${escapeText(language)}">\n`,
    `<title>${escapeText(title)}</title>\n<desc>${escapeText(description)}</desc>\n`,
    patterns.size > 0 ? `<defs>\n${[...patterns.values()].join('\n')}\n</defs>\n` : '',
    `${drawn}\n</svg>\n`,
  ].join('');
}

const short = (value: number) => String(Math.round(value * 100) / 100);
const attributes = (values: Readonly<Record<string, string | number | undefined>>) =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${typeof value === 'number' ? short(value) : escapeText(String(value))}"`)
    .join('');

function drawMark(
  mark: Mark,
  inks: Readonly<Record<string, string>>,
  patterns: Map<string, string>,
  language: string,
): string {
  const colour = (ink: string) => inks[ink] ?? '#000';
  if (mark.kind === 'text') {
    const { x, y, size, weight, width } = mark;
    const bold = mark.bold ? { stroke: colour(mark.ink), 'stroke-width': 0.016 * size } : {};
    const fit = mark.text.length > 1 ? { textLength: width, lengthAdjust: 'spacingAndGlyphs' } : {};
    return `<text${attributes({
      x,
      y,
      'font-family': familiesOf(mark.font, language),
      'font-size': size,
      'font-weight': weight,
      fill: colour(mark.ink),
      ...bold,
      ...fit,
    })}>${escapeText(mark.text)}</text>`;
  }
  if (mark.kind === 'line') {
    return `<polyline${attributes({
      points: mark.points.map((point) => point.map(short).join(',')).join(' '),
      fill: 'none',
      stroke: colour(mark.ink),
      'stroke-width': mark.width,
      'stroke-linejoin': 'round',
      'stroke-linecap': mark.round ? 'round' : undefined,
      'stroke-dasharray': mark.dash?.join(' '),
    })}/>`;
  }
  const { x, y, width, height, radius, fill, stroke, hatch } = mark;
  const box = (paint: string) =>
    `<rect${attributes({ x, y, width, height, rx: radius, fill: paint, stroke: stroke && colour(stroke) })}/>`;
  const plain = fill || !hatch ? box(fill ? colour(fill) : 'none') : '';
  return hatch ? `${plain}${box(`url(#${pattern(hatch, colour(hatch.ink), patterns)})`)}` : plain;
}

function pattern({ ink, stripe, pitch, falling }: Hatch, colour: string, patterns: Map<string, string>): string {
  const id = `${ink}-${pitch}`;
  const turn = falling ? -45 : 45;
  patterns.set(
    id,
    `<pattern id="${id}" width="${pitch}" height="${pitch}" patternUnits="userSpaceOnUse" patternTransform="rotate(${turn})">` +
      `<rect width="${stripe}" height="${pitch}" fill="${colour}"/></pattern>`,
  );
  return id;
}
