/**
 * What the page and the compute worker say to each other. The worker owns the device, the model and the run; the page
 * owns the Trace it draws. One message in (`Request`), many out (`Event`); every request has an id, and its events end
 * with `done` or `failed`.
 */
import type { Canvas } from '../diffusion/canvas.ts';
import type { ErrorData } from '../diffusion/error.ts';
import type { Settings } from '../diffusion/settings.ts';
import type { Cursor, Step } from '../diffusion/trace.ts';

/** Which arithmetic to use: `auto` takes WebGPU on real hardware and measures when it is only a software adapter. */
export type BackendChoice = 'auto' | 'webgpu' | 'fallback';

export interface LoadRequest {
  readonly kind: 'load';
  /** Folder of the model in Hugging Face layout, as an absolute URL ending in '/'. */
  readonly url: string;
  readonly model: string;
  readonly backend: BackendChoice;
}

export interface GenerateRequest {
  readonly kind: 'generate';
  readonly settings: Settings;
  /** Go on from here instead of from the prompt: after a pin, an edit, a remask, a stop, or a branch. */
  readonly from?: { readonly canvas: Canvas; readonly cursor: Cursor };
}

export type Request = { readonly id: number } & (
  | LoadRequest
  | GenerateRequest
  /** Stops request `target` after the forward in flight. */
  | { readonly kind: 'stop'; readonly target: number }
  /** Ids and pieces of a text, for edits and for counting the prompt. */
  | { readonly kind: 'tokenize'; readonly text: string }
);

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

export type Event = { readonly id: number } & (
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'loaded'; readonly model: LoadedModel }
  | { readonly kind: 'tokens'; readonly ids: readonly number[]; readonly pieces: readonly string[] }
  /** The canvas before the first step. */
  | { readonly kind: 'started'; readonly start: Canvas; readonly pieces: Readonly<Record<number, string>> }
  /** `pieces` holds the text of ids that this run has not yet mentioned. */
  | { readonly kind: 'step'; readonly step: Step; readonly pieces: Readonly<Record<number, string>> }
  | { readonly kind: 'done'; readonly stopped: boolean }
  | { readonly kind: 'failed'; readonly error: ErrorData }
  /** Unasked (id 0): the device was lost and is being rebuilt; a run goes on by itself. */
  | { readonly kind: 'recovering'; readonly message: string }
);

/** What the page holds. One model at a time; one run at a time (a new one stops the old). */
export interface Compute {
  load(request: Omit<LoadRequest, 'kind'>, onProgress?: (progress: Progress) => void): Promise<LoadedModel>;
  /** Yields `started`, then each `step`; returns whether it was stopped. Aborting stops after the forward in flight. */
  generate(
    request: Omit<GenerateRequest, 'kind'>,
    signal?: AbortSignal,
  ): AsyncGenerator<Extract<Event, { kind: 'started' | 'step' }>, { stopped: boolean }>;
  tokenize(text: string): Promise<{ readonly ids: readonly number[]; readonly pieces: readonly string[] }>;
  /** Called when the worker rebuilds a lost device. */
  onRecovering: ((message: string) => void) | undefined;
  dispose(): void;
}
