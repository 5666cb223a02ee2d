/**
 * `npm run bench`: the bench of the page (src/bench) under Node, on Dawn, without a browser.
 *
 *     npm run bench -- [--sizes thin,narrow,middle,base,bert,qwen3] [--precisions f32,f16,int8,int4] [--rounds N] [--quick]
 *                      [--tasks forward-512-128,generate-32] [--json FILE]
 *
 * On a graphics card all sizes are run unless told, on a software adapter the narrow one. Ctrl+C stops; what was
 * measured until then is printed. What the file holds of this device and model already is kept, so that a bench can be
 * run in parts.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Form, NAMES, PRECISIONS } from '../src/bench/names.ts';
import { isSameBench, markdown, mergeReports, type Report, taskName, taskWords } from '../src/bench/report.ts';
import { type BenchProgress, runBench } from '../src/bench/run.ts';
import { SIZES, type SizeName } from '../src/bench/sizes.ts';
import { tasksOf } from '../src/bench/tasks.ts';
import { argumentError } from '../src/cli/arguments.ts';
import { run, type StatusLine } from '../src/cli/program.ts';
import { openDevice } from '../src/engine/device.ts';
import { pretendPage } from './dawn.ts';

const USAGE = 'Use --sizes, --precisions, --rounds, --quick, --tasks and --json.';

await run(async (status) => {
  const { values } = read();
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 7));
  if (!Number.isInteger(rounds) || rounds < 1) throw argumentError('--rounds must be a whole number above 0.', USAGE);
  const precisions = named(values.precisions, PRECISIONS, '--precisions') ?? PRECISIONS;
  const all = tasksOf({ quick: false });
  const names = named(values.tasks, all.map(taskName), '--tasks');
  const tasks = names && all.filter((task) => names.includes(taskName(task)));
  const chosen = named(values.sizes, Object.keys(SIZES) as SizeName[], '--sizes');

  const gpu = await pretendPage();
  const probe = await openDevice(gpu);
  probe.gpu.destroy();
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  let reports = measured(values.json);
  const show = showing(status);
  let saved = '';
  /** What is measured is on disk at once: a run takes long, and may be ended. */
  const save = (all: readonly Report[]) => {
    const text = `${JSON.stringify(all, undefined, 1)}\n`;
    if (values.json === undefined || text === saved) return;
    writeFileSync(values.json, text);
    saved = text;
  };
  for (const size of chosen ?? (probe.software ? ['narrow' as const] : (Object.keys(SIZES) as SizeName[]))) {
    if (stop.signal.aborted) break;
    const report = await runBench(
      { size, rounds, quick: values.quick, precisions, tasks, right: rightBefore(reports, size, probe.description) },
      {
        gpu,
        where: `Node ${process.versions.node}, Dawn`,
        signal: stop.signal,
        onProgress(progress) {
          show(progress);
          save(joined(reports, progress.report));
        },
      },
    );
    reports = joined(reports, report);
    save(reports);
    status.clear();
    process.stdout.write(`${markdown(reports.find((one) => isSameBench(one, report)) ?? report)}\n\n`);
  }
});
// ONNX Runtime keeps a device open.
process.exit();

function read() {
  try {
    return parseArgs({
      options: {
        sizes: { type: 'string' },
        precisions: { type: 'string' },
        rounds: { type: 'string' },
        tasks: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
      },
    });
  } catch (error) {
    throw argumentError((error as Error).message, USAGE);
  }
}

/** The reports that a file holds already. */
function measured(path: string | undefined): readonly Report[] {
  if (path === undefined || !existsSync(path)) return [];
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report[];
  } catch {
    throw argumentError(`${path} is not a result of this bench.`, 'Give --json another name.');
  }
}

/** The form of ONNX Runtime that was right on this device, so that the wrong ones need not be compiled again. */
function rightBefore(reports: readonly Report[], size: SizeName, device: string): Form | undefined {
  const report = reports.find((one) => one.device === device && one.model.name === size);
  return report?.differences.find(({ program }) => program === 'onnxruntime')?.form;
}

/** The reports with this one, which takes up what is known of the same device and model. */
function joined(reports: readonly Report[], report: Report): Report[] {
  const whole = PRECISIONS.flatMap((precision) => tasksOf({ quick: false }).map((task) => ({ task, precision })));
  const known = reports.find((one) => isSameBench(one, report));
  if (known === undefined) return [...reports, report];
  return reports.map((one) => (one === known ? mergeReports(known, report, whole) : one));
}

/** The names of a list with commas, each one of `known`. */
function named<T extends string>(list: string | undefined, known: readonly T[], option: string): T[] | undefined {
  return list?.split(',').map((name) => {
    const found = known.find((one) => one === name);
    if (found === undefined) throw argumentError(`${option} holds "${name}".`, `Choose from ${known.join(', ')}.`);
    return found;
  });
}

function showing(status: StatusLine) {
  let said = '';
  return ({ doing, done }: BenchProgress) => {
    const { stage, precision, program, task } = doing;
    const what = task === undefined ? `${stage} ${program === undefined ? '' : NAMES[program]}` : taskWords(task);
    const words = `${precision}: ${what}`;
    status.show(`${(100 * done).toFixed(0)} % ${words}`);
    // Where the line cannot rewrite itself, each new thing is said once.
    if (words !== said && !process.stderr.isTTY) status.say(words);
    said = words;
  };
}
