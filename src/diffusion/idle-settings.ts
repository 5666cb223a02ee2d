/**
 * Settings that have no effect because of another one, so that controls can say so instead of doing nothing in silence.
 * No combination is forbidden.
 */
import { SAMPLER_TABLE } from './samplers/index.ts';
import type { SettingName, Settings } from './settings.ts';
import { ranksCut } from './truncate.ts';

/** Settings that only some samplers read. The seed also draws tokens, whatever the sampler. */
const OF_SAMPLERS = [...new Set(Object.values(SAMPLER_TABLE).flatMap(({ uses }) => uses))].filter(
  (name) => name !== 'seed',
);

/** Edits have no masks to put in order, and no blocks. */
const NOT_OF_EDITS: readonly SettingName[] = [
  'sampler',
  'schedule',
  'block',
  'topK',
  'topP',
  'guidance',
  'cache',
  'stochastic',
  'exact',
  'earlyStop',
];

export interface IdleSetting {
  readonly setting: SettingName;
  /** The setting that makes it idle. */
  readonly because: SettingName;
}

export function idleSettings(settings: Settings): IdleSetting[] {
  const { sampler, schedule, temperature, orderTemperature, stochastic, mode, guidance, pattern, process } = settings;
  const { followsPlan: planned, revisits, uses } = SAMPLER_TABLE[sampler];
  const idle: IdleSetting[] = [];
  const when = (condition: boolean, because: SettingName, ...names: SettingName[]) => {
    if (condition) idle.push(...names.map((setting) => ({ setting, because })));
  };
  when(mode === 'fill' || mode === 'edit', 'mode', 'length');
  when(mode === 'edit', 'mode', 'process', ...NOT_OF_EDITS);
  if (process === 'edits' && mode !== 'edit') when(true, 'process', ...NOT_OF_EDITS);
  when(mode !== 'edit', 'mode', 'editWay', 'editAbove');
  when(mode === 'edit' && settings.editWay === 'leap', 'editWay', 'editAbove');
  const begins = process === 'edits' && (mode === 'continue' || mode === 'chat');
  when(!begins, mode === 'edit' || mode === 'fill' ? 'mode' : 'process', 'editsFrom');
  when(begins && settings.editsFrom === 'nothing', 'editsFrom', 'length');
  when(mode !== 'chat', 'mode', 'system', 'turns');
  when(mode !== 'chat' && process !== 'blocks', 'mode', 'earlyStop');
  when(settings.exact, 'exact', 'earlyStop');
  when(revisits === true, 'sampler', 'earlyStop');
  when(temperature === 0 && !ranksCut({ ...settings, topK: 1 }), 'temperature', 'topK', 'topP');
  for (const name of OF_SAMPLERS) when(!uses.includes(name), 'sampler', name);
  when(!uses.includes('schedule'), 'sampler', 'curve');
  // Finished blocks are read once, whatever is chosen.
  when(process === 'blocks', 'process', 'cache');
  // Guidance has two canvases.
  when(guidance > 0, 'guidance', 'cache');
  when(uses.includes('schedule') && schedule !== 'drawn', 'schedule', 'curve');
  when(sampler === 'order' && pattern !== 'drawn', 'pattern', 'order');
  when(sampler === 'order' && pattern !== 'columns' && pattern !== 'checkerboard', 'pattern', 'width');
  const ordered = uses.includes('seed') || (uses.includes('orderTemperature') && orderTemperature > 0);
  when(temperature === 0 && !ordered && !(planned && stochastic), 'temperature', 'seed');
  return idle;
}
