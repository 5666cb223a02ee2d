/** One setting of the run, whatever its kind: label, control, two sentences. All from the table of settings. */
import { useId, useState } from 'react';
import { TRAIN_SETTINGS, type TrainSettingName } from '../../../worker/protocol.train.ts';
import { m } from '../../messages/index.ts';
import { change, useSetup } from '../../session/train/setup.ts';
import { Check } from './Check.tsx';

type Name = Exclude<TrainSettingName, 'data' | 'valid' | 'init'>;

/** Objectives that have a view of their own: pairs of answers, and rewards. */
const IN_ALIGN: readonly string[] = ['vrpo', 'grpo'];

export function Field({ name }: { name: Name }) {
  const id = useId();
  const value = useSetup((state) => state.settings[name]);
  const [draft, setDraft] = useState<string>();
  const { control, parse } = TRAIN_SETTINGS[name];
  const [label, help] = m.train.fields[name];
  const words: Readonly<Record<string, string | readonly string[]>> =
    name === 'schedule' ? m.schedules : (m.train.options[name] ?? {});
  const commit = (text: string) => {
    setDraft(text);
    try {
      change({ [name]: parse(text) });
    } catch {
      // Half-typed: the setting keeps its last good value until this one is whole.
    }
  };
  const offered =
    control.kind === 'choice' ? control.options.filter((one) => !IN_ALIGN.includes(one) || value === one) : [];
  const wrong = draft !== undefined && String(value) !== draft.trim() && Number(draft) !== value;
  if (control.kind === 'switch') {
    return (
      <div className="train-field">
        <Check label={label} checked={value === true} onChange={(on) => change({ [name]: on })} />
        <p className="note">{help}</p>
      </div>
    );
  }
  return (
    <div className="train-field">
      <label htmlFor={id}>{label}</label>
      {control.kind === 'choice' ? (
        <select
          id={id}
          value={String(value)}
          aria-describedby={`${id}-help`}
          onChange={(event) => change({ [name]: event.target.value })}
        >
          {offered.map((one) => {
            const word = words[one] ?? one;
            return (
              <option key={one} value={one}>
                {typeof word === 'string' ? word : word[0]}
              </option>
            );
          })}
        </select>
      ) : (
        <input
          id={id}
          type={control.kind === 'number' ? 'number' : 'text'}
          {...(control.kind === 'number' ? { min: control.min, max: control.max, step: 'any' } : {})}
          value={draft ?? String(value)}
          spellCheck={false}
          aria-invalid={wrong || undefined}
          aria-describedby={`${id}-help`}
          onChange={(event) => commit(event.target.value)}
          onBlur={() => setDraft(undefined)}
        />
      )}
      {wrong && control.kind === 'number' && <p className="wrong">{m.train.range(control.min, control.max)}</p>}
      <p className="note" id={`${id}-help`}>
        {help}
      </p>
    </div>
  );
}
