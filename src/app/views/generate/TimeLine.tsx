/**
 * The time line: one bar per step, as high as the number of tokens it wrote, under the mean and the least confidence.
 * Dragging scrubs. To assistive technology it is a slider.
 */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { m } from '../../messages/index.ts';
import { useComparison } from '../../session/comparison.ts';
import { useFrame } from '../../session/frames.ts';
import { seek, useRun } from '../../session/run.ts';
import { useMedia } from '../../session/useMedia.ts';
import { maskedAtStart } from '../../trace/counters.ts';
import { timelineOf } from '../../trace/timeline.ts';
import { TimeLineFigure } from './TimeLineFigure.tsx';

export function TimeLine() {
  const trace = useRun((state) => state.trace);
  const frame = useFrame();
  const root = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  // On a low screen the text needs the room more.
  const tall = useMedia('(max-height: 820px)') ? 68 : 104;

  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const comparison = useComparison();
  const timeline = trace ? timelineOf(trace) : undefined;
  const other = comparison ? timelineOf(comparison.trace) : undefined;
  // Two branches share one scale, so that the same step stands over the same step.
  const total = Math.max(timeline?.counts.length ?? 0, other?.counts.length ?? 0, 1);
  const made = Math.max(timeline?.made ?? 0, other?.made ?? 0);
  const playhead = useRun((state) => Math.min(state.playhead, made));
  const height = other ? tall / 2 + 4 : tall;
  const slots = trace ? maskedAtStart(trace) : 0;
  const share = frame && slots > 0 ? Math.max(0, 1 - frame.masks / slots) : 0;

  const seekTo = (event: PointerEvent) => {
    const box = root.current?.getBoundingClientRect();
    if (box) seek(Math.round(((event.clientX - box.left) / box.width) * total));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const to: Record<string, number> = {
      ArrowLeft: playhead - 1,
      ArrowDown: playhead - 1,
      ArrowRight: playhead + 1,
      ArrowUp: playhead + 1,
      PageDown: playhead - 10,
      PageUp: playhead + 10,
      Home: 0,
      End: Number.POSITIVE_INFINITY,
    };
    const target = to[event.key];
    if (target === undefined) return;
    seek(target);
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={root}
      className="timeline"
      style={{ height: other ? 2 * (height + 12) : height + 12 }}
      role="slider"
      tabIndex={0}
      aria-label={m.time.label}
      aria-valuemin={0}
      aria-valuemax={made}
      aria-valuenow={playhead}
      aria-valuetext={m.time.value(playhead, total, share)}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        seekTo(event);
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && seekTo(event)}
    >
      {timeline && width > 0 && (
        <TimeLineFigure timeline={timeline} playhead={playhead} width={width} tall={height} total={total} />
      )}
      {other && width > 0 && (
        <TimeLineFigure
          timeline={other}
          playhead={playhead}
          width={width}
          tall={height}
          total={total}
          {...(comparison ? { fork: comparison.shared } : {})}
        />
      )}
    </div>
  );
}
