/** Draws a scene on a canvas, and measures text with one, in the page's own fonts. */
import type { Hatch, Mark, Measure, Scene } from './marks.ts';
import { type FontName, familiesOf, INKS, type Theme } from './theme.ts';

type Context = CanvasRenderingContext2D;

const fontOf = (font: FontName, size: number, weight = 400) =>
  `${weight} ${size}px ${familiesOf(font, document.documentElement.lang)}`;

/** Fonts that text on a canvas needs are not fetched by drawing it. */
export async function fontsReady(): Promise<void> {
  const wanted = [fontOf('serif', 20), fontOf('serif', 20, 600), fontOf('ui', 13), fontOf('mono', 13)];
  await Promise.all(wanted.map((font) => document.fonts.load(font).catch(() => [])));
}

/** Widths are remembered: the same few words are measured for every frame. */
export function canvasMeasure(): Measure {
  const context = document.createElement('canvas').getContext('2d');
  const known = new Map<string, number>();
  return (text, font, size, weight) => {
    const style = fontOf(font, size, weight);
    const key = `${style}\n${text}`;
    let width = known.get(key);
    if (width === undefined && context) {
      context.font = style;
      width = context.measureText(text).width;
      known.set(key, width);
    }
    return width ?? 0;
  };
}

/** `scale` is pixels per unit of the scene. */
export function paint(context: Context, scene: Scene, theme: Theme, scale: number): void {
  context.setTransform(scale, 0, 0, scale, 0, 0);
  for (const mark of scene.marks) drawMark(context, mark, INKS[theme]);
}

function drawMark(context: Context, mark: Mark, inks: Readonly<Record<string, string>>): void {
  const colour = (ink: string) => inks[ink] ?? '#000';
  if (mark.kind === 'text') {
    context.font = fontOf(mark.font, mark.size, mark.weight);
    context.fillStyle = colour(mark.ink);
    context.fillText(mark.text, mark.x, mark.y);
    if (mark.bold) {
      context.strokeStyle = colour(mark.ink);
      context.lineWidth = 0.016 * mark.size;
      context.setLineDash([]);
      context.strokeText(mark.text, mark.x, mark.y);
    }
  } else if (mark.kind === 'line') {
    context.beginPath();
    for (const [x, y] of mark.points) context.lineTo(x, y);
    context.strokeStyle = colour(mark.ink);
    context.lineWidth = mark.width;
    context.lineJoin = 'round';
    context.lineCap = mark.round ? 'round' : 'butt';
    context.setLineDash([...(mark.dash ?? [])]);
    context.stroke();
  } else {
    context.beginPath();
    context.roundRect(mark.x, mark.y, mark.width, mark.height, mark.radius ?? 0);
    if (mark.fill) {
      context.fillStyle = colour(mark.fill);
      context.fill();
    }
    if (mark.hatch) stripes(context, mark, mark.hatch, colour(mark.hatch.ink));
    if (mark.stroke) {
      context.strokeStyle = colour(mark.stroke);
      context.lineWidth = 1;
      context.setLineDash([]);
      context.stroke();
    }
  }
}

/** Stripes at 45 degrees within the path just drawn; `pitch` is measured across them, as in a CSS gradient. */
function stripes(
  context: Context,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  { stripe, pitch, falling }: Hatch,
  colour: string,
): void {
  context.save();
  context.clip();
  context.beginPath();
  const across = pitch * Math.SQRT2;
  for (let from = x - height; from < x + width + across; from += across) {
    const [start, end] = falling ? [from, from + height] : [from + height, from];
    context.moveTo(start, y);
    context.lineTo(end, y + height);
  }
  context.strokeStyle = colour;
  context.lineWidth = stripe;
  context.lineCap = 'square';
  context.setLineDash([]);
  context.stroke();
  context.restore();
}
