/**
 * The live canvas of the course: one scene, its run, and what the reader changed. It has settings of its own, so the text
 * and the settings of the Generate view stay as they were. A change is undone by going back to the scene before.
 */
import { create } from 'zustand';
import { openId } from '../../../diffusion/canvas.ts';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import type { Trace } from '../../../diffusion/trace.ts';
import type { LoadedModel } from '../../../worker/protocol.ts';
import { useReplay } from '../../session/comparedReplay.ts';
import { compareRuns, type TracedRun } from '../../session/comparedRuns.ts';
import { compute, loadModel, useCompute } from '../../session/compute.ts';
import { reducedMotion } from '../../session/useMedia.ts';
import { beginTrace, withStep } from '../../trace/record.ts';
import { recordedRun } from './recorded.ts';
import { canvasOf, lanesOf, settingsOf, type Tokens } from './scene.ts';
import type { Evidence, Scene } from './script.ts';
import { learnText } from './training.ts';

interface Stage {
  readonly scene: Scene;
  readonly tokens: Tokens | undefined;
  /** What is on the canvas; without steps until the model has written. */
  readonly trace: Trace | undefined;
  readonly playhead: number;
  readonly playing: boolean;
  readonly lanes: readonly TracedRun[];
  /** The lane whose text is on the canvas. */
  readonly lane: number;
  readonly status: 'idle' | 'waiting' | 'running';
  readonly error: ErrorData | undefined;
  readonly selected: number | undefined;
  /** Scenes before the changes made by hand, newest last. */
  readonly past: readonly Scene[];
  /** The last change by hand: what stood before. */
  readonly changed: Scene | undefined;
}

const EMPTY: Scene = { text: '' };

export const useStage = create<Stage>(() => ({
  scene: EMPTY,
  tokens: undefined,
  trace: undefined,
  playhead: 0,
  playing: false,
  lanes: [],
  lane: 0,
  status: 'idle',
  error: undefined,
  selected: undefined,
  past: [],
  changed: undefined,
}));

const set = useStage.setState;
let current = new AbortController();
let known: { readonly text: string; readonly model: LoadedModel; readonly tokens: Tokens } | undefined;

export function halt(): void {
  current.abort();
  useReplay.setState({ playing: false });
  set({ status: 'idle', playing: false });
}

/** Runs `work` in the place of whatever ran; failures stay in the store, as a sentence. True when it went to its end. */
async function attempt(work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  current.abort();
  const own = new AbortController();
  current = own;
  set({ status: 'waiting', error: undefined, playing: false });
  try {
    await work(own.signal);
    return !own.signal.aborted;
  } catch (cause) {
    if (!own.signal.aborted) set({ error: UnmaskError.from(cause).toJSON() });
    return false;
  } finally {
    if (current === own) set({ status: 'idle' });
  }
}

async function tokensOf(text: string, model: LoadedModel): Promise<Tokens> {
  if (known?.text !== text || known.model !== model) {
    known = { text, model, tokens: text === '' ? { ids: [], pieces: [] } : await (await compute()).tokenize(text) };
  }
  return known.tokens;
}

/** The canvas of the scene, with nothing written on it yet. */
function blankTrace(scene: Scene, tokens: Tokens, model: LoadedModel): Trace {
  const canvas = canvasOf(scene, tokens, model.maskId);
  const pieces = Object.fromEntries(tokens.ids.map((id, slot) => [id, tokens.pieces[slot] as string]));
  return beginTrace(settingsOf(scene, canvas.ids.length), model, canvas, pieces);
}

async function prepare(scene: Scene, signal: AbortSignal): Promise<Trace | undefined> {
  if (scene.recorded) {
    const { start, ...run } = await recordedRun(scene.recorded);
    if (signal.aborted) return undefined;
    const trace = { ...run, start, steps: [] };
    set({ scene, tokens: undefined, trace, playhead: 0, lanes: [], lane: 0 });
    return trace;
  }
  const model = await loadModel();
  const tokens = await tokensOf(scene.text, model);
  if (signal.aborted || scene.text === '') return undefined;
  const trace = blankTrace(scene, tokens, model);
  set({ scene, tokens, trace, playhead: 0, lanes: [], lane: 0 });
  return trace;
}

/** Puts a scene on the stage; `writes` has the model write on it at once. What it has just written need not be made anew. */
export function openScene(scene: Scene, writes: boolean): Promise<boolean> {
  const { scene: old, trace, lanes, status } = useStage.getState();
  const same = JSON.stringify(old) === JSON.stringify(scene) && status === 'idle';
  const written = scene.lanes ? lanes.length > 0 : (trace?.steps.length ?? 0) > 0;
  set({ scene, past: [], changed: undefined, selected: undefined, error: undefined });
  if (same && writes && written) return Promise.resolve(true);
  return show(scene, writes);
}

function show(scene: Scene, writes: boolean): Promise<boolean> {
  return attempt(async (signal) => {
    const trace = await prepare(scene, signal);
    if (trace && writes && !signal.aborted) await write(scene, trace, signal, true);
  });
}

/** Writes the scene to its end. `seen`: the reader watches; otherwise the run is kept back until it is asked for. */
async function write(scene: Scene, blank: Trace, signal: AbortSignal, seen: boolean): Promise<Trace> {
  set({ status: 'running' });
  if (scene.lanes) return race(scene, signal);
  if (scene.recorded) {
    const trace = await recordedRun(scene.recorded);
    if (seen && !signal.aborted) reveal(trace);
    return trace;
  }
  let trace = blank;
  // A text with nothing hidden leaves nothing to do.
  if (!blank.start.ids.includes(openId(blank.maskId))) return trace;
  const from = { canvas: blank.start, cursor: { step: 0, block: 0, grid: 0 } };
  for await (const event of (await compute()).generate({ settings: blank.settings, from }, signal)) {
    if (signal.aborted) return trace;
    if (event.kind === 'started') trace = { ...trace, pieces: { ...trace.pieces, ...event.pieces } };
    else {
      trace = withStep(trace, event.step, event.pieces);
      if (seen) reveal(trace);
    }
  }
  return trace;
}

function reveal(trace: Trace): void {
  set(reducedMotion() ? { trace, playhead: trace.steps.length } : { trace, playing: true });
}

async function race(scene: Scene, signal: AbortSignal): Promise<Trace> {
  const runs: TracedRun[] = [];
  await compareRuns(lanesOf(scene), {
    judge: scene.judge ?? false,
    signal,
    onReady: () => undefined,
    onRun(lane, run) {
      runs[lane] = run;
    },
  });
  const trace = runs[0]?.trace as Trace;
  if (!signal.aborted) {
    set({ lanes: runs });
    pickLane(0);
  }
  return trace;
}

/** Shows the text of another lane. */
export function pickLane(lane: number): void {
  const trace = useStage.getState().lanes[lane]?.trace;
  if (trace) set({ lane, trace, playhead: trace.steps.length, playing: false });
}

/** A run that is kept back until the reader has answered: the words of a question come from it. */
let kept: { readonly scene: Scene; readonly trace: Trace } | undefined;
const keptOf = (scene: Scene) => (kept?.scene === scene ? kept.trace : undefined);

/** Puts a scene on the stage and has the model write on it, without showing what it wrote. */
export async function peek(scene: Scene): Promise<Trace | undefined> {
  set({ scene, trace: undefined, lanes: [], past: [], changed: undefined, selected: undefined });
  kept = undefined;
  await attempt(async (signal) => {
    const blank = await prepare(scene, signal);
    if (!blank || signal.aborted) return;
    const trace = await write(scene, blank, signal, false);
    if (!signal.aborted) kept = { scene, trace };
  });
  return keptOf(scene);
}

/** Lets the model answer: runs the scene of now, shows it, and returns what there is to judge from. */
export async function answer(reveals: Partial<Scene> | undefined): Promise<Evidence | undefined> {
  let evidence: Evidence | undefined;
  const done = await attempt(async (signal) => {
    const { scene: asked } = useStage.getState();
    const scene = reveals ? { ...asked, ...reveals } : asked;
    if (scene.training) {
      set({ status: 'running' });
      await loadModel();
      const run = await learnText(signal);
      const { trace = NO_TRACE } = useStage.getState();
      evidence = { trace, original: [], lanes: [], losses: run?.journal.points.map(({ loss }) => loss) ?? [] };
      if (!run || run.journal.points.length === 0) evidence = undefined;
      return;
    }
    const blank = await prepare(scene, signal);
    if (!blank || signal.aborted) return;
    const ready = keptOf(scene);
    if (ready) reveal(ready);
    const trace = reveals ? blank : (ready ?? (await write(scene, blank, signal, true)));
    const { tokens, lanes } = useStage.getState();
    evidence = { trace, original: tokens?.ids ?? [], lanes, losses: [] };
  });
  return done ? evidence : undefined;
}

const NO_TRACE = { steps: [] } as unknown as Trace;

/** Changes the scene by hand; undo brings back what stood before. `writes` has the model write on it anew. */
export function change(part: Partial<Scene>, writes: boolean): Promise<boolean> {
  const { scene: old, past } = useStage.getState();
  const scene = { ...old, ...part };
  set({ scene, past: [...past, old].slice(-40), changed: old });
  return show(scene, writes);
}

/** A slider that is dragged changes many times but is undone once. */
export function slide(part: Partial<Scene>): void {
  const { scene: old, past, changed, tokens } = useStage.getState();
  const { model } = useCompute.getState();
  if (!tokens || !model) return;
  current.abort();
  const scene = { ...old, ...part };
  const going =
    changed !== undefined &&
    past.at(-1) === changed &&
    JSON.stringify({ ...changed, ...part }) === JSON.stringify(scene);
  set({
    scene,
    ...(going ? {} : { past: [...past, old].slice(-40), changed: old }),
    trace: blankTrace(scene, tokens, model),
    playhead: 0,
    playing: false,
    status: 'idle',
  });
}

export function undo(writes: boolean): Promise<boolean> {
  const { past } = useStage.getState();
  const scene = past.at(-1);
  if (!scene) return Promise.resolve(false);
  set({ scene, past: past.slice(0, -1), changed: undefined });
  return show(scene, writes);
}

/** The model writes on the scene as it stands. */
export function again(): Promise<boolean> {
  return show(useStage.getState().scene, true);
}

/** Hides a word of the text, or uncovers it. */
export function flip(slot: number): Promise<boolean> {
  const { scene, tokens } = useStage.getState();
  if (slot >= (tokens?.ids.length ?? 0)) return Promise.resolve(false);
  const { flipped = [] } = scene;
  const next = flipped.includes(slot) ? flipped.filter((one) => one !== slot) : [...flipped, slot];
  return change({ flipped: next }, true);
}

export function seek(playhead: number): void {
  const made = useStage.getState().trace?.steps.length ?? 0;
  set({ playhead: Math.max(0, Math.min(playhead, made)), playing: false });
}

export function select(slot: number | undefined): void {
  set({ selected: slot });
}

/** A run plays at a pace at which its steps can be told apart, and a long one is over in a few seconds. */
export const stepMilliseconds = (steps: number) => Math.max(90, Math.min(700, 5000 / Math.max(1, steps)));

/** Plays the run that is shown while `playing`; returns how to stop. */
export function startPlaying(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    if (timer !== undefined || !useStage.getState().playing) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        const { playing, playhead, trace, status } = useStage.getState();
        if (!playing) return;
        const made = trace?.steps.length ?? 0;
        const next = Math.min(playhead + 1, made);
        set({ playhead: next, playing: next < made || status === 'running' });
        look();
      },
      stepMilliseconds(useStage.getState().trace?.settings.steps ?? 1),
    );
  };
  const unsubscribe = useStage.subscribe(look);
  return () => {
    unsubscribe();
    clearTimeout(timer);
    halt();
  };
}
