/**
 * Settings that have no effect because of another one, so that controls can say so instead of doing nothing in silence.
 * No combination is forbidden.
 */
import { SAMPLER_TABLE } from './samplers/index.ts';
import type { SettingName, Settings } from './settings.ts';

export interface IdleSetting {
  readonly setting: SettingName;
  /** The setting that makes it idle. */
  readonly because: SettingName;
}

export function idleSettings(settings: Settings): IdleSetting[] {
  const { sampler, schedule, temperature, orderTemperature, stochastic, mode, guidance } = settings;
  const planned = SAMPLER_TABLE[sampler].followsPlan;
  const idle: IdleSetting[] = [];
  const when = (condition: boolean, because: SettingName, ...names: SettingName[]) => {
    if (condition) idle.push(...names.map((setting) => ({ setting, because })));
  };
  when(mode === 'fill', 'mode', 'length');
  when(temperature === 0, 'temperature', 'topK', 'topP');
  when(!planned, 'sampler', 'steps', 'schedule', 'curve', 'stochastic', 'exact');
  when(!planned || sampler === 'random', 'sampler', 'orderTemperature');
  // Guidance has two canvases, and a sampler that asks for written slots looks outside the block.
  when(guidance > 0, 'guidance', 'cache');
  when(SAMPLER_TABLE[sampler].asks !== undefined, 'sampler', 'cache');
  when(planned && schedule !== 'drawn', 'schedule', 'curve');
  when(sampler !== 'threshold', 'sampler', 'threshold');
  when(sampler !== 'factor', 'sampler', 'factor');
  const ordered = planned && (sampler === 'random' || orderTemperature > 0);
  when(temperature === 0 && !ordered && !(planned && stochastic), 'temperature', 'seed');
  return idle;
}
