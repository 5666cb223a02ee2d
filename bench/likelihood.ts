/**
 * The likelihood table of the shipped models: LAMBADA, ARC-easy and PIQA, 200 items each, by `npm run evaluate`.
 *
 *     npm run bench:likelihood -- --data lambada=FILE --data arc_easy=FILE --data piqa=FILE
 *
 * Without files the rows come from the hub. What is done lies in .cache/likelihood, so a run that was stopped goes on; a
 * model that stands in the table whole, with these weights and settings, is not asked again. The table keeps the number and
 * the scores of each item, not its words, which are others'.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromHarness, valuesOf } from '../src/evaluation/record.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(ROOT, '.cache/likelihood');
const OUT = join(ROOT, 'bench/results/likelihood.json');
/** Masked copies of each answer: 32, as dLLM measures its BERT models; 8 of the larger model, for want of time. */
const MODELS = [
  { model: 'stories', samples: 32 },
  { model: 'stories-ar', samples: 32 },
  { model: 'tales', samples: 8 },
];
const LIMIT = 200;
const TASKS = ['lambada', 'arc_easy', 'piqa'];

interface Entry {
  readonly model: string;
  readonly revision?: string;
  readonly settings: { readonly samples: number };
  readonly tasks: readonly { readonly items: number }[];
}

await mkdir(CACHE, { recursive: true });
const before = existsSync(OUT) ? (JSON.parse(await readFile(OUT, 'utf8')) as { models: Entry[] }).models : [];
const models: Entry[] = [];
for (const { model, samples } of MODELS) {
  const weights = await readFile(join(ROOT, 'public/models', model, 'model.safetensors'));
  const revision = `sha256-${createHash('sha256').update(weights).digest('hex')}`;
  const known = before.find(
    (one) =>
      one.model === model &&
      one.revision === revision &&
      one.settings.samples === samples &&
      one.tasks.length === TASKS.length &&
      one.tasks.every(({ items }) => items === LIMIT),
  );
  if (known) {
    models.push(known);
    continue;
  }
  const out = join(CACHE, `${model}.json`);
  const program = ['--import', 'tsx', '--import', './src/node/raw-hooks.mjs', 'src/cli/evaluate.ts', '--model', model];
  const how = ['--tasks', TASKS.join(), '--limit', `${LIMIT}`, '--samples', `${samples}`, '--batch', `${samples}`];
  const argv = [...program, ...how, '--out', out, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, argv, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  const { tasks, settings, ...about } = fromHarness(JSON.parse(await readFile(out, 'utf8')), out);
  const { tasks: _, writing: __, ...likelihoods } = settings;
  models.push({
    ...about,
    settings: likelihoods,
    tasks: tasks.map((task) => ({
      task: task.task,
      items: task.items.length,
      of: task.total,
      values: Object.fromEntries(
        valuesOf(task).map(({ metric, value, standardError, chance }) => [
          metric.name,
          { value, standardError, random: chance },
        ]),
      ),
      scores: task.items.map(({ index, scores }) => ({ index, ...scores })),
    })),
  });
}
const rounded = (_: string, value: unknown) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
await writeFile(OUT, `${JSON.stringify({ format: 'unmask-likelihood', version: 1, models }, rounded, 1)}\n`);
process.stdout.write(`${OUT}\n`);
