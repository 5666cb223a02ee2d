/** Options of `evaluate`. */
import { existsSync, statSync } from 'node:fs';
import { parseLink } from '../diffusion/link.ts';
import { hashIn, readHash } from '../diffusion/link-text.ts';
import { parseSetting, SETTINGS, type Settings } from '../diffusion/settings.ts';
import { defaultEvaluation, type EvaluationSettings } from '../evaluation/settings.ts';
import { SUBJECTS, TASK_NAMES, type TaskName } from '../evaluation/tasks.ts';
import { argumentError, folderOf, parse, writable } from './arguments.ts';

export interface EvaluateArguments {
  readonly folder: string;
  /** Folder of the judge of sample quality. */
  readonly judge: string | undefined;
  readonly settings: EvaluationSettings;
  /** File of a task; '' for all that have none of their own. */
  readonly data: ReadonlyMap<TaskName | '', string>;
  readonly hub: string;
  readonly backend: 'webgpu' | 'fallback';
  readonly out: string | undefined;
}

/** How texts are written, as for `generate`. */
const WRITING = ['length', 'steps', 'process', 'block', 'sampler', 'temperature', 'schedule', 'guidance'] as const;
const VALUES = [
  'model',
  'judge',
  'tasks',
  'limit',
  'shots',
  'subject',
  'samples',
  'batch',
  'seed',
  'link',
  'hub',
  'backend',
  'out',
];

/** Throws `UnmaskError` code `arguments` or `settings`. */
export function parseEvaluate(argv: readonly string[]): EvaluateArguments | 'help' {
  const texts = [...VALUES, ...WRITING.map((name) => SETTINGS[name].key)].map(
    (key) => [key, { type: 'string' }] as const,
  );
  const given = parse(argv, {
    ...Object.fromEntries(texts),
    data: { type: 'string', multiple: true },
    exact: { type: 'boolean' },
    chat: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (given['help'] === true) return 'help';
  const option = (key: string) => given[key] as string | undefined;
  const initial = defaultEvaluation();
  const tasks = tasksIn(option('tasks') ?? initial.tasks.join());
  const whole = (key: string, value: number, least: number, most: number) => {
    const text = option(key);
    if (text === undefined) return value;
    if (/^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    throw argumentError(`--${key} must be a whole number from ${least} to ${most}, not "${text.slice(0, 20)}".`);
  };
  const backend = option('backend') ?? 'fallback';
  if (backend !== 'webgpu' && backend !== 'fallback') throw argumentError('--backend must be one of webgpu, fallback.');
  const judge = option('judge');
  return {
    folder: folderOf(option('model'), SETTINGS.model.default),
    judge: judge === undefined ? undefined : folderOf(judge, judge),
    settings: {
      tasks,
      limit: whole('limit', initial.limit, 0, 1_000_000),
      shots: whole('shots', initial.shots, 0, 100),
      samples: whole('samples', initial.samples, 1, 100_000),
      batch: whole('batch', initial.batch, 1, 4096),
      exact: given['exact'] === true,
      subjects: subjectsIn(option('subject'), tasks),
      chat: given['chat'] === true,
      seed: whole('seed', initial.seed, 0, 0xffffffff),
      writing: writingIn(initial.writing, option),
    },
    data: dataIn((given['data'] as string[] | undefined) ?? [], tasks),
    hub: option('hub') ?? 'https://huggingface.co',
    backend,
    out: writable('out', option('out')),
  };
}

function tasksIn(text: string): TaskName[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  return names.map((name) => {
    const known = TASK_NAMES.find((each) => each === name);
    if (known !== undefined) return known;
    throw argumentError(`There is no task "${name.slice(0, 40)}".`, `Choose among ${TASK_NAMES.join(', ')}.`);
  });
}

/** The subject for each task that has it. */
function subjectsIn(subject: string | undefined, tasks: readonly TaskName[]): EvaluationSettings['subjects'] {
  if (subject === undefined) return {};
  const having = tasks.filter((task) => Object.hasOwn(SUBJECTS[task] ?? {}, subject));
  if (having.length > 0) return Object.fromEntries(having.map((task) => [task, subject]));
  const all = tasks.flatMap((task) => Object.keys(SUBJECTS[task] ?? {}));
  const remedy = all.length === 0 ? 'Only ceval and cmmlu have subjects.' : `Choose among ${all.join(', ')}.`;
  throw argumentError(`No task here has the subject "${subject.slice(0, 40)}".`, remedy);
}

function writingIn(initial: Settings, option: (key: string) => string | undefined): Settings {
  const link = option('link');
  const settings: Record<string, unknown> =
    link === undefined ? { ...initial } : { ...parseLink(queryOf(link)).settings };
  for (const name of WRITING) {
    const text = option(SETTINGS[name].key);
    if (text !== undefined) settings[name] = parseSetting(name, text);
  }
  return settings as unknown as Settings;
}

function queryOf(link: string): string {
  return `?${readHash(hashIn(link)).query}`;
}

/** `FILE`, or `TASK=FILE`. */
function dataIn(given: readonly string[], tasks: readonly TaskName[]): Map<TaskName | '', string> {
  const files = new Map<TaskName | '', string>();
  for (const text of given) {
    const task = tasks.find((name) => text.startsWith(`${name}=`));
    const file = task === undefined ? text : text.slice(task.length + 1);
    if (!existsSync(file) || statSync(file).isDirectory()) throw argumentError(`--data: there is no file ${file}.`);
    if (files.has(task ?? '')) throw argumentError('--data names two files for one task.', 'Write TASK=FILE for each.');
    files.set(task ?? '', file);
  }
  return files;
}

export const EVALUATE_HELP = [
  'npm run evaluate -- --model DIR --tasks lambada,arc_easy,nelbo --data FILE --limit 100 --out FILE.json',
  'Asks a model the items of tasks and writes values, standard errors, settings and every item, as JSON that the tools of',
  'lm-evaluation-harness read. A file that holds part of the same evaluation is gone on with.',
  `  --tasks NAMES       ${TASK_NAMES.slice(0, 9).join(', ')},`,
  `                      ${TASK_NAMES.slice(9).join(', ')}; default lambada`,
  '  --data FILE         JSON lines, JSON, CSV, TSV or Parquet, for all tasks; --data TASK=FILE for one, again and again.',
  '                      Without, the rows are fetched from the hub; nelbo reads the sample, quality the openings',
  '  --limit N           items of each task; 0 for all; default 100',
  '  --shots N           examples before each question: the first rows of its subject, which are not asked; default 0',
  '  --subject NAME      one subject of ceval or cmmlu, such as law; all of them without',
  '  --samples N         masked copies of each continuation; default 128. Short ones are summed up over all sets of masks',
  '  --batch N           copies over which mask counts are spread; default 32',
  '  --exact             likelihoods as dLLM estimates them, to the letter',
  '  --chat              questions as the chat template of the model words them',
  '  --seed N            default 42',
  '  --judge DIR         an autoregressive model, for the perplexity of quality',
  '  --length, --steps, --block, --sampler, --temperature, --schedule, --guidance, --link    how answers are written',
  '  --process blocks    answers are written, and likelihoods measured, in blocks of --block tokens (BD3-LM)',
  '  --backend NAME      fallback (tfjs, default) or webgpu',
  '  --hub URL           default https://huggingface.co',
].join('\n');
