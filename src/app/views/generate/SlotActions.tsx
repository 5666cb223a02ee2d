/** What can be done with one slot: keep it, mask it again, write something else, branch. */
import { useEffect, useRef, useState } from 'react';
import { Slot } from '../../../diffusion/canvas.ts';
import { fetched } from '../../fields/fetched.tsx';
import { m } from '../../messages/index.ts';
import { controller, remask, somethingElse, toggleKeep } from '../../session/current.ts';
import { useRule } from '../../session/lesson.ts';
import { useRun } from '../../session/run.ts';
import { ACT } from '../../session/slotKeys.ts';
import { stepThatWrote } from '../../trace/change.ts';
import type { Inspection } from '../../trace/inspect.ts';

const EditForm = fetched(async () => (await import('./EditForm.tsx')).EditForm);

export function SlotActions({ shown }: { shown: Inspection }) {
  const { slot } = shown;
  const [editing, setEditing] = useState(false);
  const rule = useRule('steer');

  useEffect(() => {
    const act = (event: Event) => {
      if ((event as CustomEvent<string>).detail === 'edit' && useRun.getState().selected === slot) setEditing(true);
    };
    window.addEventListener(ACT, act);
    return () => window.removeEventListener(ACT, act);
  }, [slot]);

  const done = () => {
    setEditing(false);
    backTo(slot);
  };
  if (rule !== 'free') return null;
  if (!editing) return <Buttons shown={shown} onEdit={() => setEditing(true)} />;
  return <EditForm slot={slot} onDone={done} />;
}

function backTo(slot: number): void {
  document.getElementById(`slot-${slot}`)?.focus();
}

function Buttons({ shown, onEdit }: { shown: Inspection; onEdit: () => void }) {
  const { slot, state, open } = shown;
  const group = useRef<HTMLDivElement>(null);
  const finished = useRun(
    ({ status, playing, trace, playhead }) => status === 'idle' && !playing && trace?.steps.length === playhead,
  );
  const wrote = useRun((run) => (run.trace ? stepThatWrote(run.trace, run.playhead, slot) : -1));

  // Enter on a slot comes here, Escape goes back to it.
  useEffect(() => {
    const element = group.current;
    const enter = (event: Event) => {
      const asked = (event as CustomEvent<string>).detail === 'actions' && useRun.getState().selected === slot;
      if (asked) element?.querySelector('button')?.focus();
    };
    const leave = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      backTo(slot);
    };
    window.addEventListener(ACT, enter);
    element?.addEventListener('keydown', leave);
    return () => {
      window.removeEventListener(ACT, enter);
      element?.removeEventListener('keydown', leave);
    };
  }, [slot]);

  return (
    <div className="acts" ref={group}>
      {(state === Slot.Revealed || state === Slot.Pinned) && (
        <button type="button" aria-pressed={state === Slot.Pinned} onClick={() => toggleKeep(slot)}>
          {state === Slot.Pinned ? m.inspector.release : m.inspector.keep}
        </button>
      )}
      {!open && finished && (
        <button type="button" title={m.time.somethingElseHelp(1)} onClick={() => somethingElse([slot])}>
          {m.time.somethingElse}
        </button>
      )}
      {!open && (
        <button type="button" onClick={() => remask(slot)}>
          {m.inspector.maskAgain}
        </button>
      )}
      <button type="button" onClick={onEdit}>
        {m.inspector.edit}
      </button>
      {wrote >= 0 && (
        <button type="button" title={m.inspector.branchHelp(wrote + 1)} onClick={() => void controller.branch(slot)}>
          {m.inspector.branch}
        </button>
      )}
    </div>
  );
}
