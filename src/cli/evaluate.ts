/**
 * Evaluates a model without a page: `npm run evaluate -- --model DIR --tasks lambada,arc_easy --data FILE --out FILE`. The
 * tasks, the rules and the record are those of the page's Evaluate view.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openModel } from '../checkpoint/open.ts';
import { Store } from '../checkpoint/store/store.ts';
import { OPENINGS } from '../diffusion/openings.ts';
import { evaluate, planOf, type Subject, type TaskRows } from '../evaluation/evaluate.ts';
import {
  type About,
  type EvaluationRecord,
  fromHarness,
  goesOn,
  type Item,
  toHarness,
  valuesOf,
} from '../evaluation/record.ts';
import { hubFiles, type Row, rowsOfFile, TASKS, type TaskName } from '../evaluation/tasks.ts';
import { nodeDisk } from '../node/disk.ts';
import { folderSource } from '../node/folder.ts';
import { fetchRows } from '../training/data/hub-rows.ts';
import { readRows } from '../training/data/rows.ts';
import { openFallbackBackend } from '../worker/fallback.ts';
import { argumentError } from './arguments.ts';
import { EVALUATE_HELP, type EvaluateArguments, parseEvaluate } from './evaluate-arguments.ts';
import { writeWhole } from './full-disk.ts';
import { putOnGpu } from './model-on-gpu.ts';
import { run, type StatusLine } from './program.ts';

const SAMPLE = fileURLToPath(new URL('../../public/data/sample.txt', import.meta.url));
const CACHE = fileURLToPath(new URL('../../.cache/data', import.meta.url));
/** Between two writings of a record. */
const SAVE_MS = 5000;

await run(async (status) => {
  const given = parseEvaluate(process.argv.slice(2));
  if (given === 'help') process.stdout.write(`${EVALUATE_HELP}\n`);
  else await measure(given, status);
});

async function measure(given: EvaluateArguments, status: StatusLine): Promise<void> {
  const { settings, folder, out } = given;
  const tasks: TaskRows[] = [];
  const data: Record<string, string> = {};
  for (const task of settings.tasks) {
    const { rows, from } = await rowsOf(task, given, status);
    tasks.push({ task, rows });
    data[task] = from;
  }
  const subject = await open(folder, given, status);
  const judge = given.judge === undefined ? undefined : await open(given.judge, given, status);
  try {
    const about: About = {
      model: basename(folder),
      revision: await checksum(join(folder, 'model.safetensors')),
      device: subject.device,
      settings,
      data,
      ...(given.judge !== undefined && { judge: basename(given.judge) }),
      began: new Date().toISOString(),
    };
    const before = await recordIn(out, about);
    const plan = planOf(tasks, settings, before?.tasks);
    const items = new Map<TaskName, Item[]>(plan.map((each) => [each.task, [...each.items]]));
    const record = (): EvaluationRecord => ({
      ...(before ?? about),
      tasks: plan.map(({ task, planned, total }) => ({ task, planned, total, items: items.get(task) ?? [] })),
    });
    const all = plan.reduce((sum, { open }) => sum + open.length, 0);
    const stop = new AbortController();
    const interrupt = () => stop.abort();
    process.once('SIGINT', interrupt);
    let [done, saved] = [0, performance.now()];
    const began = saved;
    try {
      for await (const { task, item } of evaluate(subject, plan, { settings, judge, signal: stop.signal })) {
        items.get(task)?.push(item);
        const now = performance.now();
        const left = ((now - began) / ++done) * (all - done);
        status.show(`${task}: ${done} of ${all} items, ${Math.ceil(left / 1000)} s left`);
        if (now - saved < SAVE_MS) continue;
        await save(out, record());
        saved = performance.now();
      }
    } catch (cause) {
      if (!stop.signal.aborted) throw cause;
      status.say(`stopped after ${done} of ${all} items`);
    } finally {
      process.off('SIGINT', interrupt);
      await save(out, record());
    }
    process.stdout.write(`${tableOf(record())}\n`);
    status.say(`${done} items in ${((performance.now() - began) / 1000).toFixed(0)} s on ${subject.device}`);
  } finally {
    subject.close();
    judge?.close();
  }
}

async function rowsOf(
  task: TaskName,
  { data, hub, settings }: EvaluateArguments,
  status: StatusLine,
): Promise<{ rows: readonly Row[]; from: string }> {
  const given = data.get(task) ?? data.get('');
  if (given !== undefined) {
    const file = resolve(given);
    const rows = await readRows(await folderSource(dirname(file)), basename(file));
    return { rows: rowsOfFile(task, basename(file), rows, settings.subjects[task]), from: basename(file) };
  }
  if (task === 'quality') return { rows: OPENINGS.map((prompt) => ({ prompt })), from: 'openings' };
  if (task === 'nelbo')
    return { rows: await readRows(await folderSource(dirname(SAMPLE)), basename(SAMPLE)), from: 'sample' };
  const on = hubFiles(TASKS[task], settings.subjects[task]);
  if (on === undefined) throw argumentError(`${task} needs rows of your own.`, `Give a file with --data ${task}=FILE.`);
  const onProgress = ({ loaded, total }: { loaded: number; total: number }) =>
    status.show(`${on.id}: ${Math.round((100 * loaded) / total)} % of ${(total / 1e6).toFixed(1)} MB`);
  const { rows, commit } = await fetchRows(new Store(await nodeDisk(CACHE)), on, { endpoint: hub }, { onProgress });
  return { rows, from: `${on.id}@${commit}` };
}

interface OpenSubject extends Subject {
  readonly device: string;
  close(): void;
}

async function open(folder: string, { backend }: EvaluateArguments, status: StatusLine): Promise<OpenSubject> {
  const model = await openModel(await folderSource(folder), { id: basename(folder) });
  if (backend === 'webgpu') {
    const { engine, device, close } = await putOnGpu(model, status);
    return { model, network: engine, device, close };
  }
  const { network, name, dispose } = await openFallbackBackend(model, {});
  return { model, network, device: `tfjs, ${name}`, close: dispose };
}

/** Of weights without a commit; models of several files have none. */
async function checksum(file: string): Promise<string> {
  if (!existsSync(file)) return 'unknown';
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part as Uint8Array);
  return `sha256-${hash.digest('hex')}`;
}

/** The part of this evaluation that a file holds. Throws `UnmaskError` when it holds another one. */
async function recordIn(out: string | undefined, about: About): Promise<EvaluationRecord | undefined> {
  if (out === undefined || !existsSync(out)) return undefined;
  let stored: unknown;
  try {
    stored = JSON.parse(await readFile(out, 'utf8'));
  } catch {
    stored = undefined;
  }
  const record = fromHarness(stored, out);
  if (goesOn(record, about)) return record;
  throw argumentError(`--out: ${out} holds another evaluation.`, 'Choose another file.');
}

async function save(out: string | undefined, record: EvaluationRecord): Promise<void> {
  if (out === undefined) return;
  await writeWhole(out, `${JSON.stringify(toHarness(record), undefined, 1)}\n`);
}

function tableOf({ tasks }: EvaluationRecord): string {
  const rows = tasks.flatMap((task) =>
    valuesOf(task).map(({ metric, value, standardError, chance }) => [
      task.task,
      String(task.items.length),
      metric.name,
      `${value.toPrecision(4)}${Number.isNaN(standardError) ? '' : ` ± ${standardError.toPrecision(2)}`}`,
      chance === undefined ? '–' : chance.toPrecision(3),
    ]),
  );
  const head = ['task', 'items', 'metric', 'value', 'random'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
