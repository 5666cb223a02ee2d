/**
 * The sheet on which a curve is drawn: a stroke of the pointer makes a new one, points can be dragged. To the keyboard
 * every point is a slider in two directions: left and right move it in time, up and down in mask rate.
 */
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { type CurvePoint, curveOfStroke, movePoint } from '../../../diffusion/curve.ts';
import { drawnSchedule } from '../../../diffusion/drawn-schedule.ts';
import { Axes, roomOf } from '../../figures/Axes.tsx';
import { curvePoints } from '../../figures/CurvePlot.tsx';
import { CURVES, TIME } from '../../figures/scheduleCurves.ts';
import { useWidth } from '../../figures/useWidth.ts';
import { hundredths, percent } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';

const HEIGHT = 300;
const STEP = 0.01;

interface Props {
  readonly points: readonly CurvePoint[];
  /** `fresh` begins a change that undo takes back as one. */
  readonly onChange: (points: readonly CurvePoint[], fresh: boolean) => void;
  readonly onRemove: (index: number) => void;
}

type Grip =
  | { readonly kind: 'point'; readonly index: number }
  | { readonly kind: 'stroke'; readonly path: CurvePoint[] };

export function DrawPad({ points, onChange, onRemove }: Props) {
  const { ref, width } = useWidth<HTMLDivElement>();
  const room = roomOf(TIME, CURVES.rate.axis, width, HEIGHT);
  const grip = useRef<Grip>(undefined);
  const [stroke, setStroke] = useState('');

  const valueAt = (event: PointerEvent): CurvePoint => {
    const box = ref.current?.getBoundingClientRect();
    return { t: room.x.value(event.clientX - (box?.left ?? 0)), p: room.y.value(event.clientY - (box?.top ?? 0)) };
  };
  const take = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    const point = (event.target as Element).closest<SVGElement>('[data-index]');
    if (point) {
      point.focus();
      grip.current = { kind: 'point', index: Number(point.dataset['index']) };
      onChange(points, true);
    } else grip.current = { kind: 'stroke', path: [valueAt(event)] };
  };
  const drag = (event: PointerEvent) => {
    const held = grip.current;
    if (held === undefined) return;
    const value = valueAt(event);
    if (held.kind === 'point') onChange(movePoint(points, held.index, value), false);
    else {
      held.path.push(value);
      setStroke(held.path.map(({ t, p }) => `${room.x.place(t).toFixed(1)},${room.y.place(p).toFixed(1)}`).join(' '));
    }
  };
  const release = () => {
    const held = grip.current;
    grip.current = undefined;
    setStroke('');
    // A press without a stroke is no drawing.
    if (held?.kind === 'stroke' && held.path.length > 4) onChange(curveOfStroke(held.path), true);
  };
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const { t, p } = points[index] as CurvePoint;
    const by = event.shiftKey ? 10 * STEP : STEP;
    const to: Record<string, CurvePoint> = {
      ArrowLeft: { t: t - by, p },
      ArrowRight: { t: t + by, p },
      ArrowUp: { t, p: p + by },
      ArrowDown: { t, p: p - by },
    };
    const target = to[event.key];
    if (target) onChange(movePoint(points, index, target), true);
    else if (event.key === 'Delete' || event.key === 'Backspace') onRemove(index);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="figure-plot draw-pad" ref={ref} style={{ height: HEIGHT }}>
      {width > 0 && (
        // biome-ignore lint/a11y/useSemanticElements: a drawing cannot be a fieldset
        <svg
          width={width}
          height={HEIGHT}
          role="group"
          aria-label={m.scheduleView.draw.pad}
          onPointerDown={take}
          onPointerMove={drag}
          onPointerUp={release}
          onPointerCancel={release}
        >
          <rect
            className="pad-ground"
            x={room.left}
            y={room.top}
            width={room.right - room.left}
            height={room.bottom - room.top}
          />
          <Axes x={TIME} y={CURVES.rate.axis} room={room} />
          <polyline className="figure-line strong" points={curvePoints(room, drawnSchedule(points).maskRate)} />
          {stroke && <polyline className="pad-stroke" points={stroke} />}
          {points.map(({ t, p }, index) => (
            <g
              // biome-ignore lint/suspicious/noArrayIndexKey: a point keeps its number while it is dragged
              key={index}
              className="pad-point"
              data-index={index}
              role="slider"
              tabIndex={0}
              aria-label={m.scheduleView.draw.point(index + 1, points.length)}
              aria-valuemin={0}
              aria-valuemax={1}
              aria-valuenow={p}
              aria-valuetext={m.scheduleView.draw.pointValue(hundredths(t), percent(p))}
              transform={`translate(${room.x.place(t)} ${room.y.place(p)})`}
              onKeyDown={(event) => onKeyDown(event, index)}
            >
              <circle className="reach" r="14" />
              <circle r="6" />
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}
