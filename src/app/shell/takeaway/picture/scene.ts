/**
 * One moment of a run as a picture: the sheet with the words as the page's prose view draws them (`styles/canvas.css`
 * has the same measures in em), and below it, if wanted, the time line, the step and what wrote the text.
 */
import type { Trace } from '../../../../diffusion/trace.ts';
import { type Frame, Look } from '../../../trace/frame.ts';
import { flow, type Placed } from './flow.ts';
import { footer } from './footer.ts';
import {
  AGAIN_HATCH,
  fitted,
  lowered,
  MASK_AGAIN_HATCH,
  MASK_HATCH,
  type Mark,
  type Measure,
  type Scene,
} from './marks.ts';

/** Every picture is laid out this wide and scaled afterwards, so that all sizes are one composition. */
export const WIDTH = 880;
const EDGE = 26;
const INSET = { x: 42, y: 32 };
const SIZE = 23;
const LEADING = 1.9 * SIZE;
/** Ascent and descent of Source Serif 4 in em, which make the ground behind a word. */
const ASCENT = 1.036;
const DESCENT = 0.335;
const PAD = 0.13;
/** What a heading takes above the sheet. */
const HEAD = 34;

export interface PictureOptions {
  /** With time line, step and settings. */
  readonly footer: boolean;
  /** The first slot shown. */
  readonly first: number;
  /** Lines to make room for, when several frames share one height. */
  readonly lines?: number;
  /** Said above the text: the question of a chat, whose prompt is not shown. */
  readonly heading?: string | undefined;
}

/** Lines that a frame takes. */
export function linesOf(trace: Trace, frame: Frame, first: number, measure: Measure): number {
  return flowOf(trace, frame, first, measure).lines;
}

const flowOf = (trace: Trace, frame: Frame, first: number, measure: Measure) =>
  flow(frame, trace.pieces, { first, width: WIDTH - 2 * (EDGE + INSET.x), size: SIZE, measure });

export function sceneOf(trace: Trace, frame: Frame, look: PictureOptions, measure: Measure): Scene {
  const { words, lines } = flowOf(trace, frame, look.first, measure);
  const sheet = Math.max(look.lines ?? 0, lines, 3) * LEADING + 2 * INSET.y;
  const marks: Mark[] = [
    { kind: 'box', x: EDGE, y: EDGE, width: WIDTH - 2 * EDGE, height: sheet, radius: 4, fill: 'sheet', stroke: 'line' },
  ];
  for (const word of words) marks.push(...drawGround(word, frame.looks[word.slot] as number));
  for (const word of words) marks.push(...drawWord(word, frame.looks[word.slot] as number));
  let height = EDGE + sheet + EDGE;
  if (look.footer) {
    const foot = footer(trace, frame, { x: EDGE, y: EDGE + sheet + 14, width: WIDTH - 2 * EDGE }, measure);
    marks.push(...foot.marks);
    height = EDGE + sheet + 14 + foot.height + 20;
  }
  const head = look.heading === undefined ? [] : [headingOf(look.heading, measure)];
  const below = head.length > 0 ? HEAD : 0;
  // Whole and even, because pictures of other sizes are scaled from it.
  height = Math.ceil((height + below) / 2) * 2;
  const paper: Mark = { kind: 'box', x: 0, y: 0, width: WIDTH, height, fill: 'paper' };
  return { width: WIDTH, height, marks: [paper, ...head, ...marks.map((mark) => lowered(mark, below))] };
}

function headingOf(heading: string, measure: Measure): Mark {
  const widthOf = (text: string) => measure(text, 'serif', 18, 600);
  const text = fitted(heading, WIDTH - 2 * EDGE, widthOf);
  const place = { x: EDGE, y: EDGE + 16, width: widthOf(text) };
  return { kind: 'text', text, font: 'serif', size: 18, weight: 600, ink: 'ink', ...place };
}

/** Where the ground of a word lies, around its letters. */
function groundOf({ x, width, line, joined }: Placed, given: boolean) {
  const left = EDGE + INSET.x + x - (joined ? 0 : PAD * SIZE);
  const right = EDGE + INSET.x + x + width + (given ? 0.18 : PAD) * SIZE;
  const baseline = baselineOf(line);
  const top = baseline - (ASCENT + 0.1) * SIZE;
  return { left, top, width: right - left, height: (ASCENT + DESCENT + 0.2) * SIZE, baseline };
}

function baselineOf(line: number): number {
  return EDGE + INSET.y + line * LEADING + (LEADING - (ASCENT + DESCENT) * SIZE) / 2 + ASCENT * SIZE;
}

function drawGround(word: Placed, look: number): Mark[] {
  const { left, top, width, height } = groundOf(word, (look & Look.Given) !== 0);
  const box = { kind: 'box', x: left, y: top, width, height } as const;
  if (look & Look.Open) return [maskOf(word, look)];
  if (look & Look.Given) return [{ ...box, fill: 'given' }];
  const marks: Mark[] = [];
  if (look & Look.Now) marks.push({ ...box, radius: 4, fill: 'now-ground' });
  if (look & Look.Rewritten) marks.push({ ...box, radius: 4, hatch: AGAIN_HATCH });
  if (look & Look.Pinned) marks.push({ ...box, height: 2.6, radius: 1, fill: 'pin' });
  return marks;
}

function maskOf(word: Placed, look: number): Mark {
  const { left, top, width, height } = groundOf(word, false);
  const inner = (word.joined ? 0.03 : 0.16) * SIZE;
  const right = left + width - 0.16 * SIZE;
  if (look & Look.Unneeded) {
    const box = { y: top + 0.72 * SIZE, height: height - 1.22 * SIZE, radius: 3 };
    return { kind: 'box', x: left + inner, width: Math.max(right - left - inner, 4), ...box, stroke: 'line' };
  }
  const again = (look & Look.Rewritten) !== 0;
  return {
    kind: 'box',
    x: left + inner,
    y: top + 0.56 * SIZE,
    width: Math.max(right - left - inner, 4),
    height: height - 0.92 * SIZE,
    radius: 3,
    fill: again ? 'again-ground' : 'mask',
    hatch: again ? MASK_AGAIN_HATCH : MASK_HATCH,
  };
}

function drawWord({ x, width, line, body, sign }: Placed, look: number): Mark[] {
  if (look & Look.Open) return [];
  const left = EDGE + INSET.x + x;
  const baseline = baselineOf(line);
  const gone = (look & Look.Removed) !== 0;
  const ink = gone ? 'soft' : look & Look.Rewritten ? 'again' : look & Look.Now ? 'now' : sign ? 'soft' : 'ink';
  const bold = (look & Look.Now) !== 0;
  const marks: Mark[] = [
    { kind: 'text', x: left, y: baseline, text: body, font: 'serif', size: SIZE, ink, width, bold },
  ];
  // A proofreader's signs, as on the page: a line through a word that goes, a caret where one came in.
  if (gone) {
    const middle = baseline - 0.26 * SIZE;
    marks.push({
      kind: 'line',
      points: [
        [left, middle],
        [left + width, middle],
      ],
      ink: 'again',
      width: 2,
    });
  }
  if (look & Look.Inserted) {
    const [x, y, half] = [left + 0.15 * SIZE - (PAD + 0.02) * SIZE, baseline + 0.32 * SIZE, 0.17 * SIZE];
    marks.push({
      kind: 'line',
      points: [
        [x - half, y],
        [x, y - 0.24 * SIZE],
        [x + half, y],
      ],
      ink: 'now',
      width: 2,
      round: true,
    });
  }
  const under = (points: number): (readonly [number, number])[] => [
    [left, baseline + points],
    [left + width, baseline + points],
  ];
  if (look & Look.Unsure) {
    marks.push({ kind: 'line', points: under(6), ink: 'again', width: 2, dash: [0.01, 4], round: true });
  } else if (look & Look.Halfsure) marks.push({ kind: 'line', points: under(5.5), ink: 'edge', width: 1 });
  return marks;
}
