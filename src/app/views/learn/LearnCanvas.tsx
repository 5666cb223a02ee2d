/**
 * The token canvas of the course: the painter of the Generate view on the scene's run. Arrow keys move, a slot that is
 * picked says what the model thought of it; where a beat allows it, Enter or a press hides the word or uncovers it.
 */
import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { Trace } from '../../../diffusion/trace.ts';
import { integer } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { slotOf } from '../../session/gestures.ts';
import { type Frame, frameAt, slotBeside } from '../../trace/frame.ts';
import { describeSlot, Painter } from '../../trace/painter.ts';
import { readingAt } from '../../trace/reading.ts';
import { beginnings, editsText } from '../../trace/resume.ts';
import { Room } from '../../trace/room.ts';
import { pointed, usePointing } from './pointing.ts';
import { select, useStage } from './stage.ts';
import { slotsOf } from './targets.ts';

/** Slots whose word is not the one that stood there before it was hidden. */
function changedSlots(frame: Frame, original: readonly number[]): number[] {
  return original.flatMap((id, slot) =>
    (frame.writtenAt[slot] as number) >= 0 && frame.ids[slot] !== id ? [slot] : [],
  );
}

const NONE: ReadonlyMap<number, string> = new Map();

function ranksOf(frame: Frame): Map<number, string> {
  const ranks = new Map<number, string>();
  for (const [slot, step] of frame.writtenAt.entries()) if (step >= 0) ranks.set(slot, integer(step + 1));
  return ranks;
}

interface Props {
  readonly ranks: boolean;
  /** A press on a slot, beyond selecting it. */
  readonly onPress?: ((slot: number) => void) | undefined;
}

export function LearnCanvas({ ranks, onPress }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const painter = useRef<Painter>(null);
  const now = useRef<{ trace: Trace; frame: Frame } | undefined>(undefined);

  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    const own = new Painter(element, 'learn-slot-');
    const room = new Room(element);
    painter.current = own;
    let due = 0;
    const paint = () => {
      due = 0;
      const { trace, playhead, selected, tokens, scene } = useStage.getState();
      if (!trace) {
        own.clear();
        now.current = undefined;
        return;
      }
      const frame = frameAt(trace, playhead);
      now.current = { trace, frame };
      own.paint(frame, trace.pieces, selected, editsText(trace.settings) ? beginnings(trace) : 0);
      own.mark('rank', ranks ? ranksOf(frame) : new Map());
      const compared = scene.time !== undefined || scene.flipped !== undefined;
      own.mark('differs', new Map(compared ? changedSlots(frame, tokens?.ids ?? []).map((slot) => [slot, '']) : []));
      own.mark('picked', new Map(slotsOf(pointed(usePointing.getState()), trace, frame).map((slot) => [slot, ''])));
      const reading = readingAt(trace, playhead);
      own.mark('read', reading?.of ?? NONE);
      own.mark('edge', reading?.edges ?? NONE);
      room.keep(trace.start);
    };
    const schedule = () => {
      if (due === 0) due = requestAnimationFrame(paint);
    };
    paint();
    const stops = [useStage.subscribe(schedule), usePointing.subscribe(schedule)];
    return () => {
      for (const stop of stops) stop();
      room.release();
      cancelAnimationFrame(due);
    };
  }, [ranks]);

  const focusSlot = (slot: number) => {
    select(slot);
    painter.current?.element(slot)?.focus({ preventScroll: true });
    painter.current?.element(slot)?.scrollIntoView({ block: 'nearest' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const slot = slotOf(event.target);
    const own = painter.current;
    const frame = now.current?.frame;
    if (slot === undefined || !own || !frame || event.metaKey || event.ctrlKey || event.altKey) return;
    const moves: Record<string, () => number> = {
      ArrowLeft: () => slotBeside(frame, slot, -1),
      ArrowRight: () => slotBeside(frame, slot, 1),
      ArrowUp: () => own.neighbour(slot, -1),
      ArrowDown: () => own.neighbour(slot, 1),
      Home: () => slotBeside(frame, slot, Number.NEGATIVE_INFINITY),
      End: () => slotBeside(frame, slot, Number.POSITIVE_INFINITY),
    };
    const to = moves[event.key]?.();
    if (to !== undefined) focusSlot(to);
    else if (event.key === 'Enter' || event.key === ' ') onPress?.(slot);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={root}
      className="canvas prose"
      role="listbox"
      aria-label={m.canvas.label}
      aria-orientation="horizontal"
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        const slot = slotOf(event.target);
        if (slot === undefined || !now.current) return;
        select(slot);
        event.target.ariaLabel = describeSlot(now.current.frame, now.current.trace.pieces, slot);
      }}
      onClick={(event) => {
        const slot = slotOf(event.target);
        if (slot === undefined) return;
        focusSlot(slot);
        onPress?.(slot);
      }}
    />
  );
}
