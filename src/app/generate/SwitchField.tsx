/** One yes-or-no of the settings, as a native checkbox with its sentence. */
import { useId } from 'react';
import { m } from '../messages/index.ts';
import { setSetting, useSettings } from '../stores/settings.ts';
import { Explain } from './Explain.tsx';
import type { SwitchName } from './layout.ts';

export function SwitchField({ name }: { name: SwitchName }) {
  const value = useSettings((state) => state.settings[name]);
  const id = useId();
  const [label, help] = m.settings[name];
  return (
    <div className="field switch">
      <label htmlFor={id}>{label}</label>
      <Explain name={name} />
      <input
        id={id}
        type="checkbox"
        checked={value}
        aria-describedby={`${id}-help`}
        onChange={(event) => setSetting(name, event.target.checked)}
      />
      <p className="note" id={`${id}-help`}>
        {help}
      </p>
    </div>
  );
}
