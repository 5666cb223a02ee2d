/** The part of the protocol that speaks of texts: writing, comparing, likelihoods, tokens. */
import type { Reply } from '../checkpoint/reply.ts';
import type { Canvas } from '../diffusion/canvas.ts';
import type { Estimator, Sample } from '../diffusion/likelihood.ts';
import type { Settings } from '../diffusion/settings.ts';
import type { Cursor, Step } from '../diffusion/trace.ts';

export interface GenerateRequest {
  readonly settings: Settings;
  /** Go on from here instead of from the prompt: after a pin, an edit, a remask, a stop, or a branch. */
  readonly from?: { readonly canvas: Canvas; readonly cursor: Cursor; readonly writtenLogProbs?: Float32Array };
}

/** One text to be written: by the main model, which sets slots, or by the judge, which appends. */
export interface ComparedRun {
  readonly writer: 'set' | 'append';
  readonly settings: Settings;
  /** Beside the main model while it writes, of the store; where one run has one, the others have theirs or none. */
  readonly adapter?: { readonly key: string; readonly id: string; readonly weight: number } | undefined;
}

export interface CompareRequest {
  /** Written in this order, never two at once, so that none slows the other down. */
  readonly runs: readonly ComparedRun[];
  /**
   * All at once instead, each step of all of them one batch whose time they share; texts and passes are the same. Where one
   * appends or has an adapter, they are written one after the other all the same.
   */
  readonly together?: boolean;
  /** Sends the steps, and runs each network once before its clock starts. */
  readonly steps: boolean;
  /** Has the judge say how likely each text is. */
  readonly judge: boolean;
}

/** What a finished text took, and what it is. */
export interface Written {
  /** The new tokens, cut before the first one that ends a text. */
  readonly ids: readonly number[];
  readonly text: string;
  /** log p(id | everything before) under the judge, nats, one per judged token; empty when nobody judged. */
  readonly logProbs: readonly number[];
  readonly steps: number;
  readonly forwards: number;
  /** Tokens written, the ones after an end of text included. */
  readonly written: number;
  /** Sum of the steps' milliseconds. */
  readonly milliseconds: number;
}

export interface NelboRequest {
  readonly text: string;
  readonly estimators: readonly Estimator[];
  /** Batches of each estimator, and samples per batch. */
  readonly batches: number;
  readonly size: number;
  readonly seed: number;
}

export interface WritingJobs {
  generate: {
    readonly request: GenerateRequest;
    readonly event: /** The canvas before the first step; of a model that is learning, how many steps it has learnt. */
      | {
          readonly kind: 'started';
          readonly start: Canvas;
          readonly pieces: Readonly<Record<number, string>>;
          readonly learnt?: number;
        }
      /** `pieces` holds the text of ids that this run has not yet mentioned. */
      | { readonly kind: 'step'; readonly step: Step; readonly pieces: Readonly<Record<number, string>> };
  };
  /** Texts written one after the other, for comparing what they took and what they are like. */
  compare: {
    readonly request: CompareRequest;
    readonly event: /** Text number `run` begins: its canvas before the first step, and the id of its empty slots. */
      | {
          readonly kind: 'run';
          readonly run: number;
          readonly start: Canvas;
          readonly maskId: number | undefined;
          readonly pieces: Readonly<Record<number, string>>;
        }
      /** A step of it, when steps were asked for. */
      | {
          readonly kind: 'runStep';
          readonly run: number;
          readonly step: Step;
          readonly pieces: Readonly<Record<number, string>>;
        }
      | { readonly kind: 'written'; readonly run: number; readonly result: Written };
  };
  /** Estimates of a text's likelihood, one batch of one estimator at a time, in turns. */
  nelbo: {
    readonly request: NelboRequest;
    readonly event: /** What is being measured, before the first batch. */
      | { readonly kind: 'scored'; readonly tokens: number }
      | { readonly kind: 'samples'; readonly estimator: number; readonly samples: readonly Sample[] };
  };
  /** How long a pass of the main model takes at this moment. */
  timePass: {
    readonly request: object;
    readonly event: { readonly kind: 'timed'; readonly milliseconds: number };
  };
  /** Ids and pieces of a text, for edits and for counting the prompt. */
  tokenize: {
    readonly request: { readonly text: string };
    readonly event: { readonly kind: 'tokens'; readonly ids: readonly number[]; readonly pieces: readonly string[] };
  };
  /** How many tokens stand before the masks with these settings. */
  countPrompt: {
    readonly request: { readonly settings: Settings };
    readonly event: { readonly kind: 'counted'; readonly tokens: number };
  };
  /** The answer on a chat's canvas, given the ids of its new text. */
  reply: {
    readonly request: { readonly ids: readonly number[] };
    readonly event: { readonly kind: 'replied'; readonly reply: Reply };
  };
}
