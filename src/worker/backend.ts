/**
 * Which arithmetic runs a model: our WebGPU engine on a real adapter, the tfjs fallback without one, and on a WebGPU
 * that is itself emulated on the processor whichever of the two is faster for this model. The two openers are handed
 * in, so that the page, Node and the tests differ in nothing but their surroundings.
 */

import type { Adapter } from '../checkpoint/adapter/adapter.ts';
import type { Model } from '../checkpoint/model.ts';
import type { PrecisionOptions } from '../checkpoint/precision.ts';
import { UnmaskError } from '../diffusion/error.ts';
import type { Network } from '../diffusion/network.ts';
import type { Engine } from '../engine/engine.ts';
import { clause, said, type Text } from '../text/said.ts';
import type { Parameters } from '../training/parameters.ts';
import { timePass, timePredict } from '../training/time-predict.ts';
import type { BackendChoice, DeviceReport, Progress } from './protocol.ts';

/** A model in place, ready to be asked. */
export interface Backend {
  readonly network: Network;
  /** 'webgpu', 'wasm', 'webgl' or 'cpu'. */
  readonly name: string;
  readonly device: string;
  /** True when it is WebGPU emulated on the processor. */
  readonly software: boolean;
  /** Our own engine, where it is what computes. */
  readonly engine?: Engine | undefined;
  /** Of tfjs: the weights, in f32. */
  readonly parameters?: Parameters | undefined;
  /** Names the build of the kernels. */
  readonly kernels?: string | undefined;
  /** Resolves with the reason once the device is gone; stays pending otherwise. */
  readonly lost: Promise<Text>;
  /** Adds an adapter to all that is asked from now on, or takes it away; undefined where a model is learning. */
  readonly setAdapter?: ((adapter: Pick<Adapter, 'lowRank'> | undefined, weight: number) => Promise<void>) | undefined;
  /** Of a model that is learning: takes the weights of now, and says after how many steps. */
  readonly refresh?: () => Promise<number | undefined>;
  dispose(): void;
}

/** A fallback computes in f32, with the values that few bits stand for. */
export interface OpenOptions extends PrecisionOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told, each time, that the device was lost and that the work begins again on another. */
  readonly onLost?: ((reason: Text) => void) | undefined;
  /** There was a device a moment ago: a browser may need seconds to offer one again. */
  readonly recovering?: boolean | undefined;
  /** Name of the tfjs backend a fallback must take, whichever is fastest: tfjs has only one at a time. */
  readonly like?: string | undefined;
}

export interface Openers {
  /** Undefined when there is no adapter. Throws `UnmaskError` code `device` when there is one that cannot be used. */
  webgpu(model: Model, options: OpenOptions): Promise<Backend | undefined>;
  fallback(model: Model, options: OpenOptions): Promise<Backend>;
}

export interface OpenBackend {
  readonly backend: Backend;
  readonly report: DeviceReport;
}

/**
 * Puts `model` on the chosen arithmetic. Throws `UnmaskError`: `device` when it cannot run here, or what reading its
 * weights throws; the signal's reason when aborted.
 */
export async function openBackend(
  model: Model,
  choice: BackendChoice,
  openers: Openers,
  options: OpenOptions = {},
): Promise<OpenBackend> {
  if (choice === 'fallback') {
    const backend = await openers.fallback(model, options);
    if (options.recovering) {
      return reported(
        backend,
        said`The graphics device was lost again and again, so the model runs in ${words(backend)}.`,
      );
    }
    return reported(backend, said`The model runs in ${words(backend)} instead of on WebGPU, as asked.`);
  }
  let failure: UnmaskError | undefined;
  const webgpu = await openers.webgpu(model, options).catch((error: unknown) => {
    const known = UnmaskError.from(error);
    if (known.code !== 'device' || options.signal?.aborted) throw error;
    // In mid-run nobody can choose: what was WebGPU a moment ago goes on without it.
    if (choice === 'webgpu' && !options.recovering) throw error;
    failure = known;
    return undefined;
  });
  if (webgpu === undefined) {
    if (choice === 'webgpu' && !options.recovering) throw noWebGpu();
    const backend = await openers.fallback(model, options);
    const cause =
      failure === undefined
        ? options.recovering
          ? 'The browser offers no graphics device any more'
          : 'There is no WebGPU here'
        : said`WebGPU cannot be used (${clause(failure.toJSON().message)})`;
    return reported(backend, said`${cause}, so the model runs in ${words(backend)}: the same program, only slower.`);
  }
  if (!webgpu.software) return reported(webgpu, undefined);
  if (choice === 'webgpu') return reported(webgpu, emulated(webgpu));
  return faster(webgpu, model, openers, options);
}

/** How long an emulated WebGPU may take to compile and answer; compiling alone can take a minute there. */
const PATIENCE = 4000;

/** WebGPU on the processor against the fallback, one forward each. */
async function faster(first: Backend, model: Model, openers: Openers, options: OpenOptions): Promise<OpenBackend> {
  const { signal, onProgress } = options;
  let webgpu = first;
  let fallback: Backend | undefined;
  try {
    fallback = await openers.fallback(model, options);
    onProgress?.({ stage: 'measure' });
    const other = (await timePredict(fallback.network)).milliseconds;
    signal?.throwIfAborted();
    let own = await within(PATIENCE, timeAgainst(other, webgpu.network));
    // A device that was lost meanwhile has measured nothing.
    const reason = own === undefined ? await within(0, webgpu.lost) : undefined;
    if (reason !== undefined) {
      options.onLost?.(reason);
      webgpu.dispose();
      webgpu = (await openers.webgpu(model, { ...options, recovering: true })) ?? fallback;
      own = webgpu === fallback ? undefined : await within(PATIENCE, timeAgainst(other, webgpu.network));
    }
    signal?.throwIfAborted();
    if (own !== undefined && own.milliseconds <= other) {
      fallback.dispose();
      return reported(webgpu, said`${emulated(webgpu)} ${words(fallback)} was tried and is slower.`);
    }
    if (webgpu !== fallback) webgpu.dispose();
    const times =
      own === undefined ? 'which is faster' : said`${(own.milliseconds / other).toPrecision(2)} times as fast`;
    return reported(fallback, said`${emulated(first)} The model runs in ${words(fallback)}, ${times}.`);
  } catch (error) {
    fallback?.dispose();
    webgpu.dispose();
    throw error;
  }
}

/** Tokens of a pass that is over soon, even in emulation. */
const FEW = 8;

/**
 * A whole pass, timed; undefined where a few tokens take longer already than `other`, a whole pass elsewhere: what a large
 * model would still compute in emulation keeps the processor from the model's first words.
 */
async function timeAgainst(other: number, network: Network) {
  return (await timePass(network, FEW)) > other ? undefined : timePredict(network);
}

/** The result of `work`, or undefined when it fails or takes longer. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  const result = await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
  return result;
}

export function reported(backend: Backend, notice: Text | undefined): OpenBackend {
  const { name, device, software, kernels } = backend;
  return { backend, report: { backend: name, device, software, notice, ...(kernels && { kernels }) } };
}

function words({ name }: Backend): string {
  const known: Record<string, string> = { wasm: 'WebAssembly', webgl: 'WebGL', cpu: 'plain JavaScript' };
  return known[name] ?? name;
}

function emulated({ device }: Backend): Text {
  return said`WebGPU is emulated on the processor here (${device}).`;
}

export function noWebGpu(): UnmaskError {
  return new UnmaskError({
    code: 'device',
    message: 'This browser offers no WebGPU adapter.',
    remedy: 'Choose the automatic backend, or a browser and graphics driver with WebGPU.',
  });
}
