/**
 * An experiment (`src/training/experiments.ts`), recorded: its recipe once for each of its runs and seeds.
 *
 *     npm run experiment -- NAME [--logs FOLDER] [--data FILE --valid FILE] [--only RUN,RUN]
 *
 * --data and --valid stand in place of WikiText from the hub, where a run takes that. Runs that are in the folder and ended
 * are read, not made again; --only makes some of them and records nothing. The page draws what it writes, and can repeat it.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { wellFormed } from '../src/text/bytes.ts';
import { EXPERIMENTS, isExperiment, runsOf } from '../src/training/experiments.ts';
import { presetSettings } from '../src/training/presets.ts';
import { TRAIN_SETTINGS, type TrainSettingName, type TrainSettings } from '../src/training/train-settings.ts';
import { eventsOf } from './trained.ts';

const text = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { logs: text, data: text, valid: text, only: text },
});
const [name = ''] = positionals;
if (!isExperiment(name)) throw new Error(`Give one of ${Object.keys(EXPERIMENTS).join(', ')}.`);
const logs = resolve(values.logs ?? `.cache/experiments/${name}`);
await mkdir(logs, { recursive: true });
const { runs: planned, seeds } = runsOf(name);
const chosen = values.only?.split(',');
const runs = [];
for (const [run, { settings = {}, after, before }] of planned) {
  if (chosen && !chosen.includes(run)) continue;
  for (const seed of before ? [undefined] : seeds) {
    const folder = seed === undefined ? run : `${run}-${seed}`;
    const own = { ...settings, ...(seed === undefined ? {} : { seed }) };
    const { data } = { ...presetSettings(name), ...settings };
    const other = data === 'wikitext-2' && values.data ? { data: values.data, valid: values.valid ?? '' } : {};
    const from = after === undefined ? {} : { init: join(logs, after) };
    const events = await eventsOf(logs, folder, ['--preset', name, ...optionsOf({ ...own, ...other, ...from })]);
    const only = (kind: string) => events.filter((event) => event['kind'] === kind);
    const [started] = only('started');
    runs.push({
      name: run,
      ...(seed === undefined ? {} : { seed }),
      ...(before ? { before } : {}),
      command: `npm run train -- ${['--preset', name, ...optionsOf(own)].join(' ')}`,
      parameters: started?.['learns'],
      tokens: started?.['tokens'],
      references: started?.['references'],
      evaluations: only('evaluated').map(({ step, nelbo, standardError }) => ({
        step,
        nelbo: round(nelbo),
        standardError: round(standardError),
      })),
      samples: only('sample').map(({ step, text: written, given }) => ({
        step,
        text: wellFormed(String(written)),
        given,
      })),
    });
  }
}
if (!chosen) {
  const { data, valid } = values;
  const given = Object.entries({ data, valid }).flatMap(([option, file]) =>
    file ? [`--${option} ${basename(file)}`] : [],
  );
  const recorded = { recipe: ['npm run experiment --', name, ...given].join(' '), runs };
  await writeFile(`src/app/views/train/recorded/${name}.json`, `${JSON.stringify(recorded, undefined, 2)}\n`);
}
for (const { name: run, evaluations } of runs) console.log(run, evaluations.at(-1));

function optionsOf(own: Partial<TrainSettings>): string[] {
  return Object.entries(own).flatMap(([key, value]) => {
    const { key: option, format } = TRAIN_SETTINGS[key as TrainSettingName];
    return [`--${option}`, (format as (value: unknown) => string)(value)];
  });
}

function round(value: unknown): number {
  return Number((value as number).toFixed(4));
}
