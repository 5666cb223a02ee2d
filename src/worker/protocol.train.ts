/** The part of the protocol that speaks of training: what a run begins with, what it tells, and what is kept of it. */
import type { Text } from '../text/said.ts';
import type { WikitextName } from '../training/data/wikitext.ts';
import type { Fit } from '../training/fit.ts';
import type { RunMemory } from '../training/memory.ts';
import type { PreviewRow } from '../training/preview.ts';
import type { Evaluation } from '../training/run-files.ts';
import type { TrainSettings } from '../training/train-settings.ts';
import type { EndReason, TrainEvent } from '../training/trainer-events.ts';
import type { Fetching, ModelSource } from './protocol.models.ts';

export { type ExperimentName, isExperiment, runsOf, smaller } from '../training/experiments.ts';
export { PRESETS, type PresetName, presetSettings } from '../training/presets.ts';
export type { PreviewRow } from '../training/preview.ts';
export type { Evaluation } from '../training/run-files.ts';
export {
  defaultTrainSettings,
  sampleEvery,
  TRAIN_SETTING_NAMES,
  TRAIN_SETTINGS,
  type TrainSettingName,
  type TrainSettings,
} from '../training/train-settings.ts';
export type { EndReason } from '../training/trainer-events.ts';

/** Where the texts of a new run come from. */
export type TrainData =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly file: File }
  /** Served with the page. */
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'wikitext'; readonly name: WikitextName; readonly endpoint: string }
  /** The texts that another run has kept. */
  | { readonly kind: 'run'; readonly run: string };

export interface TrainRequest {
  /** Letters and digits. */
  readonly run: string;
  /** Of a new run; absent when one goes on from its last checkpoint. */
  readonly begin?: {
    readonly name: string;
    readonly settings: TrainSettings;
    readonly data: TrainData;
    /** Texts to measure the likelihood on, where the data are pairs of answers; the chosen ones unless told. */
    readonly valid?: TrainData;
    /** A model, or a fresh one. */
    readonly from: ModelSource | 'fresh';
  };
  readonly backend: 'auto' | 'webgpu' | 'fallback';
}

/** The columns of a table that hold words, and the one that is read. */
export interface TableLook {
  readonly columns: readonly string[];
  readonly column: string;
  /** Its first texts, the beginning of each. */
  readonly first: readonly string[];
}

/** What a run with these settings would learn from, before it begins. */
export interface DataLook {
  readonly learnt: Amount;
  readonly heldOut: Amount;
  /** Only the beginning was looked at, because there is so much of it. */
  readonly more: boolean;
  readonly preview: readonly PreviewRow[];
  /** The rows shown are those of the first batch; else they are cut from the beginning of the text. */
  readonly exact: boolean;
  /** What a person should know about how it was read and divided, one sentence each. */
  readonly notes: readonly Text[];
  /** Of the model that would learn it: tokens it tells apart. */
  readonly vocabSize: number;
}

/** What a run would take, judged by the network and the settings, and how its steps are cut up to stay within that. */
export interface MemoryLook extends RunMemory {
  readonly fit: Fit;
}

export interface Amount {
  readonly texts: number;
  readonly characters: number;
}

/** What there is to learn, and with what. */
export interface RunFacts {
  readonly parameters: number;
  readonly vocabSize: number;
  readonly backend: string;
  readonly device: string;
  readonly trainRows: number;
  readonly trainTokens: number;
  readonly heldOutRows: number;
  readonly heldOutTokens: number;
  /** The file held more than was read. */
  readonly cut: boolean;
  /** What a person should know about how it was read and divided; runs of older versions have none. */
  readonly notes?: readonly Text[];
  /** Nats per token of a uniform guess, and of one that knows how often each token occurs. */
  readonly references: { readonly uniform: number; readonly unigram: number };
  readonly preview: readonly PreviewRow[];
}

/** A canvas the model wrote after `step` steps, always from the same seed. */
export interface Sample {
  readonly step: number;
  readonly pieces: readonly string[];
  /** So many of them, at the start, were given. */
  readonly given?: number;
}

export interface Point {
  readonly step: number;
  readonly loss: number;
  readonly gradNorm: number;
  /** What an objective of pairs knew of the batch. */
  readonly told?: Readonly<Record<string, number>>;
}

/** What has been seen of a run so far. */
export interface RunJournal {
  readonly points: readonly Point[];
  readonly evaluations: readonly Evaluation[];
  readonly samples: readonly Sample[];
}

export interface RunRecord {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Steps in the last checkpoint. */
  readonly step: number;
  /** Undefined while there is something to go on with. */
  readonly ended: EndReason | undefined;
  readonly settings: TrainSettings;
  readonly facts: RunFacts;
  /** What it began with, where that is kept elsewhere: until its first checkpoint it goes on by beginning again. */
  readonly start?: Exclude<ModelSource, { readonly files: readonly File[] }> | 'fresh' | undefined;
}

export interface StoredRun extends RunRecord {
  readonly journal: RunJournal;
}

export type Training =
  | {
      readonly kind: 'preparing';
      readonly stage: 'data' | 'model' | 'tokens';
      readonly loaded?: number;
      readonly total?: number;
      /** Of a download: bytes per second, and seconds left at this rate, once known. */
      readonly rate?: number;
      readonly secondsLeft?: number | undefined;
    }
  | { readonly kind: 'begun'; readonly run: StoredRun }
  | Exclude<TrainEvent, { kind: 'sample' | 'step' }>
  /** With the seconds until the last step, measurements, canvases and checkpoints included. */
  | (Extract<TrainEvent, { kind: 'step' }> & { readonly secondsLeft: number | undefined })
  | ({ readonly kind: 'sample' } & Sample);

export interface TrainingJobs {
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
      /** As soon as the network is known. */
      | { readonly kind: 'memory'; readonly memory: MemoryLook }
      | { readonly kind: 'looked'; readonly look: DataLook | undefined };
  };
  /** Trains a model, anew or from the last checkpoint. Stopping it saves first. */
  train: {
    readonly request: TrainRequest;
    readonly event: { readonly kind: 'training'; readonly event: Training };
  };
  /** Whether training rests three quarters of the time; and whether it saves after the step in flight. */
  pace: {
    readonly request: { readonly slow: boolean; readonly save?: boolean };
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
    readonly event: { readonly kind: 'kept'; readonly model: string; readonly key: string; readonly step: number };
  };
  /** The same as a zip of a folder in Hugging Face layout, with what the run needs to go on elsewhere in `unmask-run/`. */
  exportRun: {
    readonly request: { readonly run: string };
    readonly event: { readonly kind: 'exported'; readonly zip: Uint8Array<ArrayBuffer> };
  };
  /** The run as a folder for dLLM on a cluster (`training/cluster`), as a zip. */
  exportCluster: {
    readonly request: { readonly run: string };
    readonly event: { readonly kind: 'exported'; readonly zip: Uint8Array<ArrayBuffer> };
  };
  /** A run from a zip of `exportRun`, under the id `run`. */
  importRun: {
    readonly request: { readonly run: string; readonly file: File };
    readonly event: never;
  };
}
