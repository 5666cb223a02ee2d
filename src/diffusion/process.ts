/**
 * A process is a way to write: what it asks of the network next, and what it does to the canvas with the answer. The loop
 * (`generate.ts`) asks, carries out the ops and records the step, for every process alike. All of it is pure: the same
 * canvas, settings and answers give the same ops. The processes are in `processes/`.
 */
import type { Canvas } from './canvas.ts';
import type { FindEnding } from './early-stop.ts';
import type { EditRates, NetworkInfo, Prediction, Question } from './network.ts';
import type { Op } from './ops.ts';
import type { Settings } from './settings.ts';
import type { Cursor, Ended } from './trace.ts';

export interface Process {
  readonly name: 'masked' | 'autoregressive' | 'blocks' | 'edits';
  /** Throws `UnmaskError` when this network cannot write so (code `settings`), or not on this canvas (`canvas`). */
  begin(network: NetworkInfo, canvas: Canvas, settings: Settings, from: Begin): State;
}

/** Where a run takes up, and what it is told beside its settings. */
export interface Begin {
  /** Absent at the start. It may be another process's, which went before. */
  readonly cursor?: Cursor | undefined;
  /** log p of every token the model wrote, by place, `[T]`; NaN where it wrote none (`replay.ts`). */
  readonly writtenLogProbs?: Float32Array | undefined;
  /** Finds where an answer ends; at the first of the network's end tokens when absent. */
  readonly ending?: FindEnding | undefined;
  /** Every pass is to be made, also over a canvas that the network remembers. */
  readonly fresh?: boolean | undefined;
}

/** A run between two steps. Not to be changed: a step makes the next one. */
export interface State {
  /** What comes next on this canvas; undefined when nothing is left to do, or nothing that is needed. */
  turn(canvas: Canvas): Turn | undefined;
}

/** What the network is asked, and what follows from the answer. Neither changes the canvas. */
export type Turn =
  | { readonly asks: 'tokens'; readonly question: Question; choose(answer: Prediction): Choice }
  /** What would follow from each of several canvases. */
  | {
      readonly asks: 'several';
      readonly questions: readonly Question[];
      choose(answers: readonly Prediction[]): Choice;
    }
  | { readonly asks: 'edits'; readonly question: Question; choose(answer: EditRates): Choice }
  | { readonly asks: 'nothing'; choose(): Choice };

export interface Choice {
  readonly ops: readonly Op[];
  /** What is recorded of the answer; its `slots` are the places that were asked. */
  readonly answer: Prediction | EditRates | undefined;
  readonly next: Cursor;
  /** Of the canvas after the ops. */
  readonly state: State;
  readonly ended?: Ended;
  /** Nothing is decided yet: more is asked, and all of it is one step. There are no ops. */
  readonly pending?: true;
}
