/** The few settings a beat lets the reader change; they are those of the Generate view, and undo takes a change back. */
import { useId } from 'react';
import { SAMPLERS, SCHEDULE_CHOICES } from '../../../diffusion/settings.ts';
import { hundredths } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { learn } from '../../messages/learnWords.ts';
import { rollSeed } from '../../session/settings.ts';
import { settingsOf } from './scene.ts';
import type { Control } from './script.ts';
import { change, slide, useStage } from './stage.ts';

/** Orders that a reader of the course has met, or can guess from their names. */
const ORDERS = SAMPLERS.filter((name) => ['confidence', 'margin', 'entropy', 'random', 'left-to-right'].includes(name));
const CURVES = SCHEDULE_CHOICES.filter((name) => ['linear', 'cosine', 'cosine-mdlm', 'square'].includes(name));

interface Props {
  readonly controls: readonly Control[];
  /** Whether the model writes anew after a change. */
  readonly writes: boolean;
}

export function Controls({ controls, writes }: Props) {
  const id = useId();
  const scene = useStage((state) => state.scene);
  const settings = settingsOf(scene, 1);
  const setting = (part: NonNullable<typeof scene.settings>) =>
    void change({ settings: { ...scene.settings, ...part } }, writes);
  const choose = (
    name: 'schedule' | 'sampler',
    options: readonly string[],
    words: Record<string, readonly [string, string]>,
  ) => (
    <div className="learn-field" key={name} data-target={name}>
      <label htmlFor={`${id}-${name}`}>{m.settings[name][0]}</label>
      <select id={`${id}-${name}`} value={settings[name]} onChange={(event) => setting({ [name]: event.target.value })}>
        {options.map((one) => (
          <option key={one} value={one}>
            {words[one]?.[0]}
          </option>
        ))}
      </select>
    </div>
  );
  const range = (name: 'steps' | 'temperature', min: number, max: number, step: number) => (
    <div className="learn-field" key={name} data-target={name}>
      <label htmlFor={`${id}-${name}`}>{m.settings[name][0]}</label>
      <output htmlFor={`${id}-${name}`}>{settings[name]}</output>
      <input
        id={`${id}-${name}`}
        className="range"
        type="range"
        min={min}
        max={max}
        step={step}
        value={settings[name]}
        onChange={(event) => setting({ [name]: Number(event.target.value) })}
      />
    </div>
  );
  const parts: Record<Control, () => React.ReactNode> = {
    time: () => (
      <div className="learn-field" key="time" data-target="time">
        <label htmlFor={`${id}-time`}>{learn.view.time}</label>
        <output htmlFor={`${id}-time`}>{hundredths(scene.time ?? 0)}</output>
        <input
          id={`${id}-time`}
          className="range"
          type="range"
          min={0}
          max={1}
          step={0.01}
          value={scene.time ?? 0}
          onChange={(event) => slide({ time: Number(event.target.value) })}
        />
      </div>
    ),
    schedule: () => choose('schedule', CURVES, m.schedules),
    sampler: () => choose('sampler', ORDERS, m.samplers),
    steps: () => range('steps', 1, Math.max(scene.length ?? 24, 1), 1),
    temperature: () => range('temperature', 0, 2, 0.1),
    seed: () => (
      <div className="learn-field" key="seed" data-target="seed">
        <span>{`${m.settings.seed[0]} ${settings.seed}`}</span>
        <button type="button" className="outline" onClick={() => setting({ seed: rollSeed() })}>
          {learn.view.reseed}
        </button>
      </div>
    ),
  };
  return <div className="learn-controls">{controls.map((name) => parts[name]())}</div>;
}
