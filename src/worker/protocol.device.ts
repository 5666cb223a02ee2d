/** The part of the protocol that speaks of the device: what it is, whether it computes rightly, where the time goes. */

import type { Engine } from '../engine/engine.ts';
import type { KernelTime } from '../engine/profile.ts';
import type { Check } from '../engine/self-test.ts';
import type { TileChoice } from '../engine/tuner.ts';
import type { Text } from '../text/said.ts';

export interface DeviceReport {
  /** 'webgpu', 'wasm', 'webgl' or 'cpu'. */
  readonly backend: string;
  /** The adapter's description, such as "apple m2" or "SwiftShader". */
  readonly device: string;
  /** True when the WebGPU adapter runs on the processor. */
  readonly software: boolean;
  /** One sentence when this is not WebGPU on a real card: what runs instead and why. */
  readonly notice: Text | undefined;
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

export interface DeviceJobs {
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
}
