/** A small question mark beside a control; pressed, two sentences and a figure stand under it until it, Escape or anything else is pressed. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { SettingName } from '../../diffusion/settings.ts';
import { m } from '../messages/index.ts';
import { fetchedWithWords } from './fetched.tsx';

// Fetched when somebody asks, its words with it.
const ExplainPanel = fetchedWithWords(async () => (await import('./ExplainPanel.tsx')).ExplainPanel, {
  room: <div className="explain-room" />,
});

export function Explain({ name }: { name: SettingName }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const mark = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const elsewhere = ({ target }: PointerEvent) => {
      if (!(target instanceof Node && (mark.current?.contains(target) || panel.current?.contains(target))))
        setOpen(false);
    };
    document.addEventListener('pointerdown', elsewhere);
    return () => document.removeEventListener('pointerdown', elsewhere);
  }, [open]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open || event.key !== 'Escape') return;
    setOpen(false);
    // What runs goes on.
    event.stopPropagation();
    event.preventDefault();
  };
  const label = name in m.settings ? m.settings[name as keyof typeof m.settings][0] : m.controls.mode;
  return (
    <>
      <button
        ref={mark}
        type="button"
        className="explain-mark"
        aria-label={m.explainMark.about(label)}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
        onKeyDown={onKeyDown}
      >
        {m.explainMark.more}
      </button>
      {open && (
        <div ref={panel} className="explain" id={id}>
          <ExplainPanel name={name} />
        </div>
      )}
    </>
  );
}
