/**
 * Runs the model for the page: generate anew, go on from the playhead, stop, and let the person's changes take part.
 * One run at a time; a new one ends the old. What comes back is put into the Trace of its branch, and Traces are what is
 * drawn. Whatever would drop steps that were seen becomes a branch instead, so no text is lost.
 */

import { branchOf, treeOf } from '../../diffusion/branches.ts';
import { Slot } from '../../diffusion/canvas.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { editsOf, type LinkedMoment } from '../../diffusion/link-moment.ts';
import { appending } from '../../diffusion/processes/autoregressive.ts';
import { slotsOf } from '../../diffusion/replay.ts';
import { gumbel, Stream, stepKey } from '../../diffusion/rng.ts';
import { type Segment, segmentsOf, withSettings } from '../../diffusion/segments.ts';
import type { Settings } from '../../diffusion/settings.ts';
import type { Trace } from '../../diffusion/trace.ts';
import type { Compute, GenerateRequest, LoadedModel } from '../../worker/protocol.ts';
import { m } from '../messages/index.ts';
import {
  branchAt,
  hasPendingChanges,
  maskAgain,
  type SlotChange,
  samePast,
  stepThatWrote,
  withChanges,
} from '../trace/change.ts';
import { type Frame, frameAt } from '../trace/frame.ts';
import { type Alternative, inspect } from '../trace/inspect.ts';
import { beginTrace, withPieces, withStep } from '../trace/record.ts';
import { differs, resumePoint, sameSettings, settingsForResume, unfinished } from '../trace/resume.ts';
import { addBranch, growBranch, layBeside, removeBranch, replaceTrace, replaceTree, useRun } from './run.ts';

export interface Machine {
  compute(): Promise<Pick<Compute, 'generate'>>;
  model(): Promise<LoadedModel>;
  /** What the model runs on by now; a lost device may have made it another in mid-run. */
  device?(): LoadedModel['device'] | undefined;
  settings(): Settings;
  /** A new seed, kept as the settings of the next run. */
  reseed(): void;
  /** Called after every step. */
  wrote(): void;
  /** Called when a run has ended or a change was made: the moment to remember it. */
  settled(): void;
}

/** Texts of tokens that a run may not know yet, by id. */
type Pieces = Readonly<Record<number, string>>;

export interface Controller {
  generate(): Promise<void>;
  /** The same from the start with the settings of now, as a branch with a canvas of its own. */
  generateBeside(): Promise<void>;
  goOn(): Promise<void>;
  stop(): void;
  /** Changes slots at the playhead. A live run goes on from the changed canvas by itself. */
  change(changes: readonly SlotChange[], pieces?: Pieces): Promise<void>;
  /** Goes back to before `slot` was written and writes on from there, in a new branch. */
  branch(slot: number): Promise<void>;
  /** Writes on from the playhead in a new branch. */
  branchHere(): Promise<void>;
  /** Deletes a branch; a run that writes on it ends first. */
  remove(id: number): Promise<void>;
  /** Masks these slots of a finished text and has them written anew, with another seed and around the words put in first. */
  rewrite(slots: readonly number[], put?: readonly SlotChange[], pieces?: Pieces): Promise<void>;
  /**
   * The same, and never with the words that stood there. Where the model is so sure that new chance gives them once more,
   * the slot it was least sure of takes another of its words for that slot, drawn as likely as the model held them, and the
   * others are written around it. That is an edit like those by hand, so that a link repeats it.
   */
  writeOther(slots: readonly number[]): Promise<void>;
  /** Keeps the prompt and the pinned words, and writes everything else anew. */
  rewriteRest(): Promise<void>;
  /** Makes the run of a link again, with the changes by hand it had, and shows it after the step of the link. */
  reproduce(settings: Settings, moment: LinkedMoment): Promise<void>;
}

export function createController(machine: Machine): Controller {
  let abort: AbortController | undefined;
  let running: Promise<void> = Promise.resolve();

  async function halt(): Promise<void> {
    // In a loop, because somebody else who waited may have started the next run by then.
    while (abort) {
      abort.abort();
      await running;
    }
  }

  /** Runs one request and appends its steps to a branch, or starts a new line. False when it was stopped or failed. */
  async function run(settings: Settings, base?: Base): Promise<boolean> {
    await halt();
    const own = new AbortController();
    abort = own;
    running = drive(settings, base ?? {}, own).finally(() => {
      if (abort !== own) return;
      abort = undefined;
      useRun.setState({ status: 'idle', writing: undefined });
      machine.settled();
    });
    await running;
    return !own.signal.aborted && useRun.getState().error === undefined;
  }

  async function drive(wished: Settings, base: Base, own: AbortController): Promise<void> {
    try {
      let { id } = base;
      useRun.setState({ status: 'waiting', writing: id, error: undefined });
      const model = await unlessAborted(machine.model(), own.signal);
      // Known only now where the run had to wait for its model.
      const settings = model.causal ? appending(wished) : wished;
      let trace = id === undefined ? undefined : lineOf(id);
      if (trace) checkModel(trace, model);
      const worker = await machine.compute();
      if (own.signal.aborted) return;
      useRun.setState({ status: 'running' });
      const request: Omit<GenerateRequest, 'kind'> = trace ? { settings, from: resumePoint(trace) } : { settings };
      for await (const event of worker.generate(request, own.signal)) {
        if (event.kind === 'started') {
          if (trace) trace = { ...trace, pieces: withPieces(trace, event.pieces) };
          else {
            trace = beginTrace(settings, { ...model, learnt: event.learnt }, event.start, event.pieces);
            if (!(base.root ? besides(trace) : begins(trace))) return;
            id = useRun.getState().tree?.current;
          }
          growBranch(id as number, trace);
          const shown = useRun.getState().tree?.current === id;
          const plays = base.show === undefined;
          useRun.setState((state) => ({ writing: id, playing: plays && (shown || state.playing) }));
        } else if (trace) {
          trace = withStep(trace, event.step, event.pieces);
          const on = machine.device?.();
          if (on && on.backend !== trace.backend.name)
            trace = { ...trace, backend: { name: on.backend, device: on.device } };
          growBranch(id as number, trace);
          follow(trace.steps.length, base.show);
          machine.wrote();
        }
        if (trace && trace.steps.length >= (base.until ?? Number.POSITIVE_INFINITY)) return;
      }
    } catch (cause) {
      if (!own.signal.aborted) useRun.setState({ error: UnmaskError.from(cause).toJSON(), playing: false });
    }
  }

  function lineOf(id: number): Trace | undefined {
    const { tree } = useRun.getState();
    return tree && branchOf(tree, id)?.trace;
  }

  /** The current line and the playhead on it, once nothing writes any more. */
  async function here(): Promise<{ trace: Trace; playhead: number; id: number } | undefined> {
    await halt();
    const { trace, tree, playhead } = useRun.getState();
    // With a longer branch beside it, the playhead may stand behind the end of this one.
    return trace && tree ? { trace, playhead: Math.min(playhead, trace.steps.length), id: tree.current } : undefined;
  }

  /** Goes on from the end of `trace` in a new branch. */
  async function branchOff(trace: Trace): Promise<void> {
    const settings = settingsForResume(trace, machine.settings());
    if (addBranch(withSettings(trace, settings), trace.steps.length, 'live')) await goOnAtEnd(settings);
  }

  async function goOnAtEnd(settings: Settings): Promise<void> {
    const { tree } = useRun.getState();
    if (tree) await run(settings, { id: tree.current });
  }

  /** The same canvas with the same settings would only give the same text again, so that asks for another seed. */
  async function rewriteFrom(trace: Trace, branch: Trace): Promise<void> {
    if (samePast(trace, branch) && !differs(trace, machine.settings())) machine.reseed();
    await branchOff(branch);
  }

  return {
    async generate() {
      await run(machine.settings());
    },

    async generateBeside() {
      const { trace } = useRun.getState();
      if (trace && sameSettings(trace.settings, machine.settings())) machine.reseed();
      await run(machine.settings(), { root: true });
    },

    async goOn() {
      const now = await here();
      if (!now || !unfinished(now.trace, frameAt(now.trace, now.playhead))) return;
      const { trace, playhead } = now;
      if (playhead < trace.steps.length) {
        await branchOff(withChanges(trace, playhead, []));
        return;
      }
      const settings = settingsForResume(trace, machine.settings());
      // A change that waits for an answer is itself an entry for undo already.
      if (hasPendingChanges(trace, playhead)) growBranch(now.id, withSettings(trace, settings));
      else replaceTrace(withSettings(trace, settings), playhead, 'live');
      await goOnAtEnd(settings);
    },

    stop() {
      if (!abort) {
        useRun.setState({ playing: false });
        return;
      }
      abort.abort();
      useRun.setState((state) => ({ playing: false, status: state.status === 'running' ? 'stopping' : state.status }));
    },

    async change(changes, pieces = {}) {
      const { writing, tree } = useRun.getState();
      const wasRunning = abort !== undefined && writing === tree?.current;
      useRun.setState({ playing: false });
      // Where the person was looking, not where the run has got to by the time it stops.
      const { playhead: seen } = useRun.getState();
      const now = await here();
      if (!now) return;
      const playhead = Math.min(seen, now.playhead);
      const known = { ...now.trace, pieces: withPieces(now.trace, pieces) };
      const changed = withChanges(known, playhead, changes);
      const { source } = useRun.getState();
      if (wasRunning || playhead === now.trace.steps.length) {
        replaceTrace(changed, playhead, wasRunning ? 'live' : source);
      } else if (!addBranch(changed, playhead, source)) return;
      if (wasRunning && unfinished(changed, frameAt(changed, playhead))) await this.goOn();
      else machine.settled();
    },

    async branch(slot) {
      const now = await here();
      if (!now) return;
      const to = stepThatWrote(now.trace, now.playhead, slot);
      if (to >= 0) await rewriteFrom(now.trace, branchAt(now.trace, frameAt(now.trace, now.playhead), to));
    },

    async branchHere() {
      const now = await here();
      if (!now || !unfinished(now.trace, frameAt(now.trace, now.playhead))) return;
      await rewriteFrom(now.trace, withChanges(now.trace, now.playhead, []));
    },

    async rewrite(slots, put = [], pieces = {}) {
      const now = await here();
      if (!now || slots.length === 0 || frameAt(now.trace, now.playhead).masks > 0) return;
      machine.reseed();
      const settings = settingsForResume(now.trace, machine.settings());
      const known = { ...now.trace, pieces: withPieces(now.trace, pieces) };
      const changes = [...put, ...slots.map((slot) => maskAgain(known, slot))];
      replaceTrace(withSettings(withChanges(known, now.playhead, changes), settings), now.playhead, 'live');
      useRun.setState({ rubbedOut: slots });
      await goOnAtEnd(settings);
    },

    async writeOther(slots) {
      const now = await here();
      if (!now) return;
      const stood = frameAt(now.trace, now.playhead).ids;
      await this.rewrite(slots);
      const { trace, tree, status, error } = useRun.getState();
      if (!trace || tree?.current !== now.id || status !== 'idle' || error) return;
      const end = trace.steps.length;
      const frame = frameAt(trace, end);
      if (end === now.trace.steps.length || slots.some((slot) => frame.ids[slot] !== stood[slot])) return;
      const other = otherWord(trace, frame, slots);
      if (!other) return;
      const rest = slots.filter((slot) => slot !== other.slot).map((slot) => maskAgain(trace, slot));
      // Of the same entry for undo as the words that came back.
      growBranch(now.id, withChanges(trace, end, [other, ...rest]));
      useRun.setState({ rubbedOut: slots });
      if (rest.length > 0) await goOnAtEnd(trace.settings);
      else machine.settled();
    },

    async rewriteRest() {
      const now = await here();
      if (now) await rewriteFrom(now.trace, branchAt(now.trace, frameAt(now.trace, now.playhead), 0));
    },

    async reproduce(settings, moment) {
      const { step: show } = moment;
      const segments = segmentsOf({ ...moment, settings });
      const [first, ...rest] = segments as [Segment, ...Segment[]];
      const changedFirst = moment.edits[0]?.before === 0;
      if (!(await run(first.settings, { until: changedFirst ? 0 : first.until, show }))) return;
      for (const segment of changedFirst ? segments : rest) {
        const { trace, tree } = useRun.getState();
        if (!trace || !tree) return;
        try {
          growBranch(tree.current, begun(segment, trace, moment, await machine.model()));
        } catch (cause) {
          useRun.setState({ error: UnmaskError.from(cause).toJSON() });
          return;
        }
        if (!(await run(segment.settings, { id: tree.current, until: segment.until, show }))) return;
      }
    },

    async remove(id) {
      if (useRun.getState().writing === id) await halt();
      removeBranch(id);
      machine.settled();
    },
  };
}

/**
 * In the slot that the network was least sure of, a word that it held possible there beside the one that stands; undefined
 * when it named none.
 */
function otherWord(trace: Trace, frame: Frame, slots: readonly number[]): SlotChange | undefined {
  const { seed, temperature } = trace.settings;
  const key = stepKey(seed, trace.steps.length, Stream.Gumbel);
  let least: SlotChange | undefined;
  let sure = Number.POSITIVE_INFINITY;
  for (const slot of slots) {
    const seen = inspect(trace, frame, slot);
    if (!seen || !(seen.probability < sure)) continue;
    const score = ({ id, probability }: Alternative) => Math.log(probability) + temperature * gumbel(key, slot, id);
    const others = seen.alternatives.filter(({ id, chosen }) => !chosen && id !== trace.maskId);
    const best = others.sort((a, b) => score(b) - score(a))[0];
    if (!best) continue;
    least = { slot, id: best.id, state: Slot.Revealed };
    sure = seen.probability;
  }
  return least;
}

/** A model may be long in coming: who no longer wants to write need not wait for it. */
function unlessAborted<T>(coming: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    coming.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

/** What a run writes on: a branch, or a canvas of its own beside the others. */
interface Base {
  readonly id?: number;
  readonly root?: boolean;
  /** How many steps the line is to have at most. */
  readonly until?: number;
  /** The step that is to be shown: the playhead goes with the run up to there, and nothing plays. */
  readonly show?: number;
}

/** Moves the playhead with a run that has just made a step, unless somebody has taken it elsewhere. */
function follow(made: number, show = 0): void {
  if (made <= show && useRun.getState().playhead === made - 1) useRun.setState({ playhead: made });
}

/** A new run takes the place of everything that stood here. */
function begins(trace: Trace): boolean {
  replaceTree(treeOf(trace), 0, 'live');
  return true;
}

/** A new run beside the others, if it was made by the model that wrote them; ids of another mean nothing here. */
function besides(trace: Trace): boolean {
  const first = useRun.getState().tree?.branches[0]?.trace;
  if (first?.model.id !== trace.model.id) return begins(trace);
  const { tree } = useRun.getState();
  const added = addBranch(trace, 0, 'live', true);
  if (added) layBeside(tree?.current);
  return added;
}

/** The line at the start of a segment of a link: changed by hand as the link says, which may ask for what cannot be. */
function begun({ from, settings }: Segment, trace: Trace, moment: LinkedMoment, { vocabSize }: LoadedModel): Trace {
  const edits = editsOf(moment, trace.maskId).filter(({ before }) => before === from);
  const right = edits.every(({ slot, id }) => slot < slotsOf(trace) && id < vocabSize);
  if (trace.steps.length === from && right) {
    return { ...withSettings(trace, settings), edits: [...trace.edits, ...edits] };
  }
  const message = m.links.cannotGoOn(trace.steps.length);
  throw new UnmaskError({ code: 'trace', message, remedy: m.links.cannotGoOnRemedy });
}

/** Ids mean nothing to another model's tokenizer, so a run made elsewhere is only played. */
function checkModel(trace: Trace, model: LoadedModel): void {
  if (trace.model.id === model.id && trace.maskId === model.maskId) return;
  const message = m.errors.otherModel(trace.model.id, model.id);
  throw new UnmaskError({ code: 'trace', message, remedy: m.errors.otherModelRemedy });
}
