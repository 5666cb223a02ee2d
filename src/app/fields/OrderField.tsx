/** The hand-drawn order as text, and the way to draw it on the canvas. */
import { useId, useState } from 'react';
import { SETTINGS } from '../../diffusion/settings.ts';
import { m } from '../messages/index.ts';
import { useSettingRule } from '../session/lesson.ts';
import { setSetting, useSettings } from '../session/settings.ts';
import { takeTool, useTools } from '../session/tools.ts';
import { Explain } from './Explain.tsx';
import { Locked } from './Ruled.tsx';

export function OrderField() {
  const value = useSettings((state) => state.settings.order);
  const drawing = useTools((state) => state.tool === 'order');
  const [draft, setDraft] = useState<string>();
  const rule = useSettingRule('order');
  const id = useId();
  if (rule === 'hidden') return null;
  const commit = (text: string) => {
    setDraft(text);
    try {
      setSetting('order', SETTINGS.order.parse(text));
    } catch {
      // Half-typed: the setting keeps its last good value until the list is whole again.
    }
  };
  return (
    <div className="field order">
      <label htmlFor={id}>{m.settings.order[0]}</label>
      <Explain name="order" />
      <input
        id={id}
        className="order-text"
        spellCheck={false}
        autoComplete="off"
        value={draft ?? value}
        disabled={rule === 'locked'}
        aria-describedby={`${id}-help`}
        onChange={(event) => commit(event.target.value)}
        onBlur={() => setDraft(undefined)}
      />
      <button
        type="button"
        className="outline"
        aria-pressed={drawing}
        disabled={rule === 'locked'}
        onClick={() => takeTool(drawing ? 'point' : 'order')}
      >
        {m.tools.order}
      </button>
      <p className="note" id={`${id}-help`}>
        {rule === 'locked' && <Locked />}
        {m.settings.order[1]}
      </p>
    </div>
  );
}
