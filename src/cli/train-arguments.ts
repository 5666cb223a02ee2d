/** Options of `train`: every row of the TRAIN_SETTINGS table is one under its key; a preset fills them all first. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isObject } from '../checkpoint/damage.ts';
import { PRESETS, type PresetName, presetSettings } from '../training/presets.ts';
import {
  defaultTrainSettings,
  TRAIN_SETTING_NAMES,
  TRAIN_SETTINGS,
  type TrainSettings,
} from '../training/train-settings.ts';
import { argumentError, parse } from './arguments.ts';

export const TRAIN_BACKENDS = ['wasm', 'cpu', 'webgpu'] as const;

export interface TrainArguments {
  /** Undefined: those of the run that goes on. */
  readonly settings: TrainSettings | undefined;
  readonly out: string;
  readonly backend: (typeof TRAIN_BACKENDS)[number];
  /** Where WikiText is fetched from. */
  readonly hub: string;
}

/** Only a look at what would be learnt. */
export interface LookArguments {
  readonly look: TrainSettings;
  readonly hub: string;
}

/** Only the folder that trains the same with dLLM on a cluster. */
export interface ClusterArguments {
  readonly cluster: TrainSettings;
  readonly out: string;
  readonly hub: string;
}

const MANIFEST = 'checkpoint.json';
const SWITCHES = { resume: { type: 'boolean' }, look: { type: 'boolean' }, cluster: { type: 'boolean' } } as const;

/** Throws `UnmaskError` code `arguments` or `settings`. */
export function parseTrain(argv: readonly string[]): TrainArguments | LookArguments | ClusterArguments | 'help' {
  const keys = TRAIN_SETTING_NAMES.map((name) => TRAIN_SETTINGS[name].key);
  const texts = [...keys, 'out', 'preset', 'backend', 'hub', 'pairs'].map((key) => [key, { type: 'string' }] as const);
  const given = parse(argv, { ...Object.fromEntries(texts), ...SWITCHES, help: { type: 'boolean' } });
  if (given['help'] === true) return 'help';
  const option = (key: string) => given[key] as string | undefined;
  const hub = option('hub') ?? 'https://huggingface.co';
  if (given['look'] === true) return { look: settingsFrom(given), hub };
  if (option('out') === undefined)
    throw argumentError('--out is missing.', 'Give the folder to write, as in --out run.');
  const out = resolve(option('out') as string);
  if (given['cluster'] === true) return { cluster: settingsFrom(given), out, hub };
  const begun = existsSync(join(out, MANIFEST));
  const backend = TRAIN_BACKENDS.find((name) => name === (option('backend') ?? 'wasm'));
  if (backend === undefined) throw argumentError(`--backend must be one of ${TRAIN_BACKENDS.join(', ')}.`);
  if (given['resume'] === true) {
    if (!begun) throw argumentError(`--resume: ${out} holds no run.`, 'Give the folder of a run with --out.');
    const other = changed(given, join(out, MANIFEST));
    if (other === undefined) return { settings: undefined, out, backend, hub };
    throw argumentError(`--${other} cannot change when a run goes on.`, 'Leave it out, or start a new run.');
  }
  if (begun) throw argumentError(`${out} holds a run already.`, 'Go on with --resume, or choose another folder.');
  return { settings: settingsFrom(given), out, backend, hub };
}

/** The first option that says something else than the run: the command that began it may be given again, with --resume. */
function changed(given: Readonly<Record<string, unknown>>, manifest: string): string | undefined {
  const kept = keptSettings(manifest);
  const differs = (name: (typeof TRAIN_SETTING_NAMES)[number], value: unknown) => {
    const { key, format } = TRAIN_SETTINGS[name];
    return (format as (value: unknown) => string)(value) !== kept[key];
  };
  const own = TRAIN_SETTING_NAMES.filter((name) => given[TRAIN_SETTINGS[name].key] !== undefined);
  const other = own.find((name) =>
    differs(name, TRAIN_SETTINGS[name].parse(given[TRAIN_SETTINGS[name].key] as string)),
  );
  if (other !== undefined) return TRAIN_SETTINGS[other].key;
  if (given['pairs'] !== undefined && differs('data', given['pairs'])) return 'pairs';
  const preset = given['preset'];
  if (preset === undefined) return undefined;
  const settings = PRESETS.includes(preset as PresetName) ? presetSettings(preset as PresetName) : undefined;
  const rest = TRAIN_SETTING_NAMES.filter((name) => !own.includes(name));
  return settings === undefined || rest.some((name) => differs(name, settings[name])) ? 'preset' : undefined;
}

/** As a run keeps them: text under the name of its option. None where they cannot be read, which opening the run tells. */
function keptSettings(manifest: string): Readonly<Record<string, unknown>> {
  try {
    const { settings }: { settings?: unknown } = JSON.parse(readFileSync(manifest, 'utf8'));
    return isObject(settings) ? settings : {};
  } catch {
    return {};
  }
}

function settingsFrom(given: Readonly<Record<string, unknown>>): TrainSettings {
  const preset = given['preset'] as string | undefined;
  if (preset !== undefined && !(PRESETS as readonly string[]).includes(preset)) {
    throw argumentError(`--preset must be one of ${PRESETS.join(', ')}.`);
  }
  const settings: Record<string, unknown> =
    preset === undefined ? defaultTrainSettings() : presetSettings(preset as PresetName);
  const own = { ...settings };
  for (const name of TRAIN_SETTING_NAMES) {
    const text = given[TRAIN_SETTINGS[name].key];
    if (text !== undefined) own[name] = TRAIN_SETTINGS[name].parse(text as string);
  }
  const pairs = given['pairs'] as string | undefined;
  if ((own['objective'] === 'vrpo') !== (pairs !== undefined)) {
    throw argumentError('--objective vrpo and --pairs belong together.', 'Give pairs of answers with --pairs FILE.');
  }
  if (pairs !== undefined) own['data'] = pairs;
  if (own['data'] === '') throw argumentError('--data is missing.', 'Give a file to learn from.');
  return own as unknown as TrainSettings;
}

export function trainHelp(): string {
  const lines = TRAIN_SETTING_NAMES.map((name) => {
    const { key, control, default: value } = TRAIN_SETTINGS[name];
    const range = control.kind === 'number' ? `${control.min} to ${control.max}` : '';
    const allowed = control.kind === 'choice' ? control.options.join(', ') : range;
    return `  --${key.padEnd(18)}${allowed}${allowed === '' ? '' : '; '}default ${JSON.stringify(value)}`;
  });
  return [
    'npm run train -- --data FILE --init DIR|fresh --out DIR [options]',
    'Trains a model: one JSON line per event on stdout, and the model in Hugging Face layout in --out; with --adapter lora the',
    'adapter as PEFT saves it.',
    '  --data FILE         text, Markdown, JSON, JSON lines, CSV, TSV or Parquet; stories, talk or sample, which come with the',
    '                      page; wikitext-2 or wikitext-103 from the hub',
    '  --pairs FILE        for --objective vrpo: rows with prompt, chosen and rejected',
    '                      for --objective grpo --data holds beginnings to go on with; sample: those of the page',
    '  --look              only show what would be learnt from: columns, both sides of the split, memory, the first batch',
    `  --preset NAME       ${PRESETS.join(', ')}; options beside it win`,
    '  --cluster           only write --out: scripts, texts and weights that train the same with dLLM on many cards',
    '  --resume            go on with the run in --out',
    `  --backend NAME      ${TRAIN_BACKENDS.join(', ')}; default wasm`,
    '  --hub URL           where WikiText is fetched from; default https://huggingface.co',
    ...lines,
  ].join('\n');
}
