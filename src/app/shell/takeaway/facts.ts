/** What wrote a text, in a few words: the settings that say most, and those that are not as in the table. */
import { idleSettings } from '../../../diffusion/idle-settings.ts';
import { SETTING_NAMES, SETTINGS, type SettingName } from '../../../diffusion/settings.ts';
import type { Trace } from '../../../diffusion/trace.ts';
import { percent, plain } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';

const SHORT = ['sampler', 'schedule', 'steps', 'temperature', 'seed'] as const satisfies readonly SettingName[];
/** Said elsewhere, or too long to say. */
const UNSAID: readonly SettingName[] = ['model', 'mode', 'prompt', 'system', 'turns', 'curve', 'order'];

/** A setting's value as the page says it. */
function saidValue(trace: Trace, name: SettingName): string {
  const value = trace.settings[name];
  const named: Partial<Record<SettingName, Readonly<Record<string, readonly [string, string] | string>>>> = {
    sampler: m.samplers,
    schedule: m.schedules,
    pattern: m.patterns,
    ends: m.ends,
    cache: m.caches,
    mode: m.controls.modes,
  };
  const label = typeof value === 'string' ? named[name]?.[value] : undefined;
  if (label !== undefined) return typeof label === 'string' ? label : label[0];
  if (typeof value === 'boolean') return value ? m.takeaway.on : m.takeaway.off;
  return typeof value === 'number' ? plain(value) : String(value);
}

/** "stories · Surest first · Linear · …" for a single line. */
export function shortFacts(trace: Trace): string {
  const idle = new Set(idleSettings(trace.settings).map(({ setting }) => setting));
  const said = SHORT.filter((name) => !idle.has(name)).map((name) =>
    typeof trace.settings[name] === 'number' ? `${labelOf(name)} ${saidValue(trace, name)}` : saidValue(trace, name),
  );
  const { id, adapter } = trace.model;
  return [id.split('/').at(-1), ...(adapter ? [adapterWords(adapter)] : []), ...said].join(' · ');
}

const adapterWords = ({ id, weight }: NonNullable<Trace['model']['adapter']>) => `${id} ${percent(weight)}`;

const labelOf = (name: SettingName): string => {
  const labels = m.settings as Partial<Record<SettingName, readonly [string, string]>>;
  return labels[name]?.[0] ?? SETTINGS[name].key;
};

/** Every setting that has an effect, with its name and value; model and device first. */
export function allFacts(trace: Trace): (readonly [string, string])[] {
  const idle = new Set(idleSettings(trace.settings).map(({ setting }) => setting));
  const { model, backend } = trace;
  const device = m.header.deviceName(m.header.backends[backend.name] ?? backend.name, backend.device);
  return [
    [m.takeaway.facts.model, m.header.model(model.id, model.parameters)],
    ...(model.adapter ? [['LoRA', adapterWords(model.adapter)] as const] : []),
    [m.takeaway.facts.device, device],
    [m.controls.mode, saidValue(trace, 'mode')],
    ...SETTING_NAMES.filter((name) => !idle.has(name) && !UNSAID.includes(name)).map(
      (name) => [labelOf(name), saidValue(trace, name)] as const,
    ),
  ];
}
