/** One yes-or-no of the settings, as a native checkbox with its sentence. */
import { useId } from 'react';
import { m } from '../messages/index.ts';
import { useSettingRule } from '../session/lesson.ts';
import { setSetting, useSettings } from '../session/settings.ts';
import type { SwitchName } from '../trace/layout.ts';
import { Explain } from './Explain.tsx';
import { Locked } from './Ruled.tsx';

export function SwitchField({ name }: { name: SwitchName }) {
  const value = useSettings((state) => state.settings[name]);
  const rule = useSettingRule(name);
  const id = useId();
  if (rule === 'hidden') return null;
  const [label, help] = m.settings[name];
  return (
    <div className="field switch">
      <label htmlFor={id}>{label}</label>
      <Explain name={name} />
      <input
        id={id}
        type="checkbox"
        checked={value}
        disabled={rule === 'locked'}
        aria-describedby={`${id}-help`}
        onChange={(event) => setSetting(name, event.target.checked)}
      />
      <p className="note" id={`${id}-help`}>
        {rule === 'locked' && <Locked />}
        {help}
      </p>
    </div>
  );
}
