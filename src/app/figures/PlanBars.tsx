/** A reveal plan as bars, one per step, as on the time line of Generate. */
import { greatest } from '../../diffusion/extremes.ts';

interface Props {
  readonly counts: readonly number[];
  /** Height of a bar of `highest` tokens, and how wide the drawing is. */
  readonly width: number;
  readonly height: number;
  readonly highest?: number;
  /** Steps before this one have been played. */
  readonly played?: number;
}

export function PlanBars({ counts, width, height, highest = greatest(counts, 1), played = 0 }: Props) {
  const pitch = width / counts.length;
  const bar = (count: number, step: number) => {
    const tall = (count / highest) * height;
    return `M${(step * pitch + 0.75).toFixed(2)} ${height}v${-tall.toFixed(2)}h${(pitch - 1.5).toFixed(2)}v${tall.toFixed(2)}z`;
  };
  return (
    <>
      <path className="plan-bars" d={counts.map((count, step) => (step < played ? '' : bar(count, step))).join('')} />
      <path className="plan-bars played" d={counts.slice(0, played).map(bar).join('')} />
      <path className="plan-axis" d={`M0 ${height}H${width}`} />
    </>
  );
}
