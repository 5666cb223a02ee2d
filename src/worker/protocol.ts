/**
 * What the page and the compute worker say to each other. The worker owns the device, the models and the runs; the page
 * owns the Trace it draws. A new kind of job is a row in the table of its subject (`protocol.*.ts`) and a file in `jobs/`.
 */

import type { UnmaskError } from '../diffusion/error.ts';
import type * as rpc from '../rpc/messages.ts';
import type { Text } from '../text/said.ts';
import type { DeviceJobs, DeviceReport } from './protocol.device.ts';
import type { EvaluationJobs } from './protocol.evaluate.ts';
import type { LoadedModel, LoadRequest, ModelJobs, Progress } from './protocol.models.ts';
import type { TrainingJobs } from './protocol.train.ts';
import type { WritingJobs } from './protocol.writing.ts';

export type { FetchProgress } from '../checkpoint/hub/download.ts';
export type { OfferedModel } from '../checkpoint/hub/list.ts';
export type { Lesson } from '../checkpoint/pack.ts';
export type { Precision } from '../checkpoint/precision.ts';
export type { Reply } from '../checkpoint/reply.ts';
export type { KernelTime } from '../engine/profile.ts';
export type { Check } from '../engine/self-test.ts';
export type { TileChoice } from '../engine/tuner.ts';
export type { DeviceFacts, DeviceReport, Profile } from './protocol.device.ts';
export type {
  BackendChoice,
  FoundModel,
  LoadedModel,
  LoadRequest,
  ModelSource,
  Progress,
  Role,
  Storage,
} from './protocol.models.ts';
export type { ComparedRun, CompareRequest, GenerateRequest, Written } from './protocol.writing.ts';

/** Every kind of job: what is asked, and the events that answer it before `done` or `failed`. */
export interface JobTable extends ModelJobs, WritingJobs, DeviceJobs, TrainingJobs, EvaluationJobs {
  /** Whether runs rest between two steps. */
  rest: {
    readonly request: { readonly rest: boolean };
    readonly event: never;
  };
}

export type JobKind = keyof JobTable;
export type RequestOf<K extends JobKind> = JobTable[K]['request'];
export type EventOf<K extends JobKind> = JobTable[K]['event'];
export type JobRequest = rpc.JobRequest<JobTable>;
export type Request = rpc.Request<JobTable>;
export type Event = rpc.Event<JobTable>;

/** What the page holds. */
export interface Compute {
  /**
   * Yields the events of a job and returns whether it was stopped. Aborting, or leaving the loop, stops it after the
   * forward in flight. Which jobs stop which follows from the models they need (`jobs/`); device jobs take turns. Throws
   * `UnmaskError`.
   */
  run<K extends JobKind>(
    kind: K,
    request: RequestOf<K>,
    signal?: AbortSignal,
  ): AsyncGenerator<EventOf<K>, { stopped: boolean }>;
  /** Rejects with an `AbortError` when another model was asked for in its role. */
  load(request: LoadRequest, onProgress?: (progress: Progress) => void): Promise<LoadedModel>;
  /** One run at a time: a new one stops the old. */
  generate(
    request: RequestOf<'generate'>,
    signal?: AbortSignal,
  ): AsyncGenerator<EventOf<'generate'>, { stopped: boolean }>;
  tokenize(text: string): Promise<{ readonly ids: readonly number[]; readonly pieces: readonly string[] }>;
  /** Lets runs rest between two steps, until told otherwise. Starts no worker. */
  rest(rest: boolean): void;
  /** Called when the worker rebuilds a lost device; with `device` when the main model runs on another one from now on. */
  onRecovering: ((message: Text, device: DeviceReport | undefined) => void) | undefined;
  /** Asked before a request goes out: why it must not. */
  refuses: ((request: JobRequest) => UnmaskError | undefined) | undefined;
  /** Called when the worker was ended, because it hung or crashed; the next request starts another. */
  onEnded: ((ended: Ended) => void) | undefined;
  /** Called with requests that seem to hang the worker, and with none when it answers again. */
  onSilence: ((asked: readonly JobRequest[]) => void) | undefined;
  dispose(): void;
}

export type Ended = rpc.Ended<JobTable>;
