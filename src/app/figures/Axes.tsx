/** The two axes of a figure with their ticks and names, and the room inside them. Decoration: the table says it all. */
import { type Axis, type Scale, scaleOf, ticksOf } from './scale.ts';

/** The drawing area of a figure, in pixels. */
export interface Room {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly x: Scale;
  readonly y: Scale;
}

/** Room for tick labels: left, below, and above for the name of the y axis. */
const LEFT = 46;
const BELOW = 40;
const ABOVE = 24;
const RIGHT = 14;

export function roomOf(x: Axis, y: Axis, width: number, height: number): Room {
  const [left, right, top, bottom] = [LEFT, Math.max(width - RIGHT, LEFT + 1), ABOVE, height - BELOW];
  return { left, right, top, bottom, x: scaleOf(x, left, right), y: scaleOf(y, bottom, top) };
}

export function Axes({ x, y, room }: { x: Axis; y: Axis; room: Room }) {
  const { left, right, top, bottom } = room;
  const wide = right - left;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it can be focused
    <g className="figure-axes" aria-hidden="true">
      {ticksOf(y, bottom - top > 130 ? 5 : 3).map((tick) => (
        <g key={tick} transform={`translate(0 ${room.y.place(tick)})`}>
          <path className="grid-line" d={`M${left} 0H${right}`} />
          <text x={left - 7} dy="0.32em" textAnchor="end">
            {y.format(tick)}
          </text>
        </g>
      ))}
      {ticksOf(x, wide > 420 ? 6 : 4).map((tick) => (
        <g key={tick} transform={`translate(${room.x.place(tick)} ${bottom})`}>
          <path d="M0 0v4" />
          <text y="17" textAnchor="middle">
            {x.format(tick)}
          </text>
        </g>
      ))}
      <path d={`M${left} ${bottom}H${right}`} />
      <text className="name" x={0} y={11}>
        {y.label}
      </text>
      <text className="name" x={right} y={bottom + 34} textAnchor="end">
        {x.label}
      </text>
    </g>
  );
}
