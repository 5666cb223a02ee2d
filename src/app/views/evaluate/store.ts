/** The evaluation that is set up, those that are kept, and the one that is going on. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import type { EvaluationRecord, Item } from '../../../evaluation/record.ts';
import { defaultEvaluation } from '../../../evaluation/settings.ts';
import { TASKS, type TaskName } from '../../../evaluation/tasks.ts';
import type { PlannedTask, TaskData } from '../../../worker/protocol.evaluate.ts';
import type { FetchProgress } from '../../../worker/protocol.ts';
import { JUDGE, loadPair } from '../../session/comparedModels.ts';
import { compute, loadModel, useCompute } from '../../session/compute.ts';
import { usePreferences } from '../../session/preferences.ts';
import { recall, remember } from '../../session/remember.ts';
import { useSettings } from '../../session/settings.ts';
import { forget, type KeptEvaluation, keep, keptEvaluations } from './kept.ts';

export const SOURCES = ['class', 'file', 'hub'] as const;
export type Source = (typeof SOURCES)[number];

/** What the page brings rows for. */
export const CLASS_TASKS: readonly TaskName[] = ['lambada', 'arc_easy', 'exact_match', 'nelbo', 'quality'];

interface EvaluateState {
  readonly tasks: readonly TaskName[];
  readonly source: Source;
  readonly limit: number;
  readonly samples: number;
  /** Examples before each question. */
  readonly shots: number;
  /** The one subject of a task that has many. */
  readonly subjects: Readonly<Partial<Record<TaskName, string>>>;
  readonly chat: boolean;
  readonly file: File | undefined;
  readonly kept: readonly KeptEvaluation[];
  /** The one on screen, and another beside it. */
  readonly shown: string | undefined;
  readonly beside: string | undefined;
  /** The one that is going on. */
  readonly running: string | undefined;
  readonly stage: 'model' | 'data' | 'items' | undefined;
  /** Seconds still to go, once enough is done to tell. */
  readonly left: number | undefined;
  /** Of the rows, while they come from the hub. */
  readonly fetched: FetchProgress | undefined;
  readonly error: ErrorData | undefined;
}

const SET_UP = {
  tasks: ['lambada', 'arc_easy'] as readonly TaskName[],
  source: 'class' as Source,
  limit: 20,
  samples: 32,
  shots: 0,
  subjects: {} as EvaluateState['subjects'],
  chat: false,
};

export const useEvaluate = create<EvaluateState>(() => ({
  ...recall('evaluate', SET_UP),
  file: undefined,
  kept: [],
  shown: undefined,
  beside: undefined,
  running: undefined,
  stage: undefined,
  left: undefined,
  fetched: undefined,
  error: undefined,
}));

export function setUp(change: Partial<Pick<EvaluateState, keyof typeof SET_UP | 'file'>>): void {
  useEvaluate.setState(change);
  const { tasks, source, limit, samples, shots, subjects, chat } = useEvaluate.getState();
  remember('evaluate', { tasks, source, limit, samples, shots, subjects, chat });
}

/** The tasks that the chosen source has rows for. */
export function offered({ source }: Pick<EvaluateState, 'source'>): TaskName[] {
  const names = Object.keys(TASKS) as TaskName[];
  if (source === 'class') return names.filter((name) => CLASS_TASKS.includes(name));
  return source === 'hub' ? names.filter((name) => TASKS[name].hub !== undefined) : names;
}

export async function recallEvaluations(): Promise<void> {
  const kept = await keptEvaluations();
  useEvaluate.setState((state) => ({ kept, shown: state.shown ?? kept[0]?.id }));
}

export async function forgetEvaluation(id: string): Promise<void> {
  await forget(id);
  useEvaluate.setState(({ kept, shown, beside }) => {
    const left = kept.filter((one) => one.id !== id);
    return { kept: left, shown: shown === id ? left[0]?.id : shown, beside: beside === id ? undefined : beside };
  });
}

function dataOf(task: TaskName, { source, file }: EvaluateState): TaskData {
  if (task === 'nelbo' && source === 'class') return { kind: 'url', url: url('data/sample.txt') };
  if (source === 'class') return { kind: 'url', url: url('data/evaluate.json') };
  if (source === 'hub') return { kind: 'hub', endpoint: usePreferences.getState().hub };
  if (file !== undefined) return { kind: 'file', file };
  throw new UnmaskError({
    code: 'data',
    message: 'There is no file yet.',
    remedy: 'Choose a file with rows of the task.',
  });
}

const url = (path: string) => new URL(path, document.baseURI).href;

let stop: AbortController | undefined;

/** Pauses it: everything asked so far stays, and it goes on from there. */
export function pauseEvaluation(): void {
  stop?.abort();
}

export async function startEvaluation(): Promise<void> {
  const state = useEvaluate.getState();
  const { limit, samples, shots, chat, source } = state;
  const tasks = state.tasks.filter((task) => offered(state).includes(task));
  const initial = defaultEvaluation();
  const own = useSettings.getState().settings;
  const settings = {
    ...initial,
    tasks,
    limit,
    samples,
    shots,
    batch: Math.min(initial.batch, samples),
    subjects: source === 'hub' ? Object.fromEntries(tasks.map((task) => [task, state.subjects[task] ?? ''])) : {},
    chat,
    seed: own.seed,
    writing: { ...own, prompt: '', turns: '', system: '' },
  };
  await drive(async () => {
    const record = { model: '', device: '', settings, data: {}, began: new Date().toISOString(), tasks: [] };
    const data = tasks.map((task) => ({ task, data: dataOf(task, state), done: [] }));
    return { kept: { id: crypto.randomUUID(), record, rows: {} }, data };
  });
}

/** Asks what is still open of a kept evaluation. */
export async function goOn({ id, record, rows }: KeptEvaluation): Promise<void> {
  await drive(async () => ({
    kept: { id, record, rows },
    data: record.tasks.map(({ task, items }) => ({
      task,
      data: { kind: 'rows', rows: rows[task] ?? [] } as const,
      done: items.map(({ index }) => index),
    })),
  }));
}

interface Begun {
  readonly kept: KeptEvaluation;
  readonly data: readonly { readonly task: TaskName; readonly data: TaskData; readonly done: readonly number[] }[];
}

async function drive(begin: () => Promise<Begun>): Promise<void> {
  stop?.abort();
  const own = new AbortController();
  stop = own;
  let keeping: Promise<void> | undefined;
  useEvaluate.setState({ error: undefined, left: undefined, stage: 'model' });
  try {
    const { kept, data } = await begin();
    const judged = kept.record.settings.tasks.includes('quality');
    const model = judged ? (await loadPair()).set : await loadModel();
    if (own.signal.aborted) return;
    checkSame(kept, model.id);
    const revision = useCompute.getState().commits[model.id];
    let now: KeptEvaluation = {
      ...kept,
      record: {
        ...kept.record,
        model: model.id,
        device: model.device.device,
        ...(judged && { judge: JUDGE }),
        ...(revision !== undefined && { revision }),
      },
    };
    const show = (next: KeptEvaluation) => {
      now = next;
      useEvaluate.setState(({ kept: all }) => ({ kept: [now, ...all.filter(({ id }) => id !== now.id)] }));
    };
    useEvaluate.setState({ running: now.id, stage: 'data' });
    const worker = await compute();
    let [began, done] = [performance.now(), 0];
    for await (const event of worker.run('evaluate', { settings: now.record.settings, tasks: data }, own.signal)) {
      if (event.kind === 'fetching') useEvaluate.setState({ fetched: event.progress });
      else if (event.kind === 'planned') {
        show(planned(now, event.tasks));
        useEvaluate.setState({ shown: now.id, stage: 'items', fetched: undefined });
        began = performance.now();
      } else if (event.kind === 'item') {
        show(withItem(now, event.task, event.item));
        keeping = keep(now);
        const open = now.record.tasks.reduce((sum, each) => sum + each.planned - each.items.length, 0);
        useEvaluate.setState({ left: ((performance.now() - began) / 1000 / ++done) * open });
      }
    }
  } catch (cause) {
    if (!own.signal.aborted) useEvaluate.setState({ error: UnmaskError.from(cause).toJSON() });
  } finally {
    // Who reads that it has paused or ended may close the page at once.
    await keeping;
    if (stop === own)
      useEvaluate.setState({ running: undefined, stage: undefined, left: undefined, fetched: undefined });
  }
}

function checkSame({ record }: KeptEvaluation, model: string): void {
  if (record.model === '' || record.model === model) return;
  throw new UnmaskError({
    code: 'settings',
    message: 'This evaluation is of another model than the one in use.',
    remedy: 'Choose its model in the list of models, or start a new evaluation.',
  });
}

function planned(kept: KeptEvaluation, tasks: readonly PlannedTask[]): KeptEvaluation {
  const before = kept.record.tasks;
  const record: EvaluationRecord = {
    ...kept.record,
    data: {
      ...Object.fromEntries(tasks.map(({ task, from }) => [task, from])),
      ...kept.record.data,
    },
    tasks: tasks.map(({ task, planned, total }) => {
      // What goes on has the rows it takes, not all there were.
      const known = before.find((one) => one.task === task);
      return { task, planned, total: known?.total ?? total, items: known?.items ?? [] };
    }),
  };
  return { ...kept, record, rows: Object.fromEntries(tasks.map(({ task, rows }) => [task, rows])) };
}

function withItem(kept: KeptEvaluation, task: TaskName, item: Item): KeptEvaluation {
  const tasks = kept.record.tasks.map((each) =>
    each.task === task ? { ...each, items: [...each.items, item] } : each,
  );
  return { ...kept, record: { ...kept.record, tasks } };
}

/** Items asked of those there are. */
export function progressOf({ record: { tasks } }: KeptEvaluation): { readonly done: number; readonly all: number } {
  return {
    done: tasks.reduce((sum, { items }) => sum + items.length, 0),
    all: tasks.reduce((sum, { planned }) => sum + planned, 0),
  };
}
