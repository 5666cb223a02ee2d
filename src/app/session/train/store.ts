/** The run that is shown, as it goes, and the runs that are kept. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import { FOLDERS } from '../../../diffusion/shipped.ts';
import type { Point, Sample, StoredRun, Training, TrainRequest } from '../../../worker/protocol.train.ts';
import { m } from '../../messages/index.ts';
import { compute, useCompute } from '../compute.ts';
import { use } from '../library.ts';
import { backendChoice } from '../preferences.ts';
import { saveBlob } from '../save.ts';
import { useSettings } from '../settings.ts';
import { useTraining } from '../training.ts';
import { writeAsLearnt } from './asLearnt.ts';
import { stepOf } from './curves.ts';
import { dataOf, fromOf, settingsOf, useSetup } from './setup.ts';

type Step = Extract<Training, { kind: 'step' }>;
type Begin = NonNullable<TrainRequest['begin']>;

interface TrainState {
  readonly runs: readonly StoredRun[] | undefined;
  /** The run on show; its journal grows while it runs. */
  readonly shown: StoredRun | undefined;
  readonly status: 'idle' | 'preparing' | 'running' | 'pausing';
  readonly preparing: {
    readonly stage: 'device' | 'data' | 'model' | 'tokens';
    readonly share: number | undefined;
    /** Of a download. */
    readonly fetched?: {
      readonly loaded: number;
      readonly total: number;
      readonly rate: number;
      readonly secondsLeft?: number;
    };
  };
  readonly last: Step | undefined;
  /** Tokens per second, a mean over the last seconds. */
  readonly speed: number | undefined;
  readonly error: ErrorData | undefined;
  readonly busy: 'use' | 'export' | undefined;
  /** Runs whose held-out losses are drawn together. */
  readonly compared: readonly string[];
}

export const useTrain = create<TrainState>(() => ({
  runs: undefined,
  shown: undefined,
  status: 'idle',
  preparing: { stage: 'device', share: undefined },
  last: undefined,
  speed: undefined,
  error: undefined,
  busy: undefined,
  compared: [],
}));

const set = useTrain.setState;

useTrain.subscribe(({ shown, status }) => {
  const learns = shown && (status === 'running' || status === 'pausing');
  useTraining.setState({
    run: learns ? { name: shown.name, step: stepOf(shown), steps: shown.settings.steps } : undefined,
  });
});

async function attempt(work: () => Promise<void>): Promise<void> {
  set({ error: undefined });
  try {
    await work();
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') return;
    set({ error: UnmaskError.from(cause).toJSON() });
  }
}

export async function readRuns(): Promise<void> {
  await attempt(async () => {
    for await (const { runs } of (await compute()).run('runs', {})) {
      const { shown, status } = useTrain.getState();
      set({ runs });
      const fresh = runs.find(({ id }) => id === shown?.id);
      // A run that goes on is ahead of what is kept of it; only its name may have changed.
      if (shown && fresh)
        set({
          shown: status === 'idle' ? { ...fresh, ended: fresh.ended ?? shown.ended } : { ...shown, name: fresh.name },
        });
    }
  });
}

export function show(run: StoredRun | undefined): void {
  if (useTrain.getState().status === 'idle') set({ shown: run, last: undefined, speed: undefined, error: undefined });
}

let current: AbortController | undefined;
let stopping = false;

function newId(): string {
  return `${Date.now().toString(36)}${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`;
}

/** Starts what is set up, under the next free name. */
export async function start(model: string): Promise<void> {
  const setup = useSetup.getState();
  const data = dataOf(setup);
  if (data === undefined) return;
  const from = await fromOf(setup, model).catch((cause: unknown) => {
    set({ error: UnmaskError.from(cause).toJSON() });
    return undefined;
  });
  if (from !== undefined) begin({ settings: settingsOf(setup, model), data, from });
}

/** Starts a run under the next free name; returns its id. */
export function begin(run: Omit<Begin, 'name'>, named: (count: number) => string = m.train.defaultName): string {
  const names = new Set<string>([...FOLDERS, ...(useTrain.getState().runs ?? []).map(({ name }) => name)]);
  let count = 1;
  while (names.has(named(count))) count++;
  const id = newId();
  set({ shown: undefined });
  void follow(id, { ...run, name: named(count) });
  return id;
}

/** The same, awaited: the run once it has made all its steps; undefined when something else has ended it. */
export async function learnt(
  run: Omit<Begin, 'name'>,
  named: (count: number) => string,
): Promise<StoredRun | undefined> {
  const id = begin(run, named);
  await new Promise<void>((done) => {
    const end = useTrain.subscribe(({ status }) => {
      if (status !== 'idle') return;
      end();
      done();
    });
  });
  const { shown } = useTrain.getState();
  return shown?.id === id && shown.ended === 'steps' ? shown : undefined;
}

/** The weights of a run among the models, for another run to begin with. */
export async function keptOf(run: string): Promise<{ readonly model: string; readonly key: string }> {
  for await (const { model, key } of (await compute()).run('keepRun', { run })) return { model, key };
  throw new Error('a run that is kept has a key');
}

export function resume(id: string): Promise<void> {
  return follow(id);
}

async function follow(run: string, begin?: Begin): Promise<void> {
  if (useTrain.getState().status !== 'idle') return;
  const own = new AbortController();
  current = own;
  stopping = false;
  set({ status: 'preparing', preparing: { stage: 'device', share: undefined }, last: undefined, speed: undefined });
  const endPace = keepPace();
  void navigator.storage?.persist?.();
  await attempt(async () => {
    const request = { run, backend: backendChoice(), ...(begin ? { begin } : {}) };
    for await (const { event } of (await compute()).run('train', request, own.signal)) take(event);
    if (stopping && useTrain.getState().shown) {
      for await (const _ of (await compute()).run('editRun', { run, ended: true }));
    }
  });
  endPace();
  const { error } = useTrain.getState();
  set({ status: 'idle' });
  await readRuns();
  if (error) set({ error });
}

/**
 * Has the worker save when the page is hidden or closed, and rest while it is hidden, where that is wanted; ends with the
 * run, whatever view is open.
 */
function keepPace(): () => void {
  const pace = (slow: boolean, save = false) => void setPace(slow, save).catch(() => undefined);
  const look = () => pace(useSetup.getState().slow && document.hidden, document.hidden);
  const leave = () => pace(false, true);
  const unsubscribe = useSetup.subscribe(look);
  document.addEventListener('visibilitychange', look);
  window.addEventListener('pagehide', leave);
  look();
  return () => {
    unsubscribe();
    document.removeEventListener('visibilitychange', look);
    window.removeEventListener('pagehide', leave);
    pace(false);
  };
}

/** Steps that have come since the last picture: on a fast card there are more of them than anybody can see. */
let unseen: Step[] = [];
let due: ReturnType<typeof setTimeout> | undefined;
const PICTURE_MS = 120;

function grow(part: (journal: StoredRun['journal']) => Partial<StoredRun['journal']>): void {
  const { shown } = useTrain.getState();
  if (shown) set({ shown: { ...shown, journal: { ...shown.journal, ...part(shown.journal) } } });
}

function seeSteps(): void {
  clearTimeout(due);
  due = undefined;
  const last = unseen.at(-1);
  if (last === undefined) return;
  const points = unseen.map(pointOf);
  const seconds = unseen.reduce((sum, { milliseconds }) => sum + milliseconds / 1000, 0);
  const now = unseen.reduce((sum, { tokens }) => sum + tokens, 0) / seconds;
  const { speed = now } = useTrain.getState();
  // Over about three seconds of steps.
  const share = 1 - Math.exp(-seconds / 3);
  unseen = [];
  grow((journal) => ({ points: [...journal.points, ...points] }));
  set({ last, speed: speed + share * (now - speed) });
}

function take(event: Training): void {
  if (event.kind === 'step') {
    unseen.push(event);
    due ??= setTimeout(seeSteps, PICTURE_MS);
    return;
  }
  seeSteps();
  const { shown } = useTrain.getState();
  if (event.kind === 'preparing') prepare(event);
  else if (event.kind === 'begun') {
    set({ shown: event.run, status: current?.signal.aborted ? 'pausing' : 'running' });
    void readRuns();
  } else if (event.kind === 'evaluated') grow(({ evaluations }) => ({ evaluations: [...evaluations, event] }));
  else if (event.kind === 'sample') grow(({ samples }) => ({ samples: [...samples, sampleOf(event)] }));
  else if (event.kind === 'saved' && shown) set({ shown: { ...shown, step: event.step } });
  else if (event.kind === 'ended' && event.reason !== 'stopped' && shown) {
    set({ shown: { ...shown, ended: event.reason } });
  }
}

const pointOf = ({ step, loss, gradNorm }: Point): Point => ({ step, loss, gradNorm });
const sampleOf = ({ step, pieces, given }: Sample): Sample => ({ step, pieces, ...(given ? { given } : {}) });

function prepare({ stage, loaded, total, rate, secondsLeft }: Extract<Training, { kind: 'preparing' }>): void {
  const known = loaded !== undefined && total !== undefined && total > 0;
  const fetched =
    known && rate !== undefined
      ? { loaded, total, rate, ...(secondsLeft === undefined ? {} : { secondsLeft }) }
      : undefined;
  set({ preparing: { stage, share: known ? loaded / total : undefined, ...(fetched ? { fetched } : {}) } });
}

/** Ends the step in flight and saves; the run can go on. */
export function pause(): void {
  current?.abort();
  if (useTrain.getState().status === 'running') set({ status: 'pausing' });
}

/** The same, and the run is no longer offered to go on with. */
export function stop(): void {
  stopping = true;
  pause();
}

/** The weights of the last checkpoint become a model of this browser, and the one in use. */
export function takeOver(id: string): Promise<void> {
  set({ busy: 'use' });
  return attempt(async () => {
    const run = useTrain.getState().runs?.find((each) => each.id === id);
    for await (const { model, key } of (await compute()).run('keepRun', { run: id })) {
      if (run === undefined || run.settings.adapter === 'none') use(model);
      else await putOn(run.settings.init, key);
      if (run) writeAsLearnt(run.settings, useSettings.getState().settings.model);
      location.hash = '#/generate';
    }
  }).finally(() => set({ busy: undefined }));
}

/** The model that an adapter was learnt beside, with the adapter on. */
async function putOn(base: string, key: string): Promise<void> {
  // What is in use may only be lent.
  const { lent, model } = useCompute.getState();
  if (lent !== undefined || model?.id !== base) use(base);
  const { adapt, readAdapters } = await import('../adapters.ts');
  await readAdapters();
  await adapt(key, 1);
}

export function exportRun({ id, name }: StoredRun): Promise<void> {
  set({ busy: 'export' });
  return attempt(async () => {
    for await (const { zip } of (await compute()).run('exportRun', { run: id })) {
      saveBlob(new Blob([zip], { type: 'application/zip' }), `${name}.zip`);
    }
  }).finally(() => set({ busy: undefined }));
}

/** The same training for dLLM on a cluster, as a zip. */
export function exportCluster({ id, name }: StoredRun): Promise<void> {
  set({ busy: 'export' });
  return attempt(async () => {
    for await (const { zip } of (await compute()).run('exportCluster', { run: id })) {
      saveBlob(new Blob([zip], { type: 'application/zip' }), `${name}-cluster.zip`);
    }
  }).finally(() => set({ busy: undefined }));
}

export async function importRun(file: File): Promise<void> {
  await attempt(async () => {
    for await (const _ of (await compute()).run('importRun', { run: newId(), file }));
  });
  const { error } = useTrain.getState();
  await readRuns();
  if (error) set({ error });
}

export async function rename(id: string, name: string): Promise<void> {
  const wanted = name.trim().slice(0, 80);
  const taken = FOLDERS.includes(wanted) || useTrain.getState().runs?.some((run) => run.name === wanted);
  if (wanted === '' || taken) return;
  await attempt(async () => {
    for await (const _ of (await compute()).run('editRun', { run: id, name: wanted }));
  });
  await readRuns();
}

export async function removeRun(id: string): Promise<void> {
  await attempt(async () => {
    for await (const _ of (await compute()).run('removeRun', { run: id }));
    if (useTrain.getState().shown?.id === id) set({ shown: undefined });
  });
  await readRuns();
}

export function compare(id: string, on: boolean): void {
  set(({ compared }) => ({ compared: on ? [...compared, id] : compared.filter((one) => one !== id) }));
}

async function setPace(slow: boolean, save: boolean): Promise<void> {
  for await (const _ of (await compute()).run('pace', { slow, save }));
}
