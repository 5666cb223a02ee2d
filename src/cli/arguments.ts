/**
 * Command-line options. Every row of the SETTINGS table is an option under its key, so a new setting is an option at
 * once; `--link` takes all of them from a copied link, and options beside it win.
 */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Precision, PrecisionOptions } from '../checkpoint/precision.ts';
import { defaultsOf } from '../diffusion/chat-defaults.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { parseLink } from '../diffusion/link.ts';
import type { LinkedMoment } from '../diffusion/link-moment.ts';
import { hashIn, readHash } from '../diffusion/link-text.ts';
import {
  defaultSettings,
  parseSetting,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type Settings,
} from '../diffusion/settings.ts';
import { SMALL } from '../diffusion/shipped.ts';
import type { AdapterArguments } from './adapter.ts';

export interface GenerateArguments {
  readonly settings: Settings;
  /** Folder of the model. */
  readonly folder: string;
  readonly bits: PrecisionOptions;
  readonly adapter: AdapterArguments | undefined;
  /** Steps to make; all of them when undefined. */
  readonly step: number | undefined;
  /** What the link tells of a run: changes by hand, and the settings of before. */
  readonly moment?: LinkedMoment;
  /** File to record the run in. */
  readonly trace: string | undefined;
  /** How many alternatives per slot to record; all that were asked for when undefined. */
  readonly alternatives: number | undefined;
  /** What of a link could not be read, one sentence each. */
  readonly notes: readonly string[];
}

export interface ForwardArguments {
  readonly folder: string;
  readonly ids: Int32Array;
  readonly out: string;
  readonly bits: PrecisionOptions;
  readonly adapter: AdapterArguments | undefined;
  readonly backend: (typeof BACKENDS)[number];
}

export interface ServeArguments {
  readonly folder: string;
  readonly port: number;
  readonly host: string;
}

/** tfjs on the processor is the fallback. */
const BACKENDS = ['webgpu', 'fallback'] as const;

/** The name of a folder, not a way out of one. */
const NAME = /^\w[\w.-]*$/;
const MODELS = fileURLToPath(new URL('../../public/models/', import.meta.url));

export function argumentError(message: string, remedy = 'Use --help for all options.'): UnmaskError {
  return new UnmaskError({ code: 'arguments', message, remedy });
}

/** Options of `generate`, or `help`. Throws `UnmaskError` code `arguments` or `settings`. */
export function parseGenerate(argv: readonly string[]): GenerateArguments | 'help' {
  const names = SETTING_NAMES.filter((name) => name !== 'model');
  const rows = names.map((name) => [SETTINGS[name].key, { type: isSwitch(name) ? 'boolean' : 'string' }] as const);
  const given = parse(argv, {
    ...Object.fromEntries(rows),
    ...pathOptions('link', 'step', 'trace', 'alternatives', 'adapter', 'weight', 'bits', 'table-bits', 'from'),
  });
  if (given['help'] === true) return 'help';
  const link = given['link'] === undefined ? undefined : parseLink(queryOf(given['link'] as string));
  const step = parseStep(given['step'] as string | undefined) ?? link?.moment?.step;
  // A link says what is not as in the table, its model too; a chat without one begins as dLLM's does.
  const base = link?.settings ?? (given['mode'] === 'chat' ? defaultsOf('chat') : defaultSettings());
  const settings: Record<string, unknown> = { ...base };
  for (const name of names) {
    const value = given[SETTINGS[name].key];
    if (typeof value === 'boolean') settings[name] = value;
    else if (typeof value === 'string') settings[name] = parseSetting(name, value);
  }
  const from = given['from'] as string | undefined;
  if (from !== undefined) Object.assign(settings, editing(from, given));
  const folder = folderOf(given['model'] as string | undefined, settings['model'] as string);
  settings['model'] = parseSetting('model', basename(folder));
  const notes = (link?.problems ?? []).map(({ message }) => message);
  return {
    settings: settings as unknown as Settings,
    folder,
    bits: bitsOf(given),
    adapter: adapterOf(given),
    step,
    ...(link?.moment && { moment: link.moment }),
    trace: writable('trace', given['trace']),
    alternatives: parseAlternatives(given['alternatives'] as string | undefined),
    notes,
  };
}

/** A text of the user's own that is to be edited, by the likeliest edits and tokens unless a temperature is given. */
function editing(text: string, given: Readonly<Record<string, unknown>>): Partial<Settings> {
  if (given['prompt'] !== undefined || (given['mode'] ?? 'edit') !== 'edit') {
    throw argumentError('--from is the text to edit.', 'Leave out --prompt and --mode.');
  }
  if (text.trim() === '') throw argumentError('--from is empty.', 'Give the text to edit, as in --from "teh cat sat".');
  const calm = given['temperature'] === undefined ? { temperature: 0 } : {};
  return { mode: 'edit', process: 'edits', prompt: parseSetting('prompt', text), ...calm };
}

/** Options of `forward`, or `help`. Throws `UnmaskError` code `arguments`. */
export function parseForward(argv: readonly string[]): ForwardArguments | 'help' {
  const given = parse(argv, pathOptions('ids', 'out', 'bits', 'table-bits', 'backend', 'adapter', 'weight'));
  if (given['help'] === true) return 'help';
  const ids = parseIds(given['ids'] as string | undefined);
  const out = writable('out', given['out']);
  if (out === undefined) throw argumentError('--out is missing.', 'Give the file to write, as in --out logits.npy.');
  const backend = backendOf(given['backend'] ?? 'webgpu');
  const bits = bitsForBackend(given, backend);
  return {
    folder: folderOf(given['model'] as string | undefined, SETTINGS.model.default),
    ids,
    out,
    bits,
    adapter: adapterOf(given),
    backend,
  };
}

/** What `--bits` may say. */
const BITS: Readonly<Record<string, Precision>> = { 4: 'int4', nf4: 'nf4', 8: 'int8', 16: 'f16', stored: 'stored' };

/** `--bits` and `--table-bits`; nothing asked for is as stored. */
function bitsOf(given: Record<string, unknown>): PrecisionOptions {
  const read = (key: 'bits' | 'table-bits'): Precision | undefined => {
    const text = given[key] as string | undefined;
    if (text === undefined || Object.hasOwn(BITS, text)) return text === undefined ? undefined : BITS[text];
    throw argumentError(`--${key} must be one of ${Object.keys(BITS).join(', ')}, not "${text.slice(0, 20)}".`);
  };
  return { precision: read('bits') ?? 'stored', tables: read('table-bits') };
}

/** The same, where a program may compute without a card. Throws `UnmaskError` code `arguments`. */
export function bitsForBackend(given: Record<string, unknown>, backend: (typeof BACKENDS)[number]): PrecisionOptions {
  const bits = bitsOf(given);
  if (backend === 'fallback' && (bits.precision === 'f16' || bits.tables === 'f16')) {
    throw argumentError('The fallback computes in 32 bits and does not round to 16.', 'Leave one out.');
  }
  return bits;
}

export const BITS_HELP = [
  '  --bits B              weights in 4 (int4, groups of 32), nf4 (as bitsandbytes), 8, 16, or as stored (default)',
  '  --table-bits B        of the token table and the decoder; default 8 with --bits 4 or nf4, and else as --bits',
];

export interface QuantiseArguments extends PrecisionOptions {
  readonly folder: string;
  readonly out: string;
}

/** Options of `quantise`, or `help`. Throws `UnmaskError` code `arguments`. */
export function parseQuantise(argv: readonly string[]): QuantiseArguments | 'help' {
  const given = parse(argv, pathOptions('out', 'bits', 'table-bits'));
  if (given['help'] === true) return 'help';
  const out = given['out'] as string | undefined;
  if (out === undefined) throw argumentError('--out is missing.', 'Give the folder to write.');
  const folder = folderOf(given['model'] as string | undefined, SETTINGS.model.default);
  if (resolve(out) === folder) throw argumentError('--out is the folder of the model itself.', 'Give another folder.');
  if (given['bits'] === undefined) throw argumentError('--bits is missing.', 'Give --bits 4, nf4 or 8.');
  return { folder, out: resolve(out), ...bitsOf(given) };
}

export const QUANTISE_HELP = [
  'npm run quantise -- --bits 4|nf4|8 --out DIR [--model FOLDER] [--table-bits B]',
  'Writes a model again with its matrices in few bits. With --bits nf4 --table-bits stored, transformers opens it, too.',
  ...BITS_HELP,
].join('\n');

/** Options of `serve-models`, or `help`. Throws `UnmaskError` code `arguments`. */
export function parseServe(argv: readonly string[]): ServeArguments | 'help' {
  const { values, positionals } = parseAll(withHost(argv), {
    options: { port: { type: 'string' }, host: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values['help'] === true) return 'help';
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw argumentError('Give one folder of models.');
  const port = (values['port'] as string | undefined) ?? '8399';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw argumentError(`--port must be a whole number from 0 to 65535, not "${port}".`);
  }
  return { folder, port: Number(port), host: (values['host'] as string | undefined) ?? '127.0.0.1' };
}

/** `--host` without an address means every interface of this machine, as with `npm start`. */
function withHost(argv: readonly string[]): string[] {
  return argv.map((each, i) => (each === '--host' && (argv[i + 1] ?? '-').startsWith('-') ? '--host=0.0.0.0' : each));
}

export interface NelboArguments {
  readonly folder: string;
  readonly file: string;
  /** Per estimator. */
  readonly samples: number;
  /** Of a batch. */
  readonly size: number;
  readonly seed: number;
  readonly backend: (typeof BACKENDS)[number];
  readonly out: string | undefined;
  /** Of a text that is written in blocks of so many tokens. */
  readonly block: number | undefined;
  /** [MASK] stays in the softmax. */
  readonly exact: boolean;
}

/** Options of `nelbo`, or `help`. Throws `UnmaskError` code `arguments`. */
export function parseNelbo(argv: readonly string[]): NelboArguments | 'help' {
  const given = parse(argv, {
    ...pathOptions('file', 'samples', 'size', 'seed', 'backend', 'out', 'process', 'block'),
    exact: { type: 'boolean' },
  });
  if (given['help'] === true) return 'help';
  const file = given['file'] as string | undefined;
  if (file === undefined) throw argumentError('--file is missing.', 'Give a file that holds a text.');
  if (!existsSync(file) || isFolder(file)) throw argumentError(`--file: there is no file ${file}.`);
  const backend = backendOf(given['backend'] ?? 'fallback');
  const whole = (key: string, value: number, most: number) => {
    const text = given[key] as string | undefined;
    if (text === undefined) return value;
    if (/^\d{1,10}$/.test(text) && Number(text) <= most && (key === 'seed' || Number(text) > 0)) return Number(text);
    throw argumentError(`--${key} must be a whole number up to ${most}, not "${text.slice(0, 20)}".`);
  };
  const process = given['process'] ?? 'masked';
  if (process !== 'masked' && process !== 'blocks') throw argumentError('--process must be masked or blocks.');
  const blocks = process === 'blocks';
  if (!blocks && given['block'] !== undefined) throw argumentError('--block is of --process blocks.');
  return {
    folder: folderOf(given['model'] as string | undefined, SETTINGS.model.default),
    file,
    samples: whole('samples', 256, 1_000_000),
    size: whole('size', 8, 1024),
    seed: whole('seed', SETTINGS.seed.default, 0xffffffff),
    backend,
    out: writable('out', given['out']),
    block: blocks ? whole('block', 16, 8192) : undefined,
    exact: given['exact'] === true,
  };
}

/** A folder as PEFT saves it, and how much it counts. */
function adapterOf(given: Record<string, unknown>): AdapterArguments | undefined {
  const [path, weight] = [given['adapter'] as string | undefined, given['weight'] as string | undefined];
  if (path === undefined) {
    if (weight === undefined) return undefined;
    throw argumentError('--weight is of an adapter.', 'Give one with --adapter DIR, or leave it out.');
  }
  const folder = resolve(path);
  if (!isFolder(folder))
    throw argumentError(`There is no folder ${path}.`, 'Give the folder of an adapter with --adapter.');
  if (weight !== undefined && !/^(0?[.]\d{1,9}|1([.]0+)?|0)$/.test(weight)) {
    throw argumentError(`--weight must be a number from 0 to 1, not "${weight.slice(0, 20)}".`);
  }
  return { folder, weight: weight === undefined ? 1 : Number(weight) };
}

export const NELBO_HELP = [
  'npm run nelbo -- --file TEXT.txt [--model FOLDER] [--samples N] [--size N] [--seed N] [--out FILE.json]',
  'Estimates the NELBO of a text by exact counts and by every schedule, with independent and low-discrepancy times.',
  '  --process NAME      masked (default), or blocks: the text is written block by block, each given those before it',
  '  --block N           tokens of a block, 1 to 8192; default 16',
  '  --exact             [MASK] stays in the softmax, as in the code of dLLM and LLaDA; else it is taken out, as in mdlm',
  '  --samples N         per estimator; default 256',
  '  --size N            samples of a batch, which low-discrepancy times share out; default 8',
  '  --backend NAME      fallback (tfjs, default) or webgpu',
].join('\n');

function backendOf(name: unknown): (typeof BACKENDS)[number] {
  const backend = BACKENDS.find((each) => each === name);
  if (backend === undefined) throw argumentError(`--backend must be one of ${BACKENDS.join(', ')}.`);
  return backend;
}

function parseStep(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text)) throw argumentError(`--step must be a whole number from 0 to 99999, not "${text}".`);
  return Number(text);
}

function parseAlternatives(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,2}$/.test(text))
    throw argumentError(`--alternatives must be a whole number from 0 to 99, not "${text}".`);
  return Number(text);
}

/** One line per option of `generate`. */
export function generateHelp(): string {
  const lines = SETTING_NAMES.filter((name) => name !== 'model').map((name) => {
    const { key, control, default: value } = SETTINGS[name];
    const range = control.kind === 'number' ? `${control.min} to ${control.max}` : '';
    const allowed = control.kind === 'choice' ? control.options.join(', ') : range;
    if (control.kind === 'switch') return `  --${key}, --no-${key}`;
    return `  --${key.padEnd(18)}${allowed}${allowed === '' ? '' : '; '}default ${JSON.stringify(value)}`;
  });
  return [
    'npm run generate -- [--model FOLDER] [--prompt TEXT] [options]',
    `  --model FOLDER      a folder, or a name in public/models; default "${SMALL}"`,
    ...lines,
    '  --from TEXT         edit this text, with a model that was trained to (npm run train -- --objective edits)',
    '  --link LINK         take all settings from a copied link; options beside it win',
    '  --step N            stop after N steps, as a link to a step does',
    '  --adapter DIR       with an adapter as PEFT saves it; --weight W counts it 0 to 1 times, default 1',
    '  --trace FILE        record the run',
    ...BITS_HELP,
    '  --mode chat begins with the settings of dLLM: length and steps 128, block 32, temperature 0, top-p off',
    '  --alternatives N    record only the N likeliest tokens of each slot: a smaller file',
  ].join('\n');
}

export const FORWARD_HELP = [
  'npm run forward -- --ids 5,6,4,9 --out FILE.npy [--model FOLDER] [--bits 4|nf4|8|16] [--backend webgpu|fallback]',
  'Writes the logits of every position as a float32 array [tokens, vocabulary] in NumPy format.',
  ...BITS_HELP,
  '  --backend fallback    by tfjs on the processor, in place of the graphics card',
  '  --adapter DIR         with an adapter as PEFT saves it; --weight W counts it 0 to 1 times, default 1',
].join('\n');

export const SERVE_HELP = [
  'npm run serve-models -- DIR [--port N] [--host [H]]',
  'Serves the models in DIR (owner/name/files, or one model) under the addresses of the hub, read-only.',
  '  --port N    default 8399; 0 takes a free one',
  '  --host      serves the network, and prints the addresses for others; --host H on one address',
].join('\n');

type Options = NonNullable<ParseArgsConfig['options']>;

function pathOptions(...keys: string[]): Options {
  const texts = ['model', ...keys].map((key) => [key, { type: 'string' }] as const);
  return { ...Object.fromEntries(texts), help: { type: 'boolean' } };
}

/** Options and nothing else. Throws `UnmaskError` code `arguments`. */
export function parse(argv: readonly string[], options: Options): Record<string, unknown> {
  return parseAll(argv, { options, allowPositionals: false, allowNegative: true }).values;
}

function parseAll(argv: readonly string[], config: ParseArgsConfig) {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], strict: true, ...config });
    return { values: values as Record<string, unknown>, positionals };
  } catch (cause) {
    // Node's messages explain themselves over several lines; the first says what is wrong.
    throw argumentError((cause as Error).message.split(/\n|\. /)[0]?.replace(/\.?$/, '.') ?? 'Wrong options.');
  }
}

function isSwitch(name: SettingName): boolean {
  return SETTINGS[name].control.kind === 'switch';
}

/** The part of a link that holds settings: after its `#`, or all of it. Links to other views tell of no run. */
function queryOf(link: string): string {
  const { view, query } = readHash(hashIn(link));
  if (view !== '' && view !== 'generate') {
    throw argumentError(`The link leads to the view "${view}", which only the page has.`, 'Give a link to Generate.');
  }
  return `?${query}`;
}

/** A link is from elsewhere, so it names a shipped model only; a folder comes from `--model`. */
export function folderOf(given: string | undefined, name: string): string {
  if (given === undefined) {
    if (NAME.test(name) && isFolder(resolve(MODELS, name))) return resolve(MODELS, name);
    throw argumentError(`There is no model "${name}" in public/models.`, 'Give the folder of the model with --model.');
  }
  const folder = [resolve(given), ...(NAME.test(given) ? [resolve(MODELS, given)] : [])].find(isFolder);
  if (folder !== undefined) return folder;
  throw argumentError(`There is no folder ${given}.`, 'Give the folder of a model with --model.');
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** A file to be written, found to be impossible before the long work instead of after it. */
export function writable(option: string, path: unknown): string | undefined {
  if (path === undefined) return undefined;
  const file = resolve(path as string);
  if (path === '' || isFolder(file)) throw argumentError(`--${option} must name a file.`);
  if (!existsSync(dirname(file))) throw argumentError(`--${option}: there is no folder ${dirname(file)}.`);
  return file;
}

function parseIds(text: string | undefined): Int32Array {
  if (text === undefined || text.trim() === '')
    throw argumentError('--ids is empty.', 'Give token ids, as in --ids 5,6,4,9.');
  const ids = text.split(',').map((part) => part.trim());
  const wrong = ids.find((id) => !/^\d{1,9}$/.test(id));
  if (wrong === undefined) return Int32Array.from(ids, Number);
  throw argumentError(
    `--ids holds "${wrong.slice(0, 20)}", which is not a token id.`,
    'Give whole numbers with commas.',
  );
}
