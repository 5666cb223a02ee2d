/** How the settings table is shown: which setting stands where, and the comfortable range of its slider. */
import { SETTINGS, type SettingName, type Settings } from '../../diffusion/settings.ts';

export type NumberName = {
  [K in SettingName]: Settings[K] extends number ? K : never;
}[SettingName];

export type SwitchName = {
  [K in SettingName]: Settings[K] extends boolean ? K : never;
}[SettingName];

/** A slider covers what people usually want; the number beside it takes the whole range of the table. */
export const COMFORTABLE: Partial<
  Record<NumberName, { readonly min: number; readonly max: number; readonly step: number }>
> = {
  length: { min: 8, max: 256, step: 8 },
  block: { min: 0, max: 128, step: 8 },
  topK: { min: 0, max: 64, step: 1 },
  guidance: { min: 0, max: 4, step: 0.1 },
};

/** The rarer settings, in the order they are shown; those that mean nothing at the moment are left out. */
export const MORE: readonly (NumberName | SwitchName)[] = [
  'block',
  'orderTemperature',
  'topK',
  'topP',
  'guidance',
  'stochastic',
  'exact',
];

export function isSwitch(name: SettingName): name is SwitchName {
  return SETTINGS[name].control.kind === 'switch';
}

/** How many masks the model will have to write: the new ones, and those typed into the prompt. */
export function masksToWrite({ mode, prompt, length }: Settings): number {
  return prompt.split('[MASK]').length - 1 + (mode === 'fill' ? 0 : length);
}
