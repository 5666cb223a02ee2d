/** One choice of the settings as a native list, with a sentence on what the chosen one does. */
import { useId } from 'react';
import { SAMPLERS, SCHEDULE_CHOICES } from '../../diffusion/settings.ts';
import { m } from '../messages/index.ts';
import { setSetting, useSettings } from '../stores/settings.ts';

const OPTIONS = { sampler: SAMPLERS, schedule: SCHEDULE_CHOICES } as const;
const WORDS = { sampler: m.samplers, schedule: m.schedules };

export function ChoiceField({
  name,
  disabled,
  note,
}: {
  name: 'sampler' | 'schedule';
  disabled?: boolean;
  note?: string;
}) {
  const value = useSettings((state) => state.settings[name]);
  const id = useId();
  const words: Record<string, readonly string[]> = WORDS[name];
  return (
    <div className="field choice">
      <label htmlFor={id} title={m.settings[name][1]}>
        {m.settings[name][0]}
      </label>
      <select
        id={id}
        value={value}
        disabled={disabled}
        aria-describedby={`${id}-help`}
        onChange={(event) => setSetting(name, event.target.value as never)}
      >
        {OPTIONS[name].map((option) => (
          <option key={option} value={option}>
            {words[option]?.[0] ?? option}
          </option>
        ))}
      </select>
      <p className="note" id={`${id}-help`}>
        {note ?? words[value]?.[1]}
      </p>
    </div>
  );
}
