/** Controls of the settings that all texts of a comparison share, bound to the comparison instead of to the next run. */

import { type ReactNode, useId, useState } from 'react';
import { MOST_TEXT, type SamplerName, SETTINGS, type Settings } from '../../../diffusion/settings.ts';
import { useFitting } from '../../fields/fitting.tsx';
import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';
import { rollSeed } from '../../session/settings.ts';
import { WRITTEN } from '../../trace/words.ts';
import { MOST_ENDING } from './address.ts';
import { changeSetting, compareWith, useComparison } from './store.ts';
import { stopWork, useWork } from './work.ts';

export function Prompt() {
  const prompt = useComparison((state) => state.settings.prompt);
  const fitting = useFitting(MOST_TEXT, (text) => changeSetting('prompt', text));
  const id = useId();
  return (
    <div className="field compare-prompt">
      <label htmlFor={id}>{m.compare.prompt}</label>
      <input id={id} {...WRITTEN} value={prompt} onChange={(event) => fitting.change(event.target.value)} />
      {fitting.said}
    </div>
  );
}

/** The text that every column repairs. */
export function Mistaken() {
  const mistaken = useComparison((state) => state.mistaken);
  const fitting = useFitting(MOST_TEXT, (text) => compareWith({ mistaken: text }));
  const id = useId();
  return (
    <div className="field compare-prompt">
      <label htmlFor={id}>{m.controls.prompt.edit}</label>
      <textarea
        id={id}
        {...WRITTEN}
        rows={2}
        spellCheck={false}
        value={mistaken}
        onChange={(event) => fitting.change(event.target.value)}
      />
      {fitting.said}
    </div>
  );
}

/** What has to stand half way, or at the end: a task for a model that reads what stands after a gap. */
export function GivenWords({ name }: { name: 'middle' | 'ending' }) {
  const value = useComparison((state) => state[name]);
  const fitting = useFitting(MOST_ENDING, (text) => compareWith({ [name]: text }));
  const words = m.compare.race.given[name];
  const id = useId();
  return (
    <div className="field compare-prompt">
      <label htmlFor={id} title={m.compare.race.givenHelp}>
        {words[0]}
      </label>
      <input
        id={id}
        {...WRITTEN}
        value={value}
        placeholder={words[1]}
        onChange={(event) => fitting.change(event.target.value)}
      />
      {fitting.said}
    </div>
  );
}

/** A number that keeps its last good value while it is half typed. */
export function NumberInput({
  name,
  value,
  onChange,
  labelled,
}: {
  name: 'length' | 'steps' | 'temperature' | 'block' | 'editAbove' | 'seed' | 'topK' | 'topP';
  value: number;
  onChange: (value: number) => void;
  labelled: string;
}) {
  const [draft, setDraft] = useState<string>();
  const { control } = SETTINGS[name];
  if (control.kind !== 'number') return null;
  const parsed = (text: string) => {
    try {
      return SETTINGS[name].parse(text);
    } catch {
      return undefined;
    }
  };
  return (
    <input
      id={labelled}
      className="number framed"
      type="number"
      min={control.min}
      max={control.max}
      step={control.step}
      value={draft ?? value}
      aria-invalid={(draft !== undefined && parsed(draft) === undefined) || undefined}
      onChange={(event) => {
        setDraft(event.target.value);
        const number = parsed(event.target.value);
        if (number !== undefined) onChange(number);
      }}
      onBlur={() => setDraft(undefined)}
    />
  );
}

export function Numbered({ name }: { name: 'length' | 'temperature' | 'topK' | 'topP' }) {
  const value = useComparison((state) => state.settings[name]);
  const id = useId();
  const [label, help] = m.settings[name];
  return (
    <div className="field">
      <label htmlFor={id} title={help}>
        {label}
      </label>
      <NumberInput name={name} value={value} labelled={id} onChange={(number) => changeSetting(name, number)} />
    </div>
  );
}

export function Block() {
  const value = useComparison((state) => state.settings.block);
  const id = useId();
  const [label, help] = m.settings.block;
  return (
    <div className="field">
      <label htmlFor={id} title={help}>
        {label}
      </label>
      <NumberInput name="block" value={value} labelled={id} onChange={(number) => changeSetting('block', number)} />
    </div>
  );
}

export function Seeded() {
  const value = useComparison((state) => state.settings.seed);
  const id = useId();
  return (
    <div className="field seed">
      <label htmlFor={id} title={m.settings.seed[1]}>
        {m.settings.seed[0]}
      </label>
      <NumberInput name="seed" value={value} labelled={id} onChange={(number) => changeSetting('seed', number)} />
      <button
        type="button"
        className="quiet square"
        aria-label={m.controls.dice}
        title={m.controls.dice}
        onClick={() => changeSetting('seed', rollSeed())}
      >
        <Icon name="dice" />
      </button>
    </div>
  );
}

export function Choice({ name, options }: { name: 'sampler'; options: readonly SamplerName[] }) {
  const value = useComparison((state) => state.settings[name]);
  const id = useId();
  return (
    <div className="field choice">
      <label htmlFor={id} title={m.settings[name][1]}>
        {m.settings[name][0]}
      </label>
      <SamplerSelect id={id} value={value} options={options} onChange={(sampler) => changeSetting(name, sampler)} />
    </div>
  );
}

export function SamplerSelect({
  id,
  value,
  options,
  onChange,
}: {
  id: string;
  value: Settings['sampler'];
  options: readonly SamplerName[];
  onChange: (sampler: SamplerName) => void;
}) {
  return (
    <select id={id} value={value} onChange={(event) => onChange(event.target.value as SamplerName)}>
      {options.map((option) => (
        <option key={option} value={option}>
          {m.samplers[option][0]}
        </option>
      ))}
    </select>
  );
}

interface WorkButtonsProps {
  readonly label: string;
  readonly onStart: () => void;
  readonly disabled?: boolean;
  readonly children?: ReactNode;
}

/** The button that begins the work of a tab, and stops it while it runs. */
export function WorkButtons({ label, onStart, disabled = false, children }: WorkButtonsProps) {
  const status = useWork((state) => state.status);
  return (
    <div className="compare-go">
      {status === 'idle' ? (
        <>
          <button type="button" className="go" disabled={disabled} onClick={onStart}>
            {label}
          </button>
          {children}
        </>
      ) : (
        <button type="button" className="go busy" onClick={stopWork}>
          {status === 'loading' ? m.controls.waiting : m.controls.stop}
        </button>
      )}
    </div>
  );
}
