/**
 * What a chapter is made of. A chapter is data: a list of beats, each with the canvas it needs, perhaps a question, and
 * what can be tried. The prose stands in files for translators (`text/`), under the ids used here.
 */
import type { Settings } from '../../../diffusion/settings.ts';
import type { Trace } from '../../../diffusion/trace.ts';
import type { ComparedRun } from '../../../worker/protocol.ts';
import type { TracedRun } from '../../session/comparedRuns.ts';
import type { RecordedName } from './recorded.ts';

export type Change = Partial<Omit<Settings, 'model' | 'mode' | 'prompt' | 'system' | 'turns' | 'length'>>;

/** Several texts written one after the other from the scene's text and length, to be compared. */
export interface LaneScript {
  readonly writer: ComparedRun['writer'];
  readonly settings: Change;
}

/** Everything that makes a canvas: the same scene gives the same canvas, and with it the same run, on every machine. */
export interface Scene {
  /** In the language of the shipped model; [MASK] leaves a gap of one token. */
  readonly text: string;
  /** Masks after the text. */
  readonly length?: number;
  /** The forward process: each token of the text is hidden with chance p(t). */
  readonly time?: number | undefined;
  /** Slots that the reader hid or uncovered, on top of that. */
  readonly flipped?: readonly number[];
  readonly settings?: Change;
  readonly lanes?: readonly LaneScript[];
  /** Has the autoregressive twin say how likely each lane's text is. */
  readonly judge?: boolean;
  /** A run that was recorded, in the place of the model (`recorded/`). */
  readonly recorded?: RecordedName;
  /** The reader's own text, learnt by a model. */
  readonly training?: boolean;
}

/** What an answer is read from. */
export interface Evidence {
  /** The run of the scene, to its end. */
  readonly trace: Trace;
  /** The text before anything was hidden. */
  readonly original: readonly number[];
  readonly lanes: readonly TracedRun[];
  /** Training loss by step, in nats per token. */
  readonly losses: readonly number[];
}

export interface Finding {
  /** The option that turned out right. */
  readonly answer: string;
  /** For the places in the sentence that tells it, as people read them. */
  readonly values: Readonly<Record<string, string>>;
}

/** A small prediction, answered by what the model then really does: `find` reads it from the run. */
export interface Question {
  /** Words the model weighs for the first gap, the gaps themselves, or options with texts of their own. */
  readonly options: 'words' | 'gaps' | readonly string[];
  readonly find: (evidence: Evidence) => Finding;
  /** The answer is a change of the canvas; the model is not asked. */
  readonly reveals?: Partial<Scene>;
}

/** Something to try: a change of the scene, after which the model writes anew. */
export interface Try {
  readonly id: string;
  readonly scene: Partial<Scene>;
}

/** Settings with a control beside the canvas. */
export const CONTROLS = ['time', 'schedule', 'steps', 'sampler', 'temperature', 'seed'] as const;
export type Control = (typeof CONTROLS)[number];

export const FIGURES = ['words', 'gaps', 'curve', 'plan', 'times', 'loss'] as const;
export type Figure = (typeof FIGURES)[number];

export interface Beat {
  readonly id: string;
  readonly scene: Scene;
  /** What stands on the canvas is written at once; a beat with a question waits for the answer instead. */
  readonly writes?: boolean;
  readonly question?: Question;
  readonly tries?: readonly Try[];
  readonly controls?: readonly Control[];
  readonly figure?: Figure;
  /** What is said of the run once it has been seen: `find` reads it from the run, whatever the model did. */
  readonly claim?: { readonly options: readonly string[]; readonly find: (trace: Trace) => Finding };
  /** The order of writing stands on the slots. */
  readonly ranks?: boolean;
  /** Pressing a word hides or uncovers it. */
  readonly hides?: boolean;
}

export interface Chapter {
  readonly id: string;
  /** About how long it takes, read aloud. */
  readonly minutes: number;
  readonly beats: readonly Beat[];
}
