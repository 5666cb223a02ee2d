/**
 * What the page and the compute worker say to each other. The worker owns the device, the models and the runs; the page
 * owns the Trace it draws. Work is asked for as jobs: one message in (`Request`), many out (`Event`); every request has
 * an id, and its events end with `done` or `failed`. A new kind of job is a row in `JobTable` and a file in `jobs/`.
 */
import type { FetchProgress } from '../checkpoint/hub/download.ts';
import type { HubAddress } from '../checkpoint/hub/hub.ts';
import type { Lesson, OpenedPack } from '../checkpoint/pack.ts';
import type { Reply } from '../checkpoint/reply.ts';
import type { DiskUse } from '../checkpoint/store/disk.ts';
import type { StoredItem } from '../checkpoint/store/store.ts';
import type { Canvas } from '../diffusion/canvas.ts';
import type { ErrorData } from '../diffusion/error.ts';
import type { Estimator, Sample } from '../diffusion/likelihood.ts';
import type { Settings } from '../diffusion/settings.ts';
import type { Cursor, Step } from '../diffusion/trace.ts';
import type { Engine } from '../engine/engine.ts';
import type { Fit } from '../engine/fit.ts';
import type { Precision } from '../engine/precision.ts';
import type { KernelTime } from '../engine/profile.ts';
import type { Check } from '../engine/self-test.ts';
import type { TileChoice } from '../engine/tuner.ts';
import type { WikitextName } from '../training/data/wikitext.ts';
import type { DataLook, StoredRun, TableLook, Training, TrainRequest } from './protocol.train.ts';

export type { FetchProgress } from '../checkpoint/hub/download.ts';
export type { HubAddress } from '../checkpoint/hub/hub.ts';
export type { Lesson } from '../checkpoint/pack.ts';
export type { Reply } from '../checkpoint/reply.ts';
export type { DiskUse } from '../checkpoint/store/disk.ts';
export type { StoredItem } from '../checkpoint/store/store.ts';
export type { Precision } from '../engine/precision.ts';
export type { KernelTime } from '../engine/profile.ts';
export type { Check } from '../engine/self-test.ts';
export type { TileChoice } from '../engine/tuner.ts';

/** Which arithmetic to use: `auto` takes WebGPU on real hardware and measures when it is only a software adapter. */
export type BackendChoice = 'auto' | 'webgpu' | 'fallback';

/**
 * The worker holds one model per role: `main` writes the canvas, `judge`, an autoregressive model, is what it is compared
 * with and says how likely texts are. The judge runs on the main model's arithmetic whatever backend is asked for, and is freed when another main model is loaded.
 */
export type Role = 'main' | 'judge';

/**
 * Where the files of a model in Hugging Face layout are: in a folder, as an absolute URL ending in '/'; in the store, by
 * the item's key or its hub id; or among files chosen on this machine.
 */
export type ModelSource = string | { readonly stored: string } | { readonly files: readonly File[] };

export interface LoadRequest {
  /** `main` unless told. Loading a role frees the model that had it. */
  readonly role?: Role;
  readonly source: ModelSource;
  readonly model: string;
  readonly backend: BackendChoice;
  /** Of the weights on the card, as stored unless told; without WebGPU they are as stored. */
  readonly precision?: Precision | undefined;
}

/** A model on a hub, before anything large of it is fetched. */
export interface FoundModel {
  /** Its key in the store. */
  readonly key: string;
  readonly id: string;
  readonly commit: string;
  /** Branch, tag or commit that was asked for. */
  readonly revision: string;
  /** It has no head that writes: a start for training. */
  readonly headless: boolean;
  /** Bytes to download, and how many of them are here. */
  readonly bytes: number;
  readonly have: number;
  readonly parameters: number;
  /** Bytes of the weights on the card. */
  readonly sizes: Readonly<Record<Precision, number>>;
  /** Whether it fits the graphics card here, by precision; undefined without WebGPU. */
  readonly fits: Readonly<Record<Precision, Fit>> | undefined;
}

/** What is stored in this browser. */
export interface Storage {
  readonly items: readonly (StoredItem & {
    /** Bytes of the weights on the card; undefined for what is no complete model. */
    readonly sizes: Readonly<Record<Precision, number>> | undefined;
  })[];
  /** Bytes of all items together. */
  readonly total: number;
  readonly use: DiskUse | undefined;
  /** False in windows that keep nothing: what is stored is gone with the page. */
  readonly lasting: boolean;
}

export interface GenerateRequest {
  readonly settings: Settings;
  /** Go on from here instead of from the prompt: after a pin, an edit, a remask, a stop, or a branch. */
  readonly from?: { readonly canvas: Canvas; readonly cursor: Cursor; readonly writtenLogProbs?: Float32Array };
}

/** One text to be written: by the main model, which sets slots, or by the judge, which appends. */
export interface ComparedRun {
  readonly writer: 'set' | 'append';
  readonly settings: Settings;
}

export interface CompareRequest {
  /** Written in this order, never two at once, so that none slows the other down. */
  readonly runs: readonly ComparedRun[];
  /**
   * All at once instead, each step of all of them one batch whose time they share; texts and passes are the same. Where one
   * appends, they are written one after the other all the same.
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
  /** With WebGPU: names this build's kernels, for which alone a verdict of the self-test holds. */
  readonly kernels?: string | undefined;
}

/** The WebGPU device of this machine and what our engine made of it. */
export interface DeviceFacts {
  readonly device: string;
  readonly software: boolean;
  readonly kernels: string;
  /** Those of the features this program has a use for that the device has. */
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  /** Of the main model, where our engine runs it. */
  readonly model: { readonly memory: EngineMemory; readonly choices: readonly TileChoice[] } | undefined;
}
type EngineMemory = Engine['memory'];

/** Times of one step of the main model that asks every slot. */
export interface Profile {
  readonly model: string;
  readonly device: string;
  readonly kernels: string;
  readonly software: boolean;
  readonly length: number;
  readonly rounds: number;
  /** Milliseconds from question to answer, median of the rounds. */
  readonly step: number;
  /** Means of the rounds, longest first; undefined where the device has no clock. */
  readonly times: readonly KernelTime[] | undefined;
}

export interface LoadedModel {
  readonly id: string;
  readonly parameters: number;
  readonly vocabSize: number;
  readonly maxLength: number;
  /** undefined when the model has no mask token. */
  readonly maskId: number | undefined;
  /** How its mask token is written, such as `[MASK]`. */
  readonly maskText: string | undefined;
  readonly causal: boolean;
  /** True when the model understands the chat template (mode chat). */
  readonly chat: boolean;
  readonly device: DeviceReport;
  /** Of one forward pass over a short canvas, measured after loading; main models only. */
  readonly passMilliseconds?: number | undefined;
}

export type Progress =
  | { readonly stage: 'download'; readonly file: string; readonly loaded: number; readonly total: number }
  | { readonly stage: 'upload' | 'compile' | 'measure' };

/** Bytes done, of all. */
type Packing = { readonly kind: 'packing'; readonly done: number; readonly total: number };

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
  /** Texts written for comparing what they took and what they are like. */
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
  /** Asks a hub what a model is; fetches a few kilobytes. */
  lookUp: {
    readonly request: { readonly address: HubAddress };
    readonly event: { readonly kind: 'found'; readonly model: FoundModel };
  };
  /** Fetches a model from a hub into the store, from where an earlier download stopped. Runs beside everything else. */
  download: {
    readonly request: { readonly address: HubAddress };
    readonly event: Fetching;
  };
  /** Copies chosen files into the store under a name. */
  keepFiles: {
    readonly request: { readonly name: string; readonly files: readonly File[] };
    readonly event: Fetching;
  };
  storage: {
    readonly request: object;
    readonly event: { readonly kind: 'storage'; readonly storage: Storage };
  };
  /** Deletes an item of the store. */
  remove: {
    readonly request: { readonly key: string };
    readonly event: never;
  };
  /**
   * One file with stored models (their keys), files of the page (`app`, paths from `page`) and lessons, for machines
   * without a network.
   */
  makePack: {
    readonly request: {
      readonly models: readonly string[];
      readonly page: string;
      readonly app: readonly string[];
      readonly lessons: readonly Lesson[];
    };
    readonly event: Packing | { readonly kind: 'packed'; readonly pack: Blob };
  };
  /** Takes what a pack holds; `page` is the address of the page's folder. */
  openPack: {
    readonly request: { readonly pack: Blob; readonly page: string };
    readonly event: Packing | { readonly kind: 'unpacked'; readonly opened: OpenedPack };
  };
  /** What WebGPU offers here, whatever the model runs on; undefined where it offers nothing. */
  inspect: {
    readonly request: object;
    readonly event: { readonly kind: 'inspected'; readonly facts: DeviceFacts | undefined };
  };
  /** Time per kernel of the main model on WebGPU, also where it runs on something else. Throws `device` without WebGPU. */
  profile: {
    readonly request: { readonly length: number };
    readonly event: { readonly kind: 'profiled'; readonly profile: Profile };
  };
  /** Known models through every kernel. `shipped`: absolute URL of the folder of the shipped model, ending in '/'. */
  selfTest: {
    readonly request: { readonly shipped: string };
    readonly event:
      | { readonly kind: 'testing'; readonly device: string; readonly software: boolean; readonly kernels: string }
      | { readonly kind: 'checked'; readonly check: Check };
  };
  /** Fetches a data set from the hub into the store, from where an earlier download stopped. */
  fetchData: {
    readonly request: { readonly name: WikitextName; readonly endpoint: string };
    readonly event: Fetching;
  };
  /**
   * What there is to learn: the columns, if it is a table; then the two sides of the split, and rows with their masks. Of
   * data that is not here yet nothing is fetched: `look` is undefined. Throws `UnmaskError` when there is nothing to learn.
   */
  lookAtData: {
    readonly request: Pick<NonNullable<TrainRequest['begin']>, 'settings' | 'data' | 'from'>;
    readonly event:
      | { readonly kind: 'table'; readonly table: TableLook | undefined }
      | { readonly kind: 'looked'; readonly look: DataLook | undefined };
  };
  /** Trains a model, anew or from the last checkpoint. Stopping it saves first. */
  train: {
    readonly request: TrainRequest;
    readonly event: { readonly kind: 'training'; readonly event: Training };
  };
  /** Whether training rests three quarters of the time. */
  pace: {
    readonly request: { readonly slow: boolean };
    readonly event: never;
  };
  /** The runs kept in this browser, newest first. */
  runs: {
    readonly request: object;
    readonly event: { readonly kind: 'runs'; readonly runs: readonly StoredRun[] };
  };
  /** Renames a run, or notes that nobody wants to go on with it. */
  editRun: {
    readonly request: { readonly run: string; readonly name?: string; readonly ended?: true };
    readonly event: never;
  };
  removeRun: {
    readonly request: { readonly run: string };
    readonly event: never;
  };
  /** Puts the weights of the last checkpoint among the models, under the name of the run. */
  keepRun: {
    readonly request: { readonly run: string };
    readonly event: { readonly kind: 'kept'; readonly model: string; readonly step: number };
  };
  /** The same as a zip of a folder in Hugging Face layout, with what the run needs to go on elsewhere in `unmask-run/`. */
  exportRun: {
    readonly request: { readonly run: string };
    readonly event: { readonly kind: 'exported'; readonly zip: Uint8Array<ArrayBuffer> };
  };
  /** A run from such a zip, under the id `run`. */
  importRun: {
    readonly request: { readonly run: string; readonly file: File };
    readonly event: never;
  };
  /** Ids and pieces of a text, for edits and for counting the prompt. */
  tokenize: {
    readonly request: TokenizeRequest;
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

type Fetching =
  | { readonly kind: 'fetching'; readonly progress: FetchProgress }
  | { readonly kind: 'fetched'; readonly item: StoredItem };

export type JobKind = keyof JobTable;
export type RequestOf<K extends JobKind> = JobTable[K]['request'];
export type EventOf<K extends JobKind> = JobTable[K]['event'];

/** A request of any kind, without its id. */
export type JobRequest = { [K in JobKind]: { readonly kind: K } & RequestOf<K> }[JobKind];

export type Request = { readonly id: number } & (
  | JobRequest
  /** Stops request `target` after the forward in flight. */
  | { readonly kind: 'stop'; readonly target: number }
  /** Whether runs rest between two steps. */
  | { readonly kind: 'rest'; readonly rest: boolean }
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
  /** Lets runs rest between two steps, until told otherwise. Starts no worker. */
  rest(rest: boolean): void;
  /** Called when the worker rebuilds a lost device. */
  onRecovering: ((message: string) => void) | undefined;
  dispose(): void;
}
