/**
 * Runs the model for the page: generate anew, go on from the playhead, stop, and let the person's changes take part.
 * One run at a time; a new one ends the old. What comes back is put into a Trace, and the Trace is what is drawn.
 */
import { UnmaskError } from '../../diffusion/error.ts';
import type { Settings } from '../../diffusion/settings.ts';
import type { Trace } from '../../diffusion/trace.ts';
import type { Compute, GenerateRequest, LoadedModel } from '../../worker/protocol.ts';
import { m } from '../messages/index.ts';
import { replaceTrace, useRun } from '../stores/run.ts';
import { branchAt, hasPendingChanges, type SlotChange, samePast, stepThatWrote, withChanges } from './change.ts';
import { frameAt } from './frame.ts';
import { beginTrace, withPieces, withStep } from './record.ts';
import { differs, resumePoint, settingsForResume } from './resume.ts';

export interface Machine {
  compute(): Promise<Pick<Compute, 'generate'>>;
  model(): Promise<LoadedModel>;
  settings(): Settings;
  /** A new seed, kept as the settings of the next run. */
  reseed(): void;
  /** Called after every step. */
  wrote(): void;
  /** Called when a run has ended or a change was made: the moment to remember it. */
  settled(): void;
}

export interface Controller {
  generate(): Promise<void>;
  goOn(): Promise<void>;
  stop(): void;
  /** Changes slots at the playhead. A live run goes on from the changed canvas by itself. */
  change(changes: readonly SlotChange[], pieces?: Readonly<Record<number, string>>): Promise<void>;
  /** Goes back to before `slot` was written and writes on from there. */
  branch(slot: number): Promise<void>;
  /** Keeps the prompt and the pinned words, and writes everything else anew. */
  rewriteRest(): Promise<void>;
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

  /** Runs one request and appends its steps to `base`, or to a new Trace when there is none. */
  async function run(settings: Settings, base?: Trace): Promise<void> {
    await halt();
    const own = new AbortController();
    abort = own;
    running = drive(settings, base, own).finally(() => {
      if (abort !== own) return;
      abort = undefined;
      useRun.setState({ status: 'idle' });
      machine.settled();
    });
    await running;
  }

  async function drive(settings: Settings, base: Trace | undefined, own: AbortController): Promise<void> {
    try {
      useRun.setState({ status: 'waiting', error: undefined });
      const model = await machine.model();
      if (base) checkModel(base, model);
      const worker = await machine.compute();
      if (own.signal.aborted) return;
      useRun.setState({ status: 'running' });
      const request: GenerateRequest = base ? { settings, from: resumePoint(base) } : { settings };
      let trace = base;
      for await (const event of worker.generate(request, own.signal)) {
        if (event.kind === 'started') {
          if (trace) trace = { ...trace, pieces: withPieces(trace, event.pieces) };
          else {
            trace = beginTrace(settings, model, event.start, event.pieces);
            replaceTrace(trace, 0, 'live');
          }
          useRun.setState({ trace, source: 'live', playing: true });
        } else if (trace) {
          trace = withStep(trace, event.step, event.pieces);
          useRun.setState({ trace });
          machine.wrote();
        }
      }
    } catch (cause) {
      if (!own.signal.aborted) useRun.setState({ error: UnmaskError.from(cause).toJSON(), playing: false });
    }
  }

  async function resume(trace: Trace, playhead: number): Promise<void> {
    const settings = settingsForResume(trace, machine.settings());
    replaceTrace({ ...trace, settings }, playhead, 'live');
    await run(settings, useRun.getState().trace);
  }

  /** The same canvas with the same settings would only give the same text again, so that asks for another seed. */
  async function rewriteFrom(trace: Trace, branch: Trace): Promise<void> {
    if (samePast(trace, branch) && !differs(trace, machine.settings())) machine.reseed();
    await resume(branch, branch.steps.length);
  }

  return {
    async generate() {
      await run(machine.settings());
    },

    async goOn() {
      await halt();
      const { trace, playhead } = useRun.getState();
      if (!trace || frameAt(trace, playhead).masks === 0) return;
      if (hasPendingChanges(trace, playhead)) {
        // The change itself is already an entry for undo.
        const settings = settingsForResume(trace, machine.settings());
        useRun.setState({ trace: { ...trace, settings } });
        await run(settings, useRun.getState().trace);
      } else await resume(withChanges(trace, playhead, []), playhead);
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
      const wasRunning = abort !== undefined;
      useRun.setState({ playing: false });
      const { playhead } = useRun.getState();
      await halt();
      const { trace, source } = useRun.getState();
      if (!trace) return;
      const known = { ...trace, pieces: withPieces(trace, pieces) };
      const changed = withChanges(known, playhead, changes);
      replaceTrace(changed, playhead, wasRunning ? 'live' : source);
      if (wasRunning && frameAt(changed, playhead).masks > 0) await this.goOn();
      else machine.settled();
    },

    async branch(slot) {
      await halt();
      const { trace, playhead } = useRun.getState();
      if (!trace) return;
      const to = stepThatWrote(trace, playhead, slot);
      if (to < 0) return;
      await rewriteFrom(trace, branchAt(trace, frameAt(trace, playhead), to));
    },

    async rewriteRest() {
      await halt();
      const { trace, playhead } = useRun.getState();
      if (!trace) return;
      await rewriteFrom(trace, branchAt(trace, frameAt(trace, playhead), 0));
    },
  };
}

/** Ids mean nothing to another model's tokenizer, so a run made elsewhere is only played. */
function checkModel(trace: Trace, model: LoadedModel): void {
  if (trace.model.id === model.id && trace.maskId === model.maskId) return;
  const message = m.errors.otherModel(trace.model.id, model.id);
  throw new UnmaskError({ code: 'trace', message, remedy: m.errors.otherModelRemedy });
}
