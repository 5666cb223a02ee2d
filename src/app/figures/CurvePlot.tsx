/**
 * Curves over one variable, read at a cursor. To the keyboard and to assistive technology the plot is a slider: arrow
 * keys move the cursor, and its value text says what every curve is there.
 */
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';
import { Axes, type Room, roomOf } from './Axes.tsx';
import type { Axis } from './scale.ts';
import { useWidth } from './useWidth.ts';

export interface Curve {
  readonly key: string;
  readonly name: string;
  readonly at: (x: number) => number;
  /** Drawn in the accent colour, on top. */
  readonly strong?: boolean;
  /** Lengths of its dashes and gaps, pixels; unbroken unless told. */
  readonly dashes?: string | undefined;
  /** One of several that a curve is the mean of. */
  readonly faint?: boolean;
}

interface Props {
  readonly label: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly curves: readonly Curve[];
  readonly cursor: number;
  readonly onCursor: (x: number) => void;
  /** What the curves are at the cursor, in words. */
  readonly words: string;
  readonly height?: number;
  /** Step of the arrow keys; Page keys take ten. */
  readonly step?: number;
  readonly children?: (room: Room) => ReactNode;
}

/** The pixels of a curve, at every second of them. */
export function curvePoints(room: Room, at: (x: number) => number): string {
  const points: string[] = [];
  const count = Math.max(2, Math.round((room.right - room.left) / 2));
  for (let i = 0; i <= count; i++) {
    const pixel = room.left + (i / count) * (room.right - room.left);
    const y = at(room.x.value(pixel));
    if (!Number.isNaN(y)) points.push(`${pixel.toFixed(1)},${room.y.place(y).toFixed(1)}`);
  }
  return points.join(' ');
}

export function CurvePlot({
  label,
  x,
  y,
  curves,
  cursor,
  onCursor,
  words,
  height = 300,
  step = 0.01,
  children,
}: Props) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const room = roomOf(x, y, width, height);
  const [low, high] = x.domain;
  const round = (value: number) => Number((Math.round(value / step) * step).toFixed(6));
  const move = (value: number) => onCursor(Math.min(Math.max(round(value), low), high));
  const follow = (event: PointerEvent) => {
    const box = ref.current?.getBoundingClientRect();
    if (box) move(room.x.value(event.clientX - box.left));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const to: Record<string, number> = {
      ArrowLeft: cursor - step,
      ArrowDown: cursor - step,
      ArrowRight: cursor + step,
      ArrowUp: cursor + step,
      PageDown: cursor - 10 * step,
      PageUp: cursor + 10 * step,
      Home: low,
      End: high,
    };
    const target = to[event.key];
    if (target === undefined) return;
    move(target);
    event.preventDefault();
    event.stopPropagation();
  };
  const weak = curves.filter(({ strong }) => !strong);
  const strong = curves.filter((curve) => curve.strong);
  return (
    <div
      className="figure-plot figure-curves"
      ref={ref}
      style={{ height }}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={low}
      aria-valuemax={high}
      aria-valuenow={cursor}
      aria-valuetext={words}
      onKeyDown={onKeyDown}
      onPointerDown={follow}
      // A mouse reads by hovering; a finger scrolls the page, so it has to press.
      onPointerMove={(event) => event.pointerType === 'mouse' && follow(event)}
    >
      {width > 0 && (
        <svg width={width} height={height} aria-hidden="true">
          <Axes x={x} y={y} room={room} />
          {[...weak, ...strong].map(({ key, at, strong, dashes, faint }) => (
            <polyline
              key={key}
              className={['figure-line', strong && 'strong', faint && 'faint'].filter(Boolean).join(' ')}
              strokeDasharray={dashes}
              points={curvePoints(room, at)}
            />
          ))}
          <path className="figure-cursor" d={`M${room.x.place(cursor)} ${room.top}V${room.bottom}`} />
          {strong.map(({ key, at }) => {
            const y = at(cursor);
            if (Number.isNaN(y)) return null;
            return <circle key={key} className="figure-here" cx={room.x.place(cursor)} cy={room.y.place(y)} r="4.5" />;
          })}
          {children?.(room)}
        </svg>
      )}
    </div>
  );
}
