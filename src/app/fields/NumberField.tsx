/** One number of the settings: a slider over its comfortable range, and beside it the number itself, over its whole range. */
import { useId, useState } from 'react';
import { SETTINGS } from '../../diffusion/settings.ts';
import { m } from '../messages/index.ts';
import { useSettingRule } from '../session/lesson.ts';
import { setSetting, useSettings } from '../session/settings.ts';
import { COMFORTABLE, type NumberName } from '../trace/layout.ts';
import { Explain } from './Explain.tsx';
import { Locked } from './Ruled.tsx';

export function NumberField({ name, note, max }: { name: NumberName; note?: string; max?: number }) {
  const value = useSettings((state) => state.settings[name]);
  const [draft, setDraft] = useState<string>();
  const rule = useSettingRule(name);
  const id = useId();
  const { control } = SETTINGS[name];
  if (control.kind !== 'number' || rule === 'hidden') return null;
  const range = { ...control, ...COMFORTABLE[name], ...(max === undefined ? {} : { max }) };
  const [label, help] = m.settings[name];

  const commit = (text: string) => {
    setDraft(text);
    try {
      setSetting(name, SETTINGS[name].parse(text));
    } catch {
      // Half-typed: the setting keeps its last good value until the number is whole again.
    }
  };
  const invalid = draft !== undefined && String(value) !== draft.trim() && Number(draft) !== value;

  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <Explain name={name} />
      <input
        id={id}
        className="number"
        type="number"
        min={control.min}
        max={control.max}
        step={control.step}
        value={draft ?? value}
        disabled={rule === 'locked'}
        aria-invalid={invalid || undefined}
        aria-describedby={`${id}-help`}
        onChange={(event) => commit(event.target.value)}
        onBlur={() => setDraft(undefined)}
      />
      <input
        className="range"
        type="range"
        min={range.min}
        max={range.max}
        step={range.step}
        value={Math.min(value, range.max)}
        disabled={rule === 'locked'}
        aria-label={label}
        aria-describedby={`${id}-help`}
        onChange={(event) => setSetting(name, Number(event.target.value))}
      />
      <p className="note" id={`${id}-help`}>
        {rule === 'locked' && <Locked />}
        {note ?? help}
      </p>
    </div>
  );
}
