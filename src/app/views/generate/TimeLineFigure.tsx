/** The drawing inside the time line, in pixels of its own width. Bars are three paths, however many steps there are. */

import { memo } from 'react';
import { greatest } from '../../../diffusion/extremes.ts';
import type { Timeline } from '../../trace/timeline.ts';

/** Share of the height that the highest bar takes; the curves use all of it. */
const BARS = 0.62;
/** Few steps would make walls of the bars. */
const WIDEST = 34;

interface Props {
  readonly timeline: Timeline;
  readonly playhead: number;
  readonly width: number;
  readonly tall: number;
  /** Steps the whole width stands for. */
  readonly total: number;
  /** The step at which two branches part. */
  readonly fork?: number;
}

export function TimeLineFigure({ timeline, playhead, width, tall, total, fork }: Props) {
  const { counts, made } = timeline;
  const pitch = width / Math.max(total, 1);
  const x = playhead * pitch;
  return (
    <svg width={width} height={tall + 12} viewBox={`0 -8 ${width} ${tall + 12}`} aria-hidden="true">
      <path className="bars planned" d={bars(counts, made, counts.length, pitch, tall)} />
      <path className="bars made" d={bars(counts, playhead, made, pitch, tall)} />
      <path className="bars played" d={bars(counts, 0, playhead - 1, pitch, tall)} />
      <path className="bars current" d={bars(counts, playhead - 1, playhead, pitch, tall)} />
      <Curves timeline={timeline} pitch={pitch} tall={tall} />
      {fork !== undefined && <path className="fork" d={`M${fork * pitch} -8V${tall}`} />}
      <path className="axis" d={`M0 ${tall + 0.5}H${width}`} />
      <g className="playhead" transform={`translate(${Math.min(Math.max(x, 1), width - 1)} 0)`}>
        <path d={`M0 0V${tall + 4}`} />
        <circle cy="0" r="5.5" />
      </g>
    </svg>
  );
}

function bars(counts: readonly number[], from: number, to: number, pitch: number, tall: number): string {
  const highest = greatest(counts, 1);
  const gap = pitch > 12 ? 4 : pitch > 5 ? 2 : pitch > 2.5 ? 1 : 0;
  const wide = Math.min(pitch - gap, WIDEST);
  let path = '';
  for (let step = Math.max(from, 0); step < to; step++) {
    const height = ((counts[step] ?? 0) / highest) * tall * BARS;
    path += `M${((step + 0.5) * pitch - wide / 2).toFixed(1)} ${tall}v${-height.toFixed(1)}h${wide.toFixed(2)}v${height.toFixed(1)}z`;
  }
  return path;
}

const Curves = memo(function Curves({ timeline, pitch, tall }: { timeline: Timeline; pitch: number; tall: number }) {
  const line = (value: (step: number) => number) => {
    const points: string[] = [];
    for (let step = 0; step < timeline.made; step++) {
      const y = value(step);
      if (!Number.isNaN(y)) points.push(`${((step + 0.5) * pitch).toFixed(1)},${((1 - y) * tall).toFixed(1)}`);
    }
    return points.join(' ');
  };
  return (
    <>
      <polyline className="mean" points={line((step) => timeline.sureness[step]?.mean ?? Number.NaN)} />
      {timeline.several && (
        <polyline className="least" points={line((step) => timeline.sureness[step]?.least ?? Number.NaN)} />
      )}
    </>
  );
});
