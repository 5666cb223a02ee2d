/** One choice of the settings as a native list, with a sentence on what the chosen one does. */
import { useId } from 'react';
import type { Family } from '../../diffusion/sampler.ts';
import { SAMPLER_TABLE } from '../../diffusion/samplers/index.ts';
import { SAMPLERS, SETTINGS, type Settings } from '../../diffusion/settings.ts';
import { m } from '../messages/index.ts';
import { useCompute } from '../session/compute.ts';
import { useSettingRule } from '../session/lesson.ts';
import { setSetting, useSettings } from '../session/settings.ts';
import type { ChoiceName } from '../trace/layout.ts';
import { Explain } from './Explain.tsx';
import { Locked } from './Ruled.tsx';

/** The name of each option, and a sentence on it where one helps. */
const allWords = (): {
  readonly [K in ChoiceName]: Readonly<Record<Settings[K], string | readonly [string, string]>>;
} => ({
  process: m.processes,
  editWay: m.editWays,
  editsFrom: m.editStarts,
  sampler: m.samplers,
  schedule: m.schedules,
  pattern: m.patterns,
  ends: m.ends,
  cache: m.caches,
});

/** Whose options are too long to stand beside their label. */
const OWN_LINE: readonly ChoiceName[] = ['process', 'sampler', 'schedule', 'editWay', 'ends'];

const FAMILIES = ['order', 'one by one', 'parallel', 'remasking'] as const satisfies readonly Family[];

export function ChoiceField({ name, disabled, note }: { name: ChoiceName; disabled?: boolean; note?: string }) {
  const value = useSettings((state) => state.settings[name]);
  const editing = useCompute((state) => state.model?.edits === true);
  const rule = useSettingRule(name);
  const id = useId();
  if (rule === 'hidden') return null;
  const words = allWords()[name] as Readonly<Record<string, string | readonly [string, string]>>;
  const option = (one: string) => {
    const word = words[one];
    return (
      <option key={one} value={one}>
        {typeof word === 'string' ? word : word?.[0]}
      </option>
    );
  };
  const { control } = SETTINGS[name];
  const offered = (one: string) => name !== 'process' || one !== 'edits' || editing || value === 'edits';
  const said = words[value];
  return (
    <div className={OWN_LINE.includes(name) ? 'field choice own-line' : 'field choice'}>
      <label htmlFor={id}>{m.settings[name][0]}</label>
      <Explain name={name} />
      <select
        id={id}
        value={value}
        disabled={disabled || rule === 'locked'}
        aria-describedby={`${id}-help`}
        onChange={(event) => setSetting(name, event.target.value as never)}
      >
        {name === 'sampler'
          ? FAMILIES.map((family) => (
              <optgroup key={family} label={m.families[family]}>
                {SAMPLERS.filter((one) => SAMPLER_TABLE[one].family === family).map(option)}
              </optgroup>
            ))
          : control.kind === 'choice' && control.options.filter(offered).map(option)}
      </select>
      <p className="note" id={`${id}-help`}>
        {rule === 'locked' && <Locked />}
        {note ?? (Array.isArray(said) ? said[1] : m.settings[name][1])}
      </p>
    </div>
  );
}
