/**
 * A Trace is a whole recorded run: its settings, seed, model and every Step. Everything on screen is drawn from one,
 * live or loaded, so a run can be replayed, scrubbed, diffed and shared without the network that made it.
 */
import type { Canvas, SlotId } from './canvas.ts';
import type { EditRates, Prediction } from './network.ts';
import type { Op } from './ops.ts';
import type { Settings } from './settings.ts';

/** Where a run stands, enough to go on from there with the very choices an unbroken run would have made. */
export interface Cursor {
  /** Steps made so far; also the counter of the next step's random draws. */
  readonly step: number;
  /** Block being written, from 0. */
  readonly block: number;
  /** Next grid point j of the block's reveal plan (`plan.ts`), from 0. */
  readonly grid: number;
  /**
   * Masks of the block that its plan no longer counts, because the model wrote the mask token over a mask or the sampler took a
   * mask of another block. Only runs with the setting `exact` have any; absent means 0.
   */
  readonly uncounted?: number;
  /** The clock of a sampler that keeps one (first-hitting): 1 at the start of a block, 0 at its end; absent means 1. */
  readonly time?: number;
  /** The time of a flow of edits, from 0 to 1; absent means 0. */
  readonly flow?: number;
}

/**
 * One step: one answer of the network (one forward pass, two with guidance) and what the process did with it. A step that
 * only masks slots again asks nothing: its prediction is empty.
 */
export interface Step {
  /** From 0. */
  readonly index: number;
  /**
   * What was done, in this order; tokens are set in the order the sampler ranked them. A slot that held a token already was
   * rewritten, without being masked in between.
   */
  readonly ops: readonly Op[];
  /** What the network said of every asked slot before this step. Its `slots` are names of slots, in reading order. */
  readonly prediction: Prediction;
  /** What else a network that was asked for edits said of them. */
  readonly edits?: Pick<EditRates, 'rates' | 'insert'>;
  /** Where the run stands after this step. */
  readonly next: Cursor;
  readonly forwards: number;
  /** Wall time of the step in milliseconds: prediction and choice. */
  readonly milliseconds: number;
  /** Only in the last step of a run that stopped early. */
  readonly ended?: Ended;
}

/** An answer that has ended before its canvas was full (`early-stop.ts`). */
export interface Ended {
  /** Places `[from, to)` end the answer; the open slots behind them are not needed. */
  readonly from: number;
  readonly to: number;
  /** Forward passes that the plan would still have made; absent when the order sets its own pace. */
  readonly saved?: number;
}

/** Something the user did to the canvas before step `before`: pinned, edited or masked again. */
export interface Edit {
  readonly before: number;
  readonly slot: SlotId;
  readonly id: number;
  /** A `Slot` state. */
  readonly state: number;
}

/** What a run was set to before it went on with other settings. */
export interface EarlierSettings {
  /** The steps before this one were made with them, back to where the ones before end. */
  readonly until: number;
  readonly settings: Settings;
}

export interface Trace {
  readonly version: 3;
  /** Those that the last steps were made with; all steps, when there are no `earlier` ones. */
  readonly settings: Settings;
  /** By ascending `until`; absent in the many runs that kept their settings. */
  readonly earlier?: readonly EarlierSettings[];
  readonly model: {
    readonly id: string;
    readonly parameters: number;
    /** What was added to its weights while it wrote (LoRA), and how many times. */
    readonly adapter?: { readonly id: string; readonly weight: number };
    /** Steps that it had learnt when it began to write, where it was learning at the time. */
    readonly learnt?: number;
  };
  /** 'webgpu', 'wasm', 'webgl' or 'cpu', and the adapter's own name. */
  readonly backend: { readonly name: string; readonly device: string };
  /** The canvas before the first step. */
  readonly start: Canvas;
  /** undefined when the model has no mask token; open slots then hold no token (`openId`). */
  readonly maskId: number | undefined;
  readonly steps: readonly Step[];
  readonly edits: readonly Edit[];
  /** Text of every id that occurs anywhere in the trace, so that a viewer needs no tokenizer. */
  readonly pieces: Readonly<Record<number, string>>;
}
