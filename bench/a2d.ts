/**
 * From autoregression to diffusion (A2D), recorded: the recipe `a2d` on the twin that appends, and on the same network with
 * weights drawn anew, for as many steps. `npm run bench:a2d -- [--logs FOLDER]`; runs that are in the folder and ended are
 * read, not made again. The page draws what it writes, and can repeat both.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { eventsOf } from './trained.ts';

const RESULTS = 'src/app/views/train/a2d.json';
const RUNS = [
  { name: 'converted', options: [] },
  { name: 'scratch', options: ['--forget', '1'] },
];

const { values } = parseArgs({ options: { logs: { type: 'string', default: '.cache/a2d' } } });
const logs = resolve(values.logs);
await mkdir(logs, { recursive: true });
const runs = [];
for (const { name, options } of RUNS) {
  const command = ['train', '--', '--preset', 'a2d', ...options];
  const events = await eventsOf(logs, name, command.slice(2));
  const only = (kind: string) => events.filter((event) => event['kind'] === kind);
  runs.push({
    name,
    command: `npm run ${command.join(' ')}`,
    references: only('started')[0]?.['references'],
    evaluations: only('evaluated').map(({ step, nelbo, standardError }) => ({
      step,
      nelbo: round(nelbo),
      standardError: round(standardError),
    })),
    samples: only('sample').map(({ step, text }) => ({ step, text })),
  });
}
await writeFile(RESULTS, `${JSON.stringify({ recipe: 'npm run bench:a2d', runs }, undefined, 2)}\n`);
for (const { name, evaluations } of runs) console.log(name, evaluations.at(-1));

function round(value: unknown): number {
  return Number((value as number).toFixed(4));
}
