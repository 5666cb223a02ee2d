/** What can be done with several slots at once: keep them, mask them again, write something else over them. */
import { useEffect, useRef, useState } from 'react';
import { isOpen, Slot } from '../../../diffusion/canvas.ts';
import { m } from '../../messages/index.ts';
import { isFinished, keepSlots, maskSlots, somethingElse } from '../../session/current.ts';
import { useFrame } from '../../session/frames.ts';
import { useRule } from '../../session/lesson.ts';
import { useRun } from '../../session/run.ts';
import { ACT } from '../../session/slotKeys.ts';
import { spanSlots, useTools } from '../../session/tools.ts';
import { plainText, WRITTEN } from '../../trace/words.ts';
import { EditForm } from './EditForm.tsx';

export function SpanPanel() {
  const span = useTools((state) => state.span);
  const slots = spanSlots({ span });
  const frame = useFrame();
  const trace = useRun((state) => state.trace);
  const group = useRef<HTMLDivElement>(null);
  const [editing, setEditing] = useState(false);
  const rule = useRule('steer');
  const first = slots[0] ?? 0;
  const last = slots.at(-1) ?? 0;
  const focusSlot = () => document.getElementById(`slot-${useRun.getState().selected ?? first}`)?.focus();

  useEffect(() => {
    const act = (event: Event) => {
      const asked = (event as CustomEvent<string>).detail;
      if (asked === 'edit') setEditing(true);
      else group.current?.querySelector('button')?.focus();
    };
    window.addEventListener(ACT, act);
    return () => window.removeEventListener(ACT, act);
  }, []);

  if (!frame || !trace) return null;
  const states = slots.map((slot) => frame.states[slot] as number);
  const open = states.filter(isOpen).length;
  const loose = states.includes(Slot.Revealed);
  const kept = states.includes(Slot.Pinned);
  const text = plainText(
    Int32Array.from(slots, (slot) => frame.ids[slot] as number),
    trace.maskId,
    trace.pieces,
  ).trim();
  return (
    <div className="inspector">
      <h2>{m.tools.span(first, last)}</h2>
      <p className="big span-text" {...WRITTEN}>
        {text}
      </p>
      <p className="note">{open === slots.length ? m.tools.spanNone : m.tools.spanHolds(slots.length - open, open)}</p>
      {rule !== 'free' ? null : editing ? (
        <EditForm
          slot={first}
          room={slots.length}
          onDone={() => {
            setEditing(false);
            focusSlot();
          }}
        />
      ) : (
        <div
          className="acts"
          role="toolbar"
          aria-label={m.tools.span(first, last)}
          ref={group}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.preventDefault();
            focusSlot();
          }}
        >
          {(loose || kept) && (
            <button type="button" onClick={() => keepSlots(slots)}>
              {loose ? m.inspector.keep : m.inspector.release}
            </button>
          )}
          {open === 0 && isFinished() && (
            <button type="button" title={m.time.somethingElseHelp(slots.length)} onClick={() => somethingElse(slots)}>
              {m.time.somethingElse}
            </button>
          )}
          {open < slots.length && (
            <button type="button" onClick={() => maskSlots(slots)}>
              {m.inspector.maskAgain}
            </button>
          )}
          <button type="button" onClick={() => setEditing(true)}>
            {m.inspector.edit}
          </button>
        </div>
      )}
    </div>
  );
}
