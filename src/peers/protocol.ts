/**
 * What the page and the worker of GPT-2 say to each other. Each question has a channel of its own: events come on it,
 * then one answer; a word from the page on it stops the work.
 */
import type { FetchProgress } from '../checkpoint/hub/download.ts';
import type { HubAddress } from '../checkpoint/hub/hub.ts';
import type { Canvas } from '../diffusion/canvas.ts';
import type { ErrorData } from '../diffusion/error.ts';
import type { Settings } from '../diffusion/settings.ts';
import type { Step } from '../diffusion/trace.ts';
import type { BackendChoice, DeviceReport, Written } from '../worker/protocol.ts';
import type { Format } from './formats.ts';

export type { Format } from './formats.ts';

/** GPT-2 in one format, in this browser's storage, all of it or a part. */
export interface Gpt2Here {
  readonly key: string;
  readonly id: string;
  readonly format: Format;
  readonly endpoint: string;
  readonly bytes: number;
  readonly have: number;
}

/** GPT-2 on a hub, before anything large of it is fetched. */
export interface Gpt2Found {
  readonly id: string;
  /** Those that run here. */
  readonly formats: readonly { readonly format: Format; readonly bytes: number }[];
  /** The one that suits this machine. */
  readonly suggested: Format;
}

interface Question<Asked, Event, Answer> {
  readonly asked: Asked;
  readonly event: Event;
  readonly answer: Answer;
}

type Pieces = Readonly<Record<number, string>>;

export interface Questions {
  /** What is here, the newest first. */
  here: Question<object, never, readonly Gpt2Here[]>;
  lookUp: Question<{ readonly address: HubAddress; readonly backend: BackendChoice }, never, Gpt2Found>;
  download: Question<{ readonly address: HubAddress; readonly format: Format }, FetchProgress, undefined>;
  remove: Question<{ readonly key: string }, never, undefined>;
  /** Writes one text, after loading the model unless it is loaded. Undefined when stopped. */
  write: Question<
    { readonly key: string; readonly settings: Settings; readonly backend: BackendChoice },
    | { readonly kind: 'run'; readonly model: Gpt2Model; readonly start: Canvas; readonly pieces: Pieces }
    | { readonly kind: 'step'; readonly step: Step; readonly pieces: Pieces },
    Written | undefined
  >;
}

/** GPT-2 as loaded. */
export interface Gpt2Model {
  readonly id: string;
  readonly parameters: number;
  /** It has none. */
  readonly maskId: undefined;
  readonly device: DeviceReport;
}

export type Kind = keyof Questions;
export type Asked<K extends Kind> = Questions[K]['asked'];
export type EventOf<K extends Kind> = Questions[K]['event'];
export type Answer<K extends Kind> = Questions[K]['answer'];

export type Letter<K extends Kind = Kind> =
  | { readonly event: EventOf<K> }
  | { readonly answer: Answer<K> }
  | { readonly error: ErrorData };
