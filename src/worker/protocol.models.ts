/** The part of the protocol that speaks of models: which is loaded, what is on a hub, what is kept on this machine. */

import type { FewBits } from '../checkpoint/few-bits.ts';
import type { FetchProgress } from '../checkpoint/hub/download.ts';
import type { HubAddress } from '../checkpoint/hub/hub.ts';
import type { OfferedModel } from '../checkpoint/hub/list.ts';
import type { Lesson, OpenedPack } from '../checkpoint/pack.ts';
import type { Precision } from '../checkpoint/precision.ts';
import type { DiskUse } from '../checkpoint/store/disk.ts';
import type { StoredItem } from '../checkpoint/store/store.ts';
import type { Fit } from '../engine/fit.ts';
import type { Text } from '../text/said.ts';
import type { DeviceReport } from './protocol.device.ts';

/** Which arithmetic to use: `auto` takes WebGPU on real hardware and measures when it is only a software adapter. */
export type BackendChoice = 'auto' | 'webgpu' | 'fallback';

/**
 * The worker holds one model per role: `main` writes the canvas, `judge`, an autoregressive model, is what it is compared
 * with and says how likely texts are. The judge runs on the
 * main model's arithmetic whatever backend is asked for, and is freed when another main model is loaded.
 */
export type Role = 'main' | 'judge';

/**
 * Which model, by what it is and not by what it is called: the shipped one in the folder at an absolute URL ending in '/';
 * the stored one of that key; or files chosen on this machine. What a run has learnt is in the store, with the run's id.
 */
export type ModelSource = string | { readonly stored: string } | { readonly files: readonly File[] };

export interface LoadRequest {
  /** `main` unless told. Loading a role frees the model that had it. */
  readonly role?: Role;
  readonly source: ModelSource;
  /** What it is called. */
  readonly model: string;
  readonly backend: BackendChoice;
  /** Of the weights on the card, as stored unless told; without WebGPU few bits are rounded to and f32 is kept. */
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
  /** It writes from left to right. */
  readonly causal: boolean;
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
    /** It writes from left to right. */
    readonly causal: boolean;
  })[];
  /** Bytes of all items together, and of all training runs. */
  readonly total: number;
  readonly runs: number;
  readonly use: DiskUse | undefined;
  /** False in windows that keep nothing: what is stored is gone with the page. */
  readonly lasting: boolean;
}

/** What is added to the main model's weights. */
export interface AdapterInUse {
  readonly key: string;
  readonly id: string;
  readonly weight: number;
  readonly rank: number;
  /** How many of the model's modules it changes. */
  readonly modules: number;
}

export interface LoadedModel {
  readonly id: string;
  readonly parameters: number;
  readonly vocabSize: number;
  readonly maxLength: number;
  /** undefined when the model has no mask token. */
  readonly maskId: number | undefined;
  /** What its config.json calls its family, such as `modernbert`. */
  readonly modelType: string;
  /** How its mask token is written, such as `[MASK]`. */
  readonly maskText: string | undefined;
  readonly causal: boolean;
  /** It was trained to edit. */
  readonly edits?: boolean;
  /** True when the model understands the chat template (mode chat). */
  readonly chat: boolean;
  /** Something about its files that is good to know before it writes. */
  readonly note?: Text | undefined;
  readonly device: DeviceReport;
  /** What has been added to its weights since it was loaded. */
  readonly adapter?: AdapterInUse | undefined;
  /** Of one forward pass over a short canvas, measured after loading; main models only. */
  readonly passMilliseconds?: number | undefined;
}

export type Progress =
  | { readonly stage: 'download'; readonly file: string; readonly loaded: number; readonly total: number }
  | { readonly stage: 'upload' | 'compile' | 'measure' };

/** Bytes done, of all. */
type Packing = { readonly kind: 'packing'; readonly done: number; readonly total: number };

export type Fetching =
  | { readonly kind: 'fetching'; readonly progress: FetchProgress }
  | { readonly kind: 'fetched'; readonly item: StoredItem };

export interface ModelJobs {
  load: {
    readonly request: LoadRequest;
    readonly event:
      | { readonly kind: 'progress'; readonly progress: Progress }
      | { readonly kind: 'loaded'; readonly model: LoadedModel };
  };
  /** Asks a hub what a model is; fetches a few kilobytes. */
  lookUp: {
    readonly request: { readonly address: HubAddress };
    readonly event: { readonly kind: 'found'; readonly model: FoundModel };
  };
  /** Asks a hub of a class for its list; undefined where the hub gives none. */
  offers: {
    readonly request: { readonly endpoint: string };
    readonly event: { readonly kind: 'offers'; readonly models: readonly OfferedModel[] | undefined };
  };
  /** Fetches a model from a hub into the store, from where an earlier download stopped. Runs beside everything else. */
  download: {
    readonly request: { readonly address: HubAddress };
    readonly event: Fetching;
  };
  /** Copies chosen files into the store under a name. */
  keepFiles: {
    readonly request: {
      readonly name: string;
      readonly files: readonly File[];
      /** A folder of PEFT's, which must fit the main model. */
      readonly adapter?: boolean;
    };
    readonly event: Fetching;
  };
  /** Keeps a copy of the model in `source` in few bits, under a name of its own. */
  keepInBits: {
    readonly request: { readonly source: ModelSource; readonly precision: FewBits; readonly name: string };
    readonly event: Fetching;
  };
  /**
   * Adds an adapter of the store to the main model from now on, `weight` times (0 to 1), or takes it away; nothing is loaded
   * again. Runs under way go on with it.
   */
  adapt: {
    readonly request: { readonly adapter: string | undefined; readonly weight: number };
    readonly event: {
      readonly kind: 'adapted';
      readonly adapter: AdapterInUse | undefined;
      /** Whether the model chats now: an adapter may bring the template. */
      readonly chat: boolean;
    };
  };
  /** Takes an adapter into a copy of the model in `source`, which the store keeps under a name. */
  mergeAdapter: {
    readonly request: {
      readonly adapter: string;
      readonly weight: number;
      readonly source: ModelSource;
      readonly name: string;
    };
    readonly event: { readonly kind: 'merged'; readonly key: string };
  };
  /** The files of something in the store as one zip, of less than 4 GB: of an adapter the folder that PEFT loads. */
  zipItem: {
    readonly request: { readonly key: string };
    readonly event: { readonly kind: 'zipped'; readonly zip: Blob };
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
}
