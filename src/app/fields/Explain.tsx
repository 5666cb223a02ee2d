/** A small question mark beside a control; pressed, two sentences and a figure unfold under it. */
import { lazy, Suspense, useId, useState } from 'react';
import type { SettingName } from '../../diffusion/settings.ts';
import { m, speakInViews } from '../messages/index.ts';

// Fetched when somebody asks, its words with it.
const ExplainPanel = lazy(async () => {
  const [{ ExplainPanel }] = await Promise.all([import('./ExplainPanel.tsx'), speakInViews()]);
  return { default: ExplainPanel };
});

export function Explain({ name }: { name: SettingName }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const label = name in m.settings ? m.settings[name as keyof typeof m.settings][0] : m.controls.mode;
  return (
    <>
      <button
        type="button"
        className="explain-mark"
        aria-label={m.explainMark.about(label)}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {m.explainMark.more}
      </button>
      {open && (
        <div className="explain" id={id}>
          <Suspense fallback={<div className="explain-room" />}>
            <ExplainPanel name={name} />
          </Suspense>
        </div>
      )}
    </>
  );
}
