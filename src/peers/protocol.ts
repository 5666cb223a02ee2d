/** What the page and the worker of GPT-2 say to each other, over `src/rpc`. A job that is stopped gives no answer. */
import type { FetchProgress } from '../checkpoint/hub/download.ts';
import type { HubAddress } from '../checkpoint/hub/hub.ts';
import type { Canvas } from '../diffusion/canvas.ts';
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

type Pieces = Readonly<Record<number, string>>;

export interface Gpt2Jobs {
  /** What is here, the newest first. */
  here: { readonly request: object; readonly event: { readonly kind: 'here'; readonly here: readonly Gpt2Here[] } };
  lookUp: {
    readonly request: { readonly address: HubAddress; readonly backend: BackendChoice };
    readonly event: { readonly kind: 'found'; readonly found: Gpt2Found };
  };
  download: {
    readonly request: { readonly address: HubAddress; readonly format: Format };
    readonly event: { readonly kind: 'fetching'; readonly progress: FetchProgress };
  };
  remove: { readonly request: { readonly key: string }; readonly event: never };
  /** Writes one text, after loading the model unless it is loaded. */
  write: {
    readonly request: { readonly key: string; readonly settings: Settings; readonly backend: BackendChoice };
    readonly event:
      | { readonly kind: 'run'; readonly model: Gpt2Model; readonly start: Canvas; readonly pieces: Pieces }
      | { readonly kind: 'step'; readonly step: Step; readonly pieces: Pieces }
      | { readonly kind: 'written'; readonly result: Written };
  };
}

/** GPT-2 as loaded. */
export interface Gpt2Model {
  readonly id: string;
  readonly parameters: number;
  /** It has none. */
  readonly maskId: undefined;
  readonly device: DeviceReport;
}

export type WriteEvent = Gpt2Jobs['write']['event'];
