/** How the settings table is shown: which setting stands where, and the comfortable range of its slider. */
import { SAMPLER_TABLE } from '../../diffusion/samplers/index.ts';
import { newTokens, SETTINGS, type SettingName, type Settings } from '../../diffusion/settings.ts';

export type NumberName = {
  [K in SettingName]: Settings[K] extends number ? K : never;
}[SettingName];

export type SwitchName = {
  [K in SettingName]: Settings[K] extends boolean ? K : never;
}[SettingName];

/** Settings with a few words to choose from; the mode has a control of its own. */
export type ChoiceName = Exclude<
  { [K in SettingName]: Settings[K] extends string ? (string extends Settings[K] ? never : K) : never }[SettingName],
  'mode'
>;

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
export const MORE: readonly SettingName[] = [
  'block',
  'orderTemperature',
  'topK',
  'topP',
  'ends',
  'guidance',
  'cache',
  'stochastic',
  'exact',
  'earlyStop',
];

/** Shown with every order, or not a knob of its own. */
const COMMON: readonly SettingName[] = ['steps', 'schedule', 'seed', ...MORE];

/** The knobs that only the chosen order has. */
export function ownKnobs(settings: Settings): SettingName[] {
  return SAMPLER_TABLE[settings.sampler].uses.filter((name) => !COMMON.includes(name));
}

const kindOf = (name: SettingName) => SETTINGS[name].control.kind;

export const isSwitch = (name: SettingName): name is SwitchName => kindOf(name) === 'switch';
export const isNumber = (name: SettingName): name is NumberName => kindOf(name) === 'number';
export const isChoice = (name: SettingName): name is ChoiceName => kindOf(name) === 'choice' && name !== 'mode';

/** How many masks the model will have to write: the new ones, and those typed into the prompt, in its way of writing them. */
export function masksToWrite(settings: Settings, mask: string): number {
  const { mode, prompt } = settings;
  const typed = mode === 'chat' ? 0 : prompt.split(mask).length - 1;
  return typed + newTokens(settings);
}
