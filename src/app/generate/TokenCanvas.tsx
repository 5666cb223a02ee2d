/** The token canvas: React holds the frame around it, the painter draws the slots, and one listener serves them all. */
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { m } from '../messages/index.ts';
import { usePreferences } from '../stores/preferences.ts';
import { hover, select, useRun } from '../stores/run.ts';
import { currentFrame } from './frames.ts';
import { describeSlot, Painter } from './painter.ts';
import { Room } from './room.ts';
import { actOnSlot } from './slotKeys.ts';

function slotOf(target: EventTarget): number | undefined {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-slot]') : null;
  return element ? Number(element.dataset['slot']) : undefined;
}

export function TokenCanvas() {
  const root = useRef<HTMLDivElement>(null);
  const painter = useRef<Painter>(null);
  const view = usePreferences((state) => state.view);

  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    const own = new Painter(element);
    const room = new Room(element);
    painter.current = own;
    let due = 0;
    const paint = () => {
      due = 0;
      const { trace, selected } = useRun.getState();
      const frame = currentFrame();
      if (!trace || !frame) return;
      own.paint(frame, trace.pieces, selected);
      room.keep(trace.start);
    };
    const schedule = () => {
      if (due === 0) due = requestAnimationFrame(paint);
    };
    paint();
    const unsubscribe = useRun.subscribe(schedule);
    return () => {
      unsubscribe();
      room.release();
      cancelAnimationFrame(due);
    };
  }, []);

  const focusSlot = (slot: number) => {
    select(slot);
    const element = painter.current?.element(slot);
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: 'nearest' });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const slot = slotOf(event.target);
    const own = painter.current;
    const length = useRun.getState().trace?.start.ids.length ?? 0;
    if (slot === undefined || !own || event.metaKey || event.ctrlKey || event.altKey) return;
    const moves: Record<string, () => number> = {
      ArrowLeft: () => slot - 1,
      ArrowRight: () => slot + 1,
      ArrowUp: () => own.neighbour(slot, -1),
      ArrowDown: () => own.neighbour(slot, 1),
      Home: () => 0,
      End: () => length - 1,
    };
    const to = moves[event.key]?.();
    if (to !== undefined) focusSlot(Math.max(0, Math.min(to, length - 1)));
    else if (!actOnSlot(event.key, slot)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  const describe = (target: EventTarget) => {
    const slot = slotOf(target);
    const frame = currentFrame();
    const { trace } = useRun.getState();
    if (slot === undefined || !frame || !trace) return;
    select(slot);
    (target as HTMLElement).ariaLabel = describeSlot(frame, trace.pieces, slot);
  };

  return (
    <div
      ref={root}
      className={`canvas ${view}`}
      role="listbox"
      aria-label={m.canvas.label}
      aria-describedby="canvas-help"
      aria-orientation="horizontal"
      onKeyDown={onKeyDown}
      onFocus={(event) => describe(event.target)}
      onClick={(event) => {
        const slot = slotOf(event.target);
        if (slot === undefined) select(undefined);
        else focusSlot(slot);
      }}
      onPointerOver={(event) => event.pointerType === 'mouse' && hover(slotOf(event.target))}
      onPointerLeave={() => hover(undefined)}
    />
  );
}
