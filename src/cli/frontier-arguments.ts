/** Options of `npm run frontier`. */
import { type FrontierPlan, planFrontier } from '../diffusion/frontier.ts';
import { OPENINGS } from '../diffusion/openings.ts';
import { defaultSettings, parseSetting, SETTINGS } from '../diffusion/settings.ts';
import type { BackendChoice } from '../worker/protocol.ts';
import { argumentError, parse, writable } from './arguments.ts';

export interface FrontierArguments {
  readonly plan: FrontierPlan;
  readonly backend: BackendChoice;
  readonly out: string;
}

export const FRONTIER_HELP = [
  'npm run frontier -- [options]',
  'Writes texts with many settings, has the autoregressive twin judge them, and prints quality against passes.',
  '  --samplers A,B:16   samplers, each perhaps with blocks of so many tokens',
  '  --passes 8,16,32    forward passes per text; samplers with a pace of their own have their own knob instead',
  `  --prompts N         how many of the ${OPENINGS.length} openings; default ${OPENINGS.length}`,
  '  --seeds N           texts per opening; default 1',
  '  --length N          new tokens; default 64',
  '  --temperature X, --top-p X, --top-k N',
  '  --backend NAME      webgpu or fallback; default fallback',
  '  --out FILE          default bench/results/frontier.json',
].join('\n');

const BACKENDS: readonly BackendChoice[] = ['webgpu', 'fallback'];

/** Throws `UnmaskError` code `arguments` or `settings`. */
export function parseFrontier(argv: readonly string[]): FrontierArguments | 'help' {
  const keys = ['samplers', 'passes', 'prompts', 'seeds', 'length', 'temperature', 'top-p', 'top-k', 'backend', 'out'];
  const text = { type: 'string' } as const;
  const options = { ...Object.fromEntries(keys.map((key) => [key, text])), help: { type: 'boolean' } as const };
  const given = parse(argv, options);
  if (given['help'] === true) return 'help';
  const value = (key: string, otherwise: string) => (given[key] as string | undefined) ?? otherwise;
  const defaults = defaultSettings();
  const base = {
    ...defaults,
    length: parseSetting('length', value('length', '64')),
    temperature: parseSetting('temperature', value('temperature', SETTINGS.temperature.format(defaults.temperature))),
    topP: parseSetting('topP', value('top-p', SETTINGS.topP.format(defaults.topP))),
    topK: parseSetting('topK', value('top-k', SETTINGS.topK.format(defaults.topK))),
  };
  const backend = BACKENDS.find((one) => one === value('backend', 'fallback'));
  if (backend === undefined) throw argumentError(`--backend must be ${BACKENDS.join(' or ')}.`);
  const prompts = whole('prompts', value('prompts', String(OPENINGS.length)), OPENINGS.length);
  return {
    plan: planFrontier({
      series: given['samplers'] === undefined ? undefined : value('samplers', '').split(','),
      passes: value('passes', '8,16,32,64')
        .split(',')
        .map((one) => whole('passes', one, SETTINGS.steps.control.kind === 'number' ? SETTINGS.steps.control.max : 1)),
      prompts: OPENINGS.slice(0, prompts),
      seeds: whole('seeds', value('seeds', '1'), 1000),
      base,
    }),
    backend,
    out: writable('out', value('out', 'bench/results/frontier.json')) as string,
  };
}

function whole(option: string, text: string, most: number): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= most) return number;
  throw argumentError(`--${option} must be a whole number from 1 to ${most}, not "${text.slice(0, 20)}".`);
}
