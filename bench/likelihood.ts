/**
 * The likelihood table of the shipped models: LAMBADA, ARC-easy and PIQA, 200 items each, by `npm run evaluate`.
 *
 *     npm run bench:likelihood -- --data lambada=FILE --data arc_easy=FILE --data piqa=FILE
 *
 * Without files the rows come from the hub. What is done lies in .cache/likelihood, so a run that was stopped goes on. The
 * table keeps the number and the scores of each item, not its words, which are others'.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromHarness, valuesOf } from '../src/evaluation/record.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(ROOT, '.cache/likelihood');
const OUT = join(ROOT, 'bench/results/likelihood.json');
const MODELS = ['stories', 'stories-ar'];
/** As dLLM measures its BERT models. */
const HOW = ['--tasks', 'lambada,arc_easy,piqa', '--limit', '200', '--samples', '32', '--batch', '32'];

await mkdir(CACHE, { recursive: true });
const models = [];
for (const model of MODELS) {
  const out = join(CACHE, `${model}.json`);
  const program = ['--import', 'tsx', '--import', './src/node/raw-hooks.mjs', 'src/cli/evaluate.ts'];
  const argv = [...program, '--model', model, ...HOW, '--out', out, ...process.argv.slice(2)];
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
