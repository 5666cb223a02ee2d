/**
 * What an evaluation leaves behind: model, settings, seed, device and the answer to every item, from which all values
 * follow. As a file it is what lm-evaluation-harness writes (`results`, `configs`, `n-shot`, `n-samples`, `samples`; its
 * result_schema.py), so that its tools read it, with what they do not know beside it (`golden/read_record.py` asks them).
 * A record that is not finished goes on from its items.
 */
import { isObject } from '../checkpoint/damage.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { type JudgedText, qualityOf } from '../diffusion/quality.ts';
import { said } from '../text/said.ts';
import type { Request } from './requests.ts';
import { selfBleu } from './self-bleu.ts';
import { completeSettings, type EvaluationSettings } from './settings.ts';
import { type Metric, type Scores, TASKS, type Task, type TaskName } from './tasks.ts';

export interface Answered extends Request {
  /** log p of the continuation, or its lower bound, nats. */
  readonly logLikelihood: number;
  /** Standard error of the estimate, nats; 0 where it is exact. */
  readonly error: number;
  readonly tokens: number;
  /** Whether the model would write it; only where that is asked for. */
  readonly greedy?: boolean;
}

export interface Item {
  /** Row of the data, from 0. */
  readonly index: number;
  /** What the data calls it. */
  readonly id: string;
  /** The right answer, in words. */
  readonly target: string;
  /** Which of the requests is right. */
  readonly gold?: number;
  readonly requests?: readonly Answered[];
  /** What was written, and its ids. */
  readonly prompt?: string;
  readonly text?: string;
  readonly ids?: readonly number[];
  /** log p of each under the judge, nats. */
  readonly judged?: readonly number[];
  /** What the rules read out of it. */
  readonly filtered?: Readonly<Record<string, string>>;
  readonly scores: Scores;
  /** What random guessing scores on average, as far as that can be said. */
  readonly chance: Scores;
}

export interface Value {
  readonly value: number;
  /** NaN below two items. */
  readonly standardError: number;
  /** What random guessing would score; undefined where nobody can say. */
  readonly chance?: number;
}

/** What was evaluated, and on what. */
export interface About {
  readonly model: string;
  /** Commit of a model of the hub, or the checksum of its weights, where known. */
  readonly revision?: string;
  readonly device: string;
  readonly settings: EvaluationSettings;
  /** Where the rows of each task came from. */
  readonly data: Readonly<Record<string, string>>;
  /** The judge of sample quality. */
  readonly judge?: string;
  /** ISO date. */
  readonly began: string;
}

export interface TaskRecord {
  readonly task: TaskName;
  /** Items there are to answer. */
  readonly planned: number;
  /** Rows of the data that could be asked. */
  readonly total: number;
  readonly items: readonly Item[];
}

export interface EvaluationRecord extends About {
  readonly tasks: readonly TaskRecord[];
}

/** A number of a task from its items so far. */
export function numberOf(metric: Metric, items: readonly Item[]): Value {
  if (metric.kind === 'quality') return qualityValue(metric.of, items);
  const { value, standardError } = estimate(metric, items, ({ scores }) => scores);
  const chance = estimate(metric, items, (item) => item.chance).value;
  return { value, standardError, ...(Number.isNaN(chance) ? {} : { chance }) };
}

type Estimate = Pick<Value, 'value' | 'standardError'>;

function estimate(
  metric: Exclude<Metric, { kind: 'quality' }>,
  items: readonly Item[],
  scoresOf: (item: Item) => Scores,
): Estimate {
  const numbers = (name: string) => items.map((item) => scoresOf(item)[name] ?? Number.NaN);
  const exp = ({ value, standardError }: Estimate, sign: 1 | -1): Estimate => {
    const raised = Math.exp(sign * value);
    return { value: raised, standardError: raised * standardError };
  };
  switch (metric.kind) {
    case 'mean':
      return meanOf(numbers(metric.of));
    case 'perplexity':
      return exp(meanOf(numbers(metric.of)), -1);
    case 'ratio': {
      const ratio = ratioOf(numbers(metric.of), numbers(metric.per));
      return metric.exp ? exp(ratio, 1) : ratio;
    }
  }
}

function meanOf(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const count = values.length;
  return { value: mean, standardError: count < 2 ? Number.NaN : Math.sqrt(squares / (count - 1) / count) };
}

/** Σ a / Σ b, with the standard error of a ratio. */
function ratioOf(above: readonly number[], below: readonly number[]): Estimate {
  const all = below.reduce((sum, x) => sum + x, 0);
  const value = above.reduce((sum, x) => sum + x, 0) / all;
  const count = above.length;
  const squares = above.reduce((sum, x, i) => sum + (x - value * (below[i] as number)) ** 2, 0);
  return { value, standardError: count < 2 ? Number.NaN : Math.sqrt((squares * count) / (count - 1)) / all };
}

function qualityValue(of: (Metric & { kind: 'quality' })['of'], items: readonly Item[]): Estimate {
  const texts = items.map(
    ({ prompt = '', ids = [], judged = [] }): JudgedText => ({ ids, logProbs: judged, group: prompt }),
  );
  if (of === 'selfBleu') {
    const words = items.map(({ text = '' }) => text.split(/\s+/).filter((word) => word !== ''));
    return { value: selfBleu(words), standardError: Number.NaN };
  }
  const quality = qualityOf(texts);
  const found = { ...quality, repetition: quality.repetition[1], distinct: quality.distinct[1] }[of];
  return {
    value: found?.value ?? Number.NaN,
    standardError: ((found?.high ?? Number.NaN) - (found?.low ?? Number.NaN)) / 2,
  };
}

/** All numbers of a task, in its order. */
export function valuesOf({ task, items }: TaskRecord): (Value & { readonly metric: Metric })[] {
  return TASKS[task].metrics.map((metric) => ({ metric, ...numberOf(metric, items) }));
}

/** One item of two evaluations. */
export interface ComparedItem {
  readonly a: Item;
  readonly b: Item;
}

/** Items of one row of one data set; a task may have been asked rows of a class once and those of the hub another time. */
function sameRow(a: Item, b: Item): boolean {
  // A chat template leaves out the space before an answer.
  const endOf = ({ requests = [], prompt = '' }: Item) => [
    requests.map(({ continuation }) => continuation.trim()),
    prompt,
  ];
  return a.id === b.id && a.target === b.target && JSON.stringify(endOf(a)) === JSON.stringify(endOf(b));
}

/**
 * Two evaluations of one task, item by item, and the mean difference b − a of a score with its standard error: smaller
 * than that of either value, because hard items are hard for both.
 */
export function compareItems(a: TaskRecord, b: TaskRecord, score: string) {
  const others = new Map(b.items.map((item) => [item.index, item]));
  const items: ComparedItem[] = a.items.flatMap((item) => {
    const other = others.get(item.index);
    return other === undefined || !sameRow(item, other) ? [] : [{ a: item, b: other }];
  });
  const differences = items.map((pair) => (pair.b.scores[score] ?? Number.NaN) - (pair.a.scores[score] ?? Number.NaN));
  return { items, difference: meanOf(differences) };
}

const FORMAT = 'unmask-evaluation';

/** As the harness writes it. NaN becomes "N/A", as there. */
export function toHarness(record: EvaluationRecord): Record<string, unknown> {
  const { tasks, model, settings, device, revision, data, judge, began } = record;
  const each = <T>(of: (task: TaskRecord) => T) => Object.fromEntries(tasks.map((task) => [task.task, of(task)]));
  return {
    format: FORMAT,
    version: 1,
    model,
    ...(revision === undefined ? {} : { revision }),
    device,
    ...(judge === undefined ? {} : { judge }),
    began,
    settings,
    data,
    results: each((task) => ({
      name: task.task,
      alias: TASKS[task.task].harness,
      sample_len: task.items.length,
      ...Object.fromEntries(
        valuesOf(task).flatMap(({ metric, value, standardError, chance }) => [
          [`${metric.name},none`, finite(value)],
          [`${metric.name}_stderr,none`, finite(standardError)],
          ...(chance === undefined ? [] : [[`${metric.name}_random,none`, finite(chance)]]),
        ]),
      ),
    })),
    higher_is_better: each(({ task }) =>
      Object.fromEntries(TASKS[task].metrics.map(({ name, lowerIsBetter }) => [name, !lowerIsBetter])),
    ),
    group_subtasks: {},
    configs: each(({ task }) => ({
      task,
      harness_task: TASKS[task].harness,
      dataset_path: data[task],
      num_fewshot: settings.shots,
      output_type: TASKS[task].output,
      metric_list: TASKS[task].metrics.filter(ofItems).map(({ name, kind, lowerIsBetter }) => ({
        metric: name,
        aggregation: kind,
        higher_is_better: !lowerIsBetter,
      })),
    })),
    versions: each(() => 1),
    'n-shot': each(() => settings.shots),
    'n-samples': each(({ total, planned }) => ({ original: total, effective: planned })),
    config: {
      model: 'unmask',
      model_args: `pretrained=${model}${revision === undefined ? '' : `,revision=${revision}`}`,
      batch_size: settings.batch,
      device,
      limit: settings.limit === 0 ? null : settings.limit,
      random_seed: settings.seed,
    },
    date: Date.parse(began) / 1000,
    model_source: 'unmask',
    model_name: model,
    model_name_sanitized: model.replace(/[^\p{L}\p{N}._-]+/gu, '__'),
    samples: each(({ task, items }) => items.map((item) => toSample(item, TASKS[task]))),
  };
}

/** Those that one item has a value of. */
const ofItems = ({ kind }: Metric) => kind !== 'quality';

const finite = (value: number) => (Number.isFinite(value) ? value : 'N/A');

/** As the harness has it: of a perplexity the log-likelihood, of bits per byte the log-likelihood and the bytes. */
function ofSample(metric: Metric, item: Item): unknown {
  const { scores } = item;
  if (metric.kind === 'perplexity') return scores[metric.of];
  if (metric.name === 'bits_per_byte') return [-(scores['nats'] ?? Number.NaN), scores['bytes']];
  return numberOf(metric, [item]).value;
}

function toSample(item: Item, { output, metrics }: Task): Record<string, unknown> {
  const { index, id, target, gold, requests, text, filtered, prompt, scores, chance, ids, judged } = item;
  const own = metrics.filter(ofItems);
  // Of a text that is only measured.
  const rolling = output === 'loglikelihood_rolling' ? -(scores['nats'] ?? Number.NaN) : undefined;
  return {
    doc_id: index,
    doc: { id },
    target,
    ...(gold === undefined ? {} : { gold }),
    arguments:
      requests?.map(({ context, continuation }) => [context, continuation]) ??
      (prompt === undefined ? [[target]] : [[prompt, {}]]),
    resps: requests?.map(({ logLikelihood, greedy }) => [[logLikelihood, greedy ?? false]]) ?? [
      [rolling ?? text ?? ''],
    ],
    filtered_resps:
      requests?.map(({ logLikelihood, greedy }) => [logLikelihood, greedy ?? false]) ??
      (rolling === undefined ? Object.values(filtered ?? { none: text ?? '' }) : [rolling]),
    filter: 'none',
    metrics: own.map(({ name }) => name),
    ...Object.fromEntries(own.map((metric) => [metric.name, ofSample(metric, item)])),
    ...(requests && {
      errors: requests.map(({ error }) => error),
      tokens: requests.map(({ tokens }) => tokens),
      greedy: requests.map(({ greedy }) => greedy ?? null),
    }),
    ...(filtered && { filters: Object.keys(filtered) }),
    ...(ids && { ids }),
    ...(judged && { judged }),
    ...scores,
    scores: Object.keys(scores),
    random: chance,
  };
}

/** The record in a file that `toHarness` wrote. Throws `UnmaskError` code `data`. */
export function fromHarness(stored: unknown, file: string): EvaluationRecord {
  try {
    return wholeRecord(readHarness(stored));
  } catch (cause) {
    throw new UnmaskError(
      {
        code: 'data',
        message: said`${file} is no evaluation that was written here.`,
        remedy: 'Choose another file.',
        file,
      },
      { cause },
    );
  }
}

type Stored = Readonly<Record<string, unknown>>;

function readHarness(stored: unknown): EvaluationRecord {
  if (!isObject(stored) || stored['format'] !== FORMAT || stored['version'] !== 1) throw new Error('another format');
  const { model, revision, device, judge, began, settings, data, samples, results } = stored as Stored;
  const counts = stored['n-samples'] as Record<string, { original: number; effective: number }>;
  if (typeof model !== 'string' || !isObject(settings) || !isObject(data) || !isObject(results))
    throw new Error('head');
  const tasks = Object.keys(results).map((name): TaskRecord => {
    if (!Object.hasOwn(TASKS, name)) throw new Error(name);
    const { original, effective } = counts[name] as { original: number; effective: number };
    const rows = (samples as Record<string, Stored[]>)[name] as Stored[];
    return { task: name as TaskName, planned: effective, total: original, items: rows.map(fromSample) };
  });
  return {
    model,
    device: String(device),
    settings: completeSettings(settings),
    data: data as Record<string, string>,
    began: String(began),
    ...(typeof revision === 'string' && { revision }),
    ...(typeof judge === 'string' && { judge }),
    tasks,
  };
}

function fromSample(stored: Stored): Item {
  const list = <T>(name: string) => (stored[name] ?? []) as readonly T[];
  const pairs = list<readonly [string, (string | object)?]>('arguments');
  const scored = typeof pairs[0]?.[1] === 'string';
  const written = !scored && pairs[0]?.length === 2;
  const requests = (scored ? pairs : []).map(([context, continuation], i): Answered => {
    const [[logLikelihood]] = list<readonly [readonly [number, boolean]]>('resps')[i] as readonly [
      readonly [number, boolean],
    ];
    const greedy = list<boolean | null>('greedy')[i];
    return {
      context,
      continuation: continuation as string,
      logLikelihood,
      error: list<number>('errors')[i] as number,
      tokens: list<number>('tokens')[i] as number,
      ...(typeof greedy === 'boolean' && { greedy }),
    };
  });
  const names = list<string>('filters');
  const texts = list<string>('filtered_resps');
  return {
    index: stored['doc_id'] as number,
    id: (stored['doc'] as { id: string }).id,
    target: stored['target'] as string,
    ...(stored['gold'] !== undefined && { gold: stored['gold'] as number }),
    ...(scored && { requests }),
    ...(written && { prompt: pairs[0]?.[0] as string, text: list<string[]>('resps')[0]?.[0] ?? '' }),
    ...(names.length > 0 && { filtered: Object.fromEntries(names.map((name, i) => [name, texts[i] as string])) }),
    ...(stored['ids'] !== undefined && { ids: list<number>('ids') }),
    ...(stored['judged'] !== undefined && { judged: list<number>('judged') }),
    scores: Object.fromEntries(list<string>('scores').map((name) => [name, stored[name] as number])),
    chance: (stored['random'] ?? {}) as Scores,
  };
}

/**
 * A record that was kept or written elsewhere, of which every part is drawn: each is of its kind, or an `Error` says which is
 * not. Numbers that JSON has no word for are NaN again.
 */
export function wholeRecord(value: unknown): EvaluationRecord {
  const record = objectAt(value, 'record');
  const data = objectAt(record['data'], 'data');
  const [model, device, began] = ['model', 'device', 'began'].map((name) => textAt(record[name], name)) as [
    string,
    string,
    string,
  ];
  if (Number.isNaN(Date.parse(began))) throw new Error('began');
  for (const name of ['revision', 'judge']) if (record[name] !== undefined) textAt(record[name], name);
  return {
    ...(record as unknown as EvaluationRecord),
    ...{ model, device, began },
    data: Object.fromEntries(Object.entries(data).map(([name, source]) => [name, textAt(source, name)])),
    settings: wholeSettings(record['settings']),
    tasks: listAt(record['tasks'], 'tasks').map(wholeTask),
  };
}

function wholeSettings(value: unknown): EvaluationSettings {
  const given = objectAt(value, 'settings');
  const initial = completeSettings({}) as unknown as Stored;
  // What is of another kind has its default, and so have the numbers that are none.
  const fitting = (own: Stored, defaults: Stored) =>
    Object.entries(own).filter(([name, each]) => typeof each === typeof defaults[name] && !Number.isNaN(each));
  const writing = fitting(isObject(given['writing']) ? given['writing'] : {}, initial['writing'] as Stored);
  const kept = Object.fromEntries(fitting(given, initial));
  const settings = completeSettings({ ...kept, writing: Object.fromEntries(writing) } as Partial<EvaluationSettings>);
  const { tasks, subjects } = settings as { readonly tasks: unknown; readonly subjects: unknown };
  const known = listAt(tasks, 'tasks').filter((name) => Object.hasOwn(TASKS, String(name)));
  const named = Object.entries(objectAt(subjects, 'subjects')).filter(([, subject]) => typeof subject === 'string');
  return { ...settings, tasks: known as TaskName[], subjects: Object.fromEntries(named) };
}

function wholeTask(value: unknown): TaskRecord {
  const { task, planned, total, items } = objectAt(value, 'task');
  if (typeof task !== 'string' || !Object.hasOwn(TASKS, task)) throw new Error('task');
  const counts = { planned: countAt(planned, 'planned'), total: countAt(total, 'total') };
  return { task: task as TaskName, ...counts, items: listAt(items, 'items').map(wholeItem) };
}

function wholeItem(value: unknown): Item {
  const item = objectAt(value, 'item');
  const { requests, filtered, ids, judged, gold } = item;
  const texts = ['prompt', 'text'].filter((name) => item[name] !== undefined);
  return {
    index: countAt(item['index'], 'index'),
    ...{ id: textAt(item['id'], 'id'), target: textAt(item['target'], 'target') },
    ...(gold !== undefined && { gold: countAt(gold, 'gold') }),
    ...(requests !== undefined && { requests: listAt(requests, 'requests').map(wholeAnswer) }),
    ...Object.fromEntries(texts.map((name) => [name, textAt(item[name], name)])),
    ...(ids !== undefined && { ids: listAt(ids, 'ids').map((id) => countAt(id, 'ids')) }),
    ...(judged !== undefined && { judged: listAt(judged, 'judged').map(numberAt) }),
    ...(filtered !== undefined && {
      filtered: Object.fromEntries(
        Object.entries(objectAt(filtered, 'filtered')).map(([name, each]) => [name, textAt(each, name)]),
      ),
    }),
    ...{ scores: scoresAt(item['scores']), chance: scoresAt(item['chance']) },
  };
}

function wholeAnswer(value: unknown): Answered {
  const answer = objectAt(value, 'request');
  const { context, continuation, logLikelihood, error, tokens, greedy } = answer;
  if (greedy !== undefined && typeof greedy !== 'boolean') throw new Error('greedy');
  return {
    ...(answer as unknown as Answered),
    ...{ context: textAt(context, 'context'), continuation: textAt(continuation, 'continuation') },
    ...{ logLikelihood: numberAt(logLikelihood), error: numberAt(error), tokens: countAt(tokens, 'tokens') },
  };
}

const scoresAt = (value: unknown): Scores =>
  Object.fromEntries(Object.entries(objectAt(value, 'scores')).map(([name, each]) => [name, numberAt(each)]));

function objectAt(value: unknown, what: string): Stored {
  if (isObject(value)) return value;
  throw new Error(what);
}
function listAt(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(what);
}
function textAt(value: unknown, what: string): string {
  if (typeof value === 'string' && value.length <= 2 ** 20) return value;
  throw new Error(what);
}
function countAt(value: unknown, what: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new Error(what);
}
function numberAt(value: unknown): number {
  if (typeof value === 'number') return value;
  if (value === null) return Number.NaN;
  throw new Error('number');
}

/** Whether a record may go on: the same model, settings and data. */
export function goesOn(before: EvaluationRecord, about: About): boolean {
  const key = ({ model, revision, settings, data, judge }: About) =>
    JSON.stringify([model, revision, settings, data, judge]);
  return key(before) === key(about);
}
