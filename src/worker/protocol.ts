/**
 * What the page and the compute worker say to each other. The worker owns the device, the models and the runs; the page
 * owns the Trace it draws. Work is asked for as jobs: one message in (`Request`), many out (`Event`); every request has
 * an id, and its events end with `done` or `failed`. A new kind of job is a row in `JobTable` and a file in `jobs/`.
 */
import type { Canvas } from '../diffusion/canvas.ts';
import type { ErrorData } from '../diffusion/error.ts';
import type { Settings } from '../diffusion/settings.ts';
import type { Cursor, Step } from '../diffusion/trace.ts';

/** Which arithmetic to use: `auto` takes WebGPU on real hardware and measures when it is only a software adapter. */
export type BackendChoice = 'auto' | 'webgpu' | 'fallback';

/** The worker holds one model per role: `main` writes the canvas, `twin` is what it is compared with. */
export type Role = 'main' | 'twin';

export interface LoadRequest {
  /** `main` unless told. Loading a role frees the model that had it. */
  readonly role?: Role;
  /** Folder of the model in Hugging Face layout, as an absolute URL ending in '/'. */
  readonly url: string;
  readonly model: string;
  readonly backend: BackendChoice;
}

export interface GenerateRequest {
  readonly settings: Settings;
  /** Go on from here instead of from the prompt: after a pin, an edit, a remask, a stop, or a branch. */
  readonly from?: { readonly canvas: Canvas; readonly cursor: Cursor };
}

export interface TokenizeRequest {
  readonly text: string;
}

export interface DeviceReport {
  /** 'webgpu', 'wasm', 'webgl' or 'cpu'. */
  readonly backend: string;
  /** The adapter's description, such as "apple m2" or "SwiftShader". */
  readonly device: string;
  /** True when the WebGPU adapter runs on the processor. */
  readonly software: boolean;
  /** One sentence when this is not WebGPU on a real card: what runs instead and why. */
  readonly notice: string | undefined;
}

export interface LoadedModel {
  readonly id: string;
  readonly parameters: number;
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly maskId: number;
  readonly causal: boolean;
  /** True when the model understands the chat template (mode chat). */
  readonly chat: boolean;
  readonly device: DeviceReport;
}

export type Progress =
  | { readonly stage: 'download'; readonly file: string; readonly loaded: number; readonly total: number }
  | { readonly stage: 'upload' | 'compile' | 'measure' };

/** Every kind of job: what is asked, and the events that answer it before `done` or `failed`. */
export interface JobTable {
  load: {
    readonly request: LoadRequest;
    readonly event:
      | { readonly kind: 'progress'; readonly progress: Progress }
      | { readonly kind: 'loaded'; readonly model: LoadedModel };
  };
  generate: {
    readonly request: GenerateRequest;
    readonly event: /** The canvas before the first step. */
      | { readonly kind: 'started'; readonly start: Canvas; readonly pieces: Readonly<Record<number, string>> }
      /** `pieces` holds the text of ids that this run has not yet mentioned. */
      | { readonly kind: 'step'; readonly step: Step; readonly pieces: Readonly<Record<number, string>> };
  };
  /** Ids and pieces of a text, for edits and for counting the prompt. */
  tokenize: {
    readonly request: TokenizeRequest;
    readonly event: { readonly kind: 'tokens'; readonly ids: readonly number[]; readonly pieces: readonly string[] };
  };
}

export type JobKind = keyof JobTable;
export type RequestOf<K extends JobKind> = JobTable[K]['request'];
export type EventOf<K extends JobKind> = JobTable[K]['event'];

/** A request of any kind, without its id. */
export type JobRequest = { [K in JobKind]: { readonly kind: K } & RequestOf<K> }[JobKind];

export type Request = { readonly id: number } & (
  | JobRequest
  /** Stops request `target` after the forward in flight. */
  | { readonly kind: 'stop'; readonly target: number }
);

export type Event = { readonly id: number } & (
  | EventOf<JobKind>
  | { readonly kind: 'done'; readonly stopped: boolean }
  | { readonly kind: 'failed'; readonly error: ErrorData }
  /** Unasked (id 0): the device was lost and is being rebuilt; a run goes on by itself. */
  | { readonly kind: 'recovering'; readonly message: string }
);

/** What the page holds. */
export interface Compute {
  /**
   * Yields the events of a job and returns whether it was stopped. Aborting, or leaving the loop, stops it after the
   * forward in flight. Which jobs stop which is said in `jobs/`; device jobs take turns. Throws `UnmaskError`.
   */
  run<K extends JobKind>(
    kind: K,
    request: RequestOf<K>,
    signal?: AbortSignal,
  ): AsyncGenerator<EventOf<K>, { stopped: boolean }>;
  /** Rejects with an `AbortError` when another model was asked for in its role. */
  load(request: LoadRequest, onProgress?: (progress: Progress) => void): Promise<LoadedModel>;
  /** One run at a time: a new one stops the old. */
  generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<EventOf<'generate'>, { stopped: boolean }>;
  tokenize(text: string): Promise<{ readonly ids: readonly number[]; readonly pieces: readonly string[] }>;
  /** Called when the worker rebuilds a lost device. */
  onRecovering: ((message: string) => void) | undefined;
  dispose(): void;
}
