/** Options of `edit-scores`. */
import type { PrecisionOptions } from '../checkpoint/precision.ts';
import { MISTAKES, type MistakeKind } from '../diffusion/mistakes.ts';
import { argumentError, BITS_HELP, bitsForBackend, folderOf, parse, writable } from './arguments.ts';

export interface EditScoresArguments {
  readonly folder: string;
  /** `sample`, or a file. */
  readonly data: string;
  readonly corrupt: MistakeKind;
  readonly mistakes: number;
  readonly texts: number;
  readonly characters: number;
  readonly heldOut: number;
  readonly way: 'surest' | 'leap';
  readonly above: number;
  readonly tau: number;
  readonly seed: number;
  readonly bits: PrecisionOptions;
  readonly backend: 'webgpu' | 'fallback';
  readonly show: number;
  readonly out: string | undefined;
}

const KEYS = [
  'model',
  'data',
  'corrupt',
  'mistakes',
  'texts',
  'characters',
  'held-out',
  'way',
  'above',
  'tau',
  'seed',
  'bits',
  'table-bits',
  'backend',
  'show',
  'out',
] as const;

/** Throws `UnmaskError` code `arguments`. */
export function parseEditScores(argv: readonly string[]): EditScoresArguments | 'help' {
  const texts = Object.fromEntries(KEYS.map((key) => [key, { type: 'string' } as const]));
  const given = parse(argv, { ...texts, help: { type: 'boolean' } });
  if (given['help'] === true) return 'help';
  const option = (key: (typeof KEYS)[number]) => given[key] as string | undefined;
  const one = <T extends string>(key: (typeof KEYS)[number], all: readonly T[], value: T): T => {
    const found = all.find((each) => each === (option(key) ?? value));
    if (found !== undefined) return found;
    throw argumentError(`--${key} must be one of ${all.join(', ')}.`);
  };
  const number = (key: (typeof KEYS)[number], value: number, least: number, most: number) => {
    const text = option(key);
    const found = text === undefined ? value : Number(text);
    if (text?.trim() !== '' && found >= least && found <= most) return found;
    throw argumentError(`--${key} must be a number from ${least} to ${most}.`);
  };
  const whole = (key: (typeof KEYS)[number], value: number, least: number, most: number) => {
    const found = number(key, value, least, most);
    if (Number.isInteger(found)) return found;
    throw argumentError(`--${key} must be a whole number from ${least} to ${most}.`);
  };
  const backend = one('backend', ['fallback', 'webgpu'], 'fallback');
  if (option('model') === undefined)
    throw argumentError('--model is missing.', 'Give the folder of a model that edits.');
  return {
    folder: folderOf(option('model'), ''),
    data: option('data') ?? 'sample',
    corrupt: one('corrupt', MISTAKES, 'mixed'),
    mistakes: number('mistakes', 0.12, 0, 1),
    texts: whole('texts', 100, 1, 1_000_000),
    characters: whole('characters', 160, 10, 10_000),
    heldOut: number('held-out', 0.05, 0.001, 1),
    way: one('way', ['surest', 'leap'], 'surest'),
    above: number('above', 0.5, 0, 1000),
    tau: number('tau', 0.05, 0.001, 1),
    seed: whole('seed', 42, 0, 0xffffffff),
    bits: bitsForBackend(given, backend),
    backend,
    show: whole('show', 5, 0, 1000),
    out: writable('out', option('out')),
  };
}

export const EDIT_SCORES_HELP = [
  'npm run edit-scores -- --model FOLDER [--data FILE] [options]',
  'How well a model repairs texts that were held out of training: exact matches and edit distances, mistake by mistake.',
  '  --data FILE         what it was trained on; default sample. The texts are those that --held-out and --seed keep back',
  '  --held-out N        share of the texts; default 0.05. 1 takes all of another file',
  `  --corrupt KIND      ${MISTAKES.join(', ')}; default mixed, which measures each and the mix`,
  '  --mistakes N        share of the words with a mistake; default 0.12',
  '  --texts N           default 100; stretches of sentences of at most --characters (160) each',
  '  --way NAME          surest (edits expected more than --above 0.5 times, until none is left) or leap (steps of --tau 0.05)',
  '  --show N            so many texts, before and after; default 5',
  ...BITS_HELP,
  '  --backend NAME      fallback (tfjs, default) or webgpu',
  '  --out FILE.json     the numbers with their recipe, and every text',
].join('\n');
