/** What a picture of a run is made of: a list of marks in the picture's own units, which SVG and a canvas draw alike. */
import type { FontName } from './theme.ts';

/** The name of a colour in the style sheet. */
export type Ink = string;

interface Box {
  readonly kind: 'box';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly radius?: number;
  readonly fill?: Ink;
  readonly stroke?: Ink;
  /** Stripes over the fill: of a mask, or of a word that was rewritten. */
  readonly hatch?: Hatch;
}

export interface Hatch {
  readonly ink: Ink;
  /** Width of a stripe and distance from one to the next. */
  readonly stripe: number;
  readonly pitch: number;
  /** Rising to the right as of a mask, or falling. */
  readonly falling: boolean;
}

export interface Lettering {
  readonly kind: 'text';
  readonly x: number;
  /** Of the baseline. */
  readonly y: number;
  readonly text: string;
  readonly font: FontName;
  readonly size: number;
  readonly weight?: number;
  readonly ink: Ink;
  /** How wide the text was measured; other fonts are made to fit. */
  readonly width: number;
  /** Thickened by its own colour: a word just written. */
  readonly bold?: boolean;
}

interface Line {
  readonly kind: 'line';
  readonly points: readonly (readonly [number, number])[];
  readonly ink: Ink;
  readonly width: number;
  readonly dash?: readonly number[];
  readonly round?: boolean;
}

export type Mark = Box | Lettering | Line;

export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly marks: readonly Mark[];
}

/** Width of a text in the picture's units. */
export type Measure = (text: string, font: FontName, size: number, weight?: number) => number;

export const MASK_HATCH: Hatch = { ink: 'hatch', stripe: 1.2, pitch: 6, falling: false };
export const MASK_AGAIN_HATCH: Hatch = { ink: 'again', stripe: 1.5, pitch: 6, falling: true };
export const AGAIN_HATCH: Hatch = { ink: 'again-ground', stripe: 4, pitch: 7, falling: true };

/** A text, cut where it would be wider than `room`. */
export function fitted(text: string, room: number, widthOf: (text: string) => number): string {
  const letters = Array.from(text);
  let kept = letters.length;
  const shown = () => (kept < letters.length ? `${letters.slice(0, kept).join('').trimEnd()}…` : text);
  while (kept > 1 && widthOf(shown()) > room) kept--;
  return shown();
}

/** The same mark, lower by `by`. */
export function lowered(mark: Mark, by: number): Mark {
  if (mark.kind === 'line') return { ...mark, points: mark.points.map(([x, y]) => [x, y + by] as const) };
  return { ...mark, y: mark.y + by };
}
