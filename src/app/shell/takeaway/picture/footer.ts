/** Below the sheet of a picture: one bar per step as on the time line, which step it is, and what wrote the text. */
import { greatest } from '../../../../diffusion/extremes.ts';
import type { Trace } from '../../../../diffusion/trace.ts';
import { m } from '../../../messages/index.ts';
import type { Frame } from '../../../trace/frame.ts';
import { timelineOf } from '../../../trace/timeline.ts';
import { shortFacts } from '../facts.ts';
import { fitted, MASK_HATCH, type Mark, type Measure } from './marks.ts';

const BARS = 44;
const LINE = 20;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export function footer(trace: Trace, frame: Frame, place: Place, measure: Measure): { marks: Mark[]; height: number } {
  const marks = [...bars(trace, frame.playhead, place)];
  const y = place.y + BARS + 12 + LINE;
  const step = m.time.step(frame.playhead, timelineOf(trace).counts.length);
  const write = (text: string, x: number, font: 'ui' | 'mono', ink: string): number => {
    const width = measure(text, font, 13);
    marks.push({ kind: 'text', x, y, text, font, size: 13, ink, width });
    return width;
  };
  const after = place.x + write(step, place.x, 'mono', 'ink') + 18;
  const mark = drawMark(place.x + place.width, y, measure);
  marks.push(...mark.marks);
  write(
    fitted(shortFacts(trace), mark.left - 18 - after, (text) => measure(text, 'ui', 13)),
    after,
    'ui',
    'soft',
  );
  return { marks, height: BARS + 12 + LINE + 6 };
}

function bars(trace: Trace, playhead: number, { x, y, width }: Place): Mark[] {
  const { counts, made, sureness } = timelineOf(trace);
  const highest = greatest(counts, 1);
  const pitch = width / Math.max(counts.length, 1);
  const wide = Math.min(pitch - (pitch > 12 ? 4 : pitch > 5 ? 2 : pitch > 2.5 ? 1 : 0), 34);
  const marks: Mark[] = counts.map((count, step) => {
    const height = (count / highest) * BARS * 0.62;
    const fill = step === playhead - 1 ? 'now' : step < playhead ? 'mask-line' : 'mask';
    return { kind: 'box', x: x + (step + 0.5) * pitch - wide / 2, y: y + BARS - height, width: wide, height, fill };
  });
  const points = sureness
    .slice(0, made)
    .map(({ mean }, step) => [x + (step + 0.5) * pitch, y + (1 - mean) * BARS] as const)
    .filter(([, at]) => !Number.isNaN(at));
  marks.push({ kind: 'line', points, ink: 'soft', width: 1.3 });
  const here = Math.min(Math.max(x + playhead * pitch, x + 1), x + width - 1);
  marks.push(
    {
      kind: 'line',
      points: [
        [x, y + BARS + 0.5],
        [x + width, y + BARS + 0.5],
      ],
      ink: 'line',
      width: 1,
    },
    {
      kind: 'line',
      points: [
        [here, y - 2],
        [here, y + BARS + 4],
      ],
      ink: 'ink',
      width: 1.5,
    },
    { kind: 'box', x: here - 4.5, y: y - 6, width: 9, height: 9, radius: 4.5, fill: 'ink' },
  );
  return marks;
}

/** The mark of the page, ending at `right`: its "ma" still masked. */
function drawMark(right: number, y: number, measure: Measure): { marks: Mark[]; left: number } {
  const size = 16;
  const letter = (text: string) => measure(text, 'serif', size, 600);
  const [wide, gap] = [0.62 * size, 1];
  const left = right - letter('sk') - letter('Un') - 2 * (wide + 2 * gap);
  const text = (text: string, x: number): Mark => {
    return { kind: 'text', x, y, text, font: 'serif', size, weight: 600, ink: 'ink', width: letter(text) };
  };
  const box = (x: number): Mark => {
    const hatch = { ...MASK_HATCH, pitch: 4 };
    return { kind: 'box', x, y: y - 0.56 * size, width: wide, height: 0.56 * size, radius: 2, fill: 'mask', hatch };
  };
  const first = left + letter('Un') + gap;
  return {
    left,
    marks: [text('Un', left), box(first), box(first + wide + 2 * gap), text('sk', right - letter('sk'))],
  };
}
