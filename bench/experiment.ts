/**
 * An experiment (`src/training/experiments.ts`), recorded: its recipe once for each of its runs. `npm run experiment -- NAME
 * [--logs FOLDER]`; runs that are in the folder and ended are read, not made again. The page draws what it writes, and can
 * repeat it.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EXPERIMENTS, isExperiment, runsOf } from '../src/training/experiments.ts';
import { TRAIN_SETTINGS, type TrainSettingName } from '../src/training/train-settings.ts';
import { eventsOf } from './trained.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { logs: { type: 'string' } } });
const [name = ''] = positionals;
if (!isExperiment(name)) throw new Error(`Give one of ${Object.keys(EXPERIMENTS).join(', ')}.`);
const logs = resolve(values.logs ?? `.cache/experiments/${name}`);
await mkdir(logs, { recursive: true });
const runs = [];
for (const [run, own] of runsOf(name)) {
  const options = Object.entries(own).flatMap(([key, value]) => {
    const { key: option, format } = TRAIN_SETTINGS[key as TrainSettingName];
    return [`--${option}`, (format as (value: unknown) => string)(value)];
  });
  const command = ['--preset', name, ...options];
  const events = await eventsOf(logs, run, command);
  const only = (kind: string) => events.filter((event) => event['kind'] === kind);
  runs.push({
    name: run,
    command: `npm run train -- ${command.join(' ')}`,
    references: only('started')[0]?.['references'],
    evaluations: only('evaluated').map(({ step, nelbo, standardError }) => ({
      step,
      nelbo: round(nelbo),
      standardError: round(standardError),
    })),
    samples: only('sample').map(({ step, text }) => ({ step, text })),
  });
}
const recorded = { recipe: `npm run experiment -- ${name}`, runs };
await writeFile(`src/app/views/train/recorded/${name}.json`, `${JSON.stringify(recorded, undefined, 2)}\n`);
for (const { name: run, evaluations } of runs) console.log(run, evaluations.at(-1));

function round(value: unknown): number {
  return Number((value as number).toFixed(4));
}
