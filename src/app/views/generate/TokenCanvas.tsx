/** The token canvas: React holds the frame around it, the painter draws the slots, and one listener serves them all. */
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { m } from '../../messages/index.ts';
import { nextFrame } from '../../session/animationFrames.ts';
import { foldedSlots, useChat } from '../../session/chat.ts';
import { diffMarks } from '../../session/comparison.ts';
import { drawnOrder, newTextStart } from '../../session/drawnOrder.ts';
import { currentFrame } from '../../session/frames.ts';
import { createGestures, slotOf } from '../../session/gestures.ts';
import { usePreferences } from '../../session/preferences.ts';
import { hover, select, useRun } from '../../session/run.ts';
import { useSettings } from '../../session/settings.ts';
import { actOnSlot } from '../../session/slotKeys.ts';
import { dropSpan, pickSpan, spanSlots, useTools } from '../../session/tools.ts';
import { slotBeside } from '../../trace/frame.ts';
import { Lines } from '../../trace/lines.ts';
import { describeSlot, Painter } from '../../trace/painter.ts';
import { readingAt } from '../../trace/reading.ts';
import { Room } from '../../trace/room.ts';
import { plainText } from '../../trace/words.ts';

/** Number the slots of a list, from 1. */
const ranks = (slots: readonly number[], first: number) =>
  new Map(slots.map((offset, place) => [offset + first, String(place + 1)]));

const NONE: ReadonlyMap<number, string> = new Map();

export function TokenCanvas() {
  const root = useRef<HTMLDivElement>(null);
  const painter = useRef<Painter>(null);
  const view = usePreferences((state) => state.view);
  const tool = useTools((state) => state.tool);
  const gestures = useRef(createGestures()).current;

  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    const own = new Painter(element, 'slot-');
    const lines = new Lines(element, own);
    const room = new Room(element);
    painter.current = own;
    let due: (() => void) | undefined;
    const paint = () => {
      due = undefined;
      const { trace, selected, status } = useRun.getState();
      const frame = currentFrame();
      if (!trace || !frame) {
        own.clear();
        lines.forget();
        room.forget();
        return;
      }
      own.paint(frame, trace.pieces, selected, foldedSlots(trace));
      const { stroke, place, tool } = useTools.getState();
      own.mark('picked', new Map([...spanSlots(), ...stroke, ...place].map((slot) => [slot, ''])));
      own.mark('differs', diffMarks('left'));
      const first = newTextStart(trace);
      const offsets = stroke.map((slot) => slot - first).filter((offset) => offset >= 0);
      const drawn = tool === 'order' ? [...drawnOrder(useSettings.getState().settings), ...offsets] : [];
      own.mark('rank', ranks([...new Set(drawn)], first));
      const reading = readingAt(trace, frame.playhead);
      own.mark('read', reading?.of ?? NONE);
      own.mark('edge', reading?.edges ?? NONE);
      lines.keep(trace.start, status !== 'idle');
      room.keep(trace.start);
    };
    const schedule = () => {
      // An old text shall not stand for a frame beside what comes in its place.
      if (due === undefined && !useRun.getState().trace) paint();
      else due ??= nextFrame(paint);
    };
    paint();
    const unsubscribe = [useRun, useTools, useSettings, useChat].map((store) => store.subscribe(schedule));
    return () => {
      for (const stop of unsubscribe) stop();
      lines.release();
      room.release();
      due?.();
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
    const frame = currentFrame();
    if (slot === undefined || !own || !frame || event.metaKey || event.ctrlKey || event.altKey) return;
    const { trace } = useRun.getState();
    const first = trace ? foldedSlots(trace) : 0;
    const beside = (by: number) => slotBeside(frame, slot, by, first);
    const moves: Record<string, () => number> = {
      ArrowLeft: () => beside(-1),
      ArrowRight: () => beside(1),
      ArrowUp: () => own.neighbour(slot, -1),
      ArrowDown: () => own.neighbour(slot, 1),
      Home: () => beside(Number.NEGATIVE_INFINITY),
      End: () => beside(Number.POSITIVE_INFINITY),
    };
    const target = moves[event.key]?.();
    if (target !== undefined) {
      if (event.shiftKey) pickSpan(useTools.getState().span?.from ?? slot, target);
      else dropSpan();
      focusSlot(target);
    } else if (!actOnSlot(event.key, slot)) return;
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
    (target as HTMLElement).lang = document.documentElement.lang;
  };

  return (
    <div
      ref={root}
      className={tool === 'point' ? `canvas ${view}` : `canvas ${view} brush`}
      role="listbox"
      aria-multiselectable="true"
      aria-label={m.canvas.label}
      aria-describedby="canvas-help"
      aria-orientation="horizontal"
      onKeyDown={onKeyDown}
      onFocus={(event) => describe(event.target)}
      onPointerDown={gestures.onPointerDown}
      onPointerMove={gestures.onPointerMove}
      onPointerUp={gestures.onPointerUp}
      onPointerCancel={gestures.onPointerCancel}
      onClick={(event) => {
        if (gestures.moved()) return;
        // The press was captured by the canvas, so the click may name it instead of the slot.
        const slot = slotOf(document.elementFromPoint(event.clientX, event.clientY) ?? event.target);
        const { selected } = useRun.getState();
        if (slot === undefined) select(undefined);
        else if (event.shiftKey && selected !== undefined) pickSpan(useTools.getState().span?.from ?? selected, slot);
        else dropSpan();
        if (slot !== undefined) focusSlot(slot);
        else dropSpan();
      }}
      onCopy={(event) => {
        const slots = spanSlots();
        const frame = currentFrame();
        const { trace } = useRun.getState();
        if (slots.length === 0 || !frame || !trace) return;
        const ids = Int32Array.from(slots, (slot) => frame.ids[slot] as number);
        event.clipboardData.setData('text/plain', plainText(ids, trace.maskId, trace.pieces).trim());
        event.preventDefault();
      }}
      onPointerOver={(event) => event.pointerType === 'mouse' && hover(slotOf(event.target))}
      onPointerLeave={() => hover(undefined)}
    />
  );
}
