/**
 * Points with error bars. One tab stop; arrow keys go from point to point (left and right along a series, up and down to
 * the series beside it) and Enter chooses. What a point says is its name for assistive technology and a line below.
 */
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { m } from '../messages/index.ts';
import { Axes, type Room, roomOf } from './Axes.tsx';
import { isHollow, Mark, markPath } from './marks.tsx';
import type { Axis } from './scale.ts';
import { useWidth } from './useWidth.ts';

export interface PlotPoint {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  /** Ends of the error bar in y. */
  readonly low?: number;
  readonly high?: number;
  /** The point in one sentence. */
  readonly words: string;
}

export interface PointSeries {
  readonly key: string;
  readonly name: string;
  /** By rising x. */
  readonly points: readonly PlotPoint[];
  /** Joins the points by a line. */
  readonly joined?: boolean;
}

interface Props {
  /** What the figure shows. */
  readonly label: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly PointSeries[];
  readonly height?: number;
  /** Key of the point that is chosen. */
  readonly chosen?: string | undefined;
  readonly onChoose?: (point: PlotPoint, series: PointSeries) => void;
  /** Drawn behind the points. */
  readonly behind?: (room: Room) => ReactNode;
  /** Leaves the key of the series out, where the axis names them. */
  readonly unkeyed?: boolean;
}

type Place = readonly [series: number, point: number];

export function PointPlot({ label, x, y, series, height = 280, chosen, onChoose, behind, unkeyed = false }: Props) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const [current, setCurrent] = useState<Place>([0, 0]);
  const [read, setRead] = useState<PlotPoint>();
  const room = roomOf(x, y, width, height);
  const first = Math.max(
    0,
    series.findIndex(({ points }) => points.length > 0),
  );
  const at = exists(series, current) ? current : ([first, 0] as const);

  const go = (place: Place) => {
    setCurrent(place);
    svg.current?.querySelector<SVGElement>(`[data-place="${place.join()}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const point = series[at[0]]?.points[at[1]];
    if (point === undefined) return;
    if (event.key === 'Enter' || event.key === ' ') onChoose?.(point, series[at[0]] as PointSeries);
    else {
      const place = neighbour(series, at, event.key);
      if (place === undefined) return;
      go(place);
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="figure-plot" ref={ref}>
      {width > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a drawing cannot be a fieldset
        <svg
          ref={svg}
          width={width}
          height={height}
          role="group"
          aria-label={`${label}. ${m.figures.pointKeys}`}
          onKeyDown={onKeyDown}
        >
          <Axes x={x} y={y} room={room} />
          {behind?.(room)}
          {series.map(({ key, points, joined }, s) => (
            <g key={key} className={`figure-series s${s}`}>
              {joined && (
                <polyline
                  className="figure-line"
                  points={points.map((point) => `${room.x.place(point.x)},${room.y.place(point.y)}`).join(' ')}
                />
              )}
              {points.map((point, p) => (
                // biome-ignore lint/a11y/noStaticElementInteractions: it has one of two roles
                <g
                  key={point.key}
                  data-place={`${s},${p}`}
                  className={point.key === chosen ? 'figure-point chosen' : 'figure-point'}
                  role={onChoose ? 'button' : 'img'}
                  aria-label={point.words}
                  {...(onChoose ? { 'aria-pressed': point.key === chosen } : {})}
                  tabIndex={s === at[0] && p === at[1] ? 0 : -1}
                  onFocus={() => {
                    setCurrent([s, p]);
                    setRead(point);
                  }}
                  onPointerEnter={() => setRead(point)}
                  onClick={() => onChoose?.(point, series[s] as PointSeries)}
                >
                  {point.low !== undefined && point.high !== undefined && (
                    <path className="figure-whisker" d={whisker(room, point.x, point.low, point.high)} />
                  )}
                  <g transform={`translate(${room.x.place(point.x)} ${room.y.place(point.y)})`}>
                    <circle className="reach" r="12" />
                    <path className={isHollow(s) ? 'mark hollow' : 'mark'} d={markPath(s)} />
                  </g>
                </g>
              ))}
            </g>
          ))}
        </svg>
      )}
      <p className="figure-readout" aria-hidden="true">
        {read?.words ?? m.figures.pointHint}
      </p>
      {!unkeyed && series.length > 1 && (
        <ul className="figure-key">
          {series.map(({ key, name }, s) => (
            <li key={key} className={`s${s}`}>
              <Mark series={s} />
              {name}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function exists(series: readonly PointSeries[], [s, p]: Place): boolean {
  return series[s]?.points[p] !== undefined;
}

function whisker(room: Room, x: number, low: number, high: number): string {
  const [at, top, bottom] = [room.x.place(x), room.y.place(high), room.y.place(low)];
  return `M${at} ${top}V${bottom}M${at - 4} ${top}h8M${at - 4} ${bottom}h8`;
}

/** Where a key leads from a point, or undefined when it is none of ours; at the edge it stays. */
function neighbour(series: readonly PointSeries[], [s, p]: Place, key: string): Place | undefined {
  const last = (series[s]?.points.length ?? 1) - 1;
  switch (key) {
    case 'ArrowLeft':
      return [s, Math.max(p - 1, 0)];
    case 'ArrowRight':
      return [s, Math.min(p + 1, last)];
    case 'Home':
      return [s, 0];
    case 'End':
      return [s, last];
    case 'ArrowUp':
    case 'ArrowDown': {
      const filled = series.flatMap(({ points }, index) => (points.length > 0 ? [index] : []));
      const next = filled[filled.indexOf(s) + (key === 'ArrowUp' ? -1 : 1)];
      return next === undefined ? [s, p] : [next, nearest(series[next]?.points ?? [], series[s]?.points[p]?.x ?? 0)];
    }
    default:
      return undefined;
  }
}

function nearest(points: readonly PlotPoint[], x: number): number {
  let best = 0;
  points.forEach((point, index) => {
    if (Math.abs(point.x - x) < Math.abs((points[best] as PlotPoint).x - x)) best = index;
  });
  return best;
}
