/**
 * The one table of shareable settings. The link, the reset button, the controls, class links, the worker request, the command
 * line and the recorded Trace all come from it. A new setting is one new row.
 *
 * Values travel as text in links (`#/generate?length=64`), so every row has a codec; defaults are left out of links.
 */
import { DEFAULT_CURVE } from './curve.ts';
import { choice, curve, flag, number, type Row, slots, text, turns } from './rows.ts';

/** edit: the prompt itself is what is changed. */
export type Mode = 'continue' | 'fill' | 'chat' | 'edit';

/** Schedules with a formula. */
export const SCHEDULES = [
  'linear',
  'cosine',
  'cosine-mdlm',
  'cosine-squared',
  'geometric',
  'linear-sigma',
  'square',
  'square-root',
  'log',
  'clipped',
  'cosine-bert',
  'sqrt-ar',
] as const;
export type ScheduleName = (typeof SCHEDULES)[number];

/** And the one that is drawn by hand: `curve` holds its points. */
export const SCHEDULE_CHOICES = [...SCHEDULES, 'drawn'] as const;
export type ScheduleChoice = (typeof SCHEDULE_CHOICES)[number];

/** Reveal orders; sources in `samplers/`. */
export const SAMPLERS = [
  'confidence',
  'random',
  'margin',
  'entropy',
  'maskgit-plus',
  'topk-margin',
  'dream-entropy',
  'entropy-priority',
  'info-gain',
  'lookum',
  'left-to-right',
  'order',
  'ancestral',
  'origin',
  'first-hitting',
  'spindle',
  'positions',
  'threshold',
  'factor',
  'entropy-bounded',
  'iterative-refinement',
  'remdm-cap',
  'remdm-rescale',
  'remdm-conf',
  'remdm-loop',
  'token-editing',
  'game-of-life',
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/** What a step may do to the text, and what it reads; sources in `processes/`. A causal network writes from left to right. */
export const PROCESSES = ['masked', 'blocks', 'edits'] as const;
export type ProcessName = (typeof PROCESSES)[number];

/** How a text of the reader's own is edited; sources in `processes/edits.ts`. */
export const EDIT_WAYS = ['surest', 'leap'] as const;

/** Sources in `cache.ts`. */
export const CACHES = ['off', 'prefix', 'dual'] as const;
export type CacheName = (typeof CACHES)[number];

/** How the new text's slots can be put in order by hand. */
export const PATTERNS = ['rows', 'columns', 'checkerboard', 'centre-out', 'drawn'] as const;

/** Characters of a text: above what the longest context in use (131,072 tokens) reads of most texts; a page holds it well. */
export const MOST_TEXT = 2 ** 18;

/** What a setting is about, as a teacher thinks of it: what a class link hides or locks together. */
export const SETTING_GROUPS = [
  'model',
  'mode',
  'prompt',
  'length',
  'order',
  'schedule',
  'chance',
  'remasking',
  'fine',
] as const;

const of = <R>(group: (typeof SETTING_GROUPS)[number], row: R) => ({ ...row, group });

export const SETTINGS = {
  model: of('model', text('model', 'stories', 200)),
  mode: of('mode', choice('mode', 'continue', ['continue', 'fill', 'chat', 'edit'])),
  /** How long it may be is the model's to say (`maxLength`, in tokens). */
  prompt: of('prompt', text('prompt', 'Once upon a time', MOST_TEXT)),
  /** What stands before the whole conversation (mode chat); none when empty. */
  system: of('prompt', text('system', '', MOST_TEXT)),
  /** The turns before the prompt (mode chat); the format is in `conversation.ts`. */
  turns: of('prompt', turns('turns')),
  /** New tokens (mode continue and chat). */
  length: of('length', number('length', 64, 1, 1024, 1)),
  /** Reveal steps over the whole length; more steps than masks cost nothing. */
  steps: of('length', number('steps', 64, 1, 1024, 1)),
  /** Semi-autoregressive block size (LLaDA §2.4); 0 = one block over the whole length. */
  block: of('length', number('block', 16, 0, 1024, 1)),
  process: of('order', choice('process', 'masked', PROCESSES)),
  /** mode edit. Texts that edits write from the start are always made by leaps. */
  editWay: of('order', choice('edit-way', 'surest', EDIT_WAYS)),
  /** An edit is made when more than so many of its kind are expected in its place (surest). */
  editAbove: of('order', number('edit-above', 0.5, 0.05, 4, 0.05)),
  /** What stands behind the prompt when edits begin to write (process edits): `length` masks, or nothing. */
  editsFrom: of('length', choice('edits-from', 'masks', ['masks', 'nothing'])),
  sampler: of('order', choice('sampler', 'confidence', SAMPLERS)),
  schedule: of('schedule', choice('schedule', 'linear', SCHEDULE_CHOICES)),
  /** Points of the schedule `drawn`; the format is in `curve.ts`. */
  curve: of('schedule', curve('curve', DEFAULT_CURVE)),
  temperature: of('chance', number('temperature', 1, 0, 2, 0.05)),
  /** Draw among the k likeliest only; 0 = off. */
  topK: of('chance', number('top-k', 0, 0, 64, 1)),
  /** Draw within the smallest set that holds this probability; 1 = off. */
  topP: of('chance', number('top-p', 0.9, 0.05, 1, 0.01)),
  /** Classifier-free guidance scale; 0 = off. */
  guidance: of('fine', number('guidance', 0, 0, 4, 0.1)),
  /** Fast-dLLM's reuse of keys and values from the start of the block: of what stands before it, or of all but it. */
  cache: of('fine', choice('cache', 'off', CACHES)),
  /** Commit every slot at least this confident (sampler threshold, Fast-dLLM). */
  threshold: of('order', number('threshold', 0.9, 0.05, 1, 0.01)),
  /** Fast-dLLM's factor f (sampler factor). */
  factor: of('order', number('factor', 1, 0, 8, 0.1)),
  /** Bound on the entropy written at once, nats (sampler entropy-bounded). */
  gamma: of('order', number('gamma', 0.1, 0, 8, 0.05)),
  /** ReMDM's η: how readily written tokens are masked again. */
  eta: of('remasking', number('eta', 0.02, 0, 1, 0.005)),
  /** ReMDM's loop: it begins at time t_on, ends at t_off, and holds the share α_on written in between. */
  tOn: of('remasking', number('t-on', 0.55, 0.05, 0.95, 0.05)),
  tOff: of('remasking', number('t-off', 0.05, 0, 0.95, 0.05)),
  alphaOn: of('remasking', number('alpha-on', 0.9, 0.05, 0.95, 0.05)),
  /** Replace a written token when another has at least this probability (sampler token-editing, LLaDA 2.1). */
  editThreshold: of('remasking', number('edit-threshold', 0.9, 0.05, 1, 0.01)),
  /** The order of the sampler `order`; rules in `patterns.ts`. */
  pattern: of('order', choice('pattern', 'checkerboard', PATTERNS)),
  /** Slots in the order they are to be written (pattern drawn), as in 0-15,32,47-40; 0 is where the new text starts. */
  order: of('order', slots('order', '')),
  /** Cells per row of the patterns and of the Game of Life. */
  width: of('order', number('width', 8, 1, 64, 1)),
  /** How often the Game of Life masks the living cells again. */
  generations: of('order', number('generations', 8, 0, 100, 1)),
  /** Whether end and padding tokens may be written: off (freely), late (last), never. */
  ends: of('fine', choice('ends', 'off', ['off', 'late', 'never'])),
  /** Dream's alg_temp: 0 = take the best slots, otherwise draw them from softmax(score / x). */
  orderTemperature: of('order', number('order-temperature', 0, 0, 2, 0.05)),
  /** Draw the number of reveals from a binomial instead of rounding its mean. */
  stochastic: of('schedule', flag('stochastic', false)),
  /** dLLM's choices to the letter, including those that can leave masks behind (dllm/core/samplers/mdlm.py). */
  exact: of('fine', flag('exact', false)),
  /** Ends the run when the answer has ended and only padding is left (mode chat; never when exact). */
  earlyStop: of('fine', flag('early-stop', true)),
  seed: of('chance', number('seed', 42, 0, 0xffffffff, 1)),
} as const;

export type Settings = { readonly [K in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[K]['parse']> };

export type SettingName = keyof Settings;
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

export function defaultSettings(): Settings {
  return Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].default])) as Settings;
}

/** How many slots are laid out behind the prompt. */
export function newTokens({
  mode,
  process,
  editsFrom,
  length,
}: Pick<Settings, 'mode' | 'length'> & Partial<Pick<Settings, 'process' | 'editsFrom'>>): number {
  return mode === 'fill' || mode === 'edit' || (process === 'edits' && editsFrom === 'nothing') ? 0 : length;
}

/** The setting with this link and command-line name, such as `top-k`. */
export function settingOfKey(key: string): SettingName | undefined {
  return SETTING_NAMES.find((name) => SETTINGS[name].key === key);
}

/** Throws `UnmaskError` code `settings` that says what the setting must be. */
export function parseSetting<N extends SettingName>(name: N, text: string): Settings[N] {
  return SETTINGS[name].parse(text) as Settings[N];
}

export function formatSetting<N extends SettingName>(name: N, value: Settings[N]): string {
  return (SETTINGS[name] as unknown as Row<Settings[N]>).format(value);
}
