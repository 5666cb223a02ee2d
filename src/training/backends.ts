/**
 * Which tfjs backend carries the fallback: WebAssembly (XNNPACK on the processor) or WebGL (the graphics card through
 * its older door), whichever computes this model faster here, and plain JavaScript when neither runs. WebGL that is
 * itself emulated in software, has only 16-bit floats or disagrees with WebAssembly is passed over. tfjs and its
 * backends are loaded by dynamic import only.
 */

import type { Model, Weights } from '../checkpoint/model.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { said } from '../text/said.ts';
import type { FallbackNetwork } from './fallback-network.ts';
import { type Timing, timePredict } from './time-predict.ts';

export type FallbackBackend = 'wasm' | 'webgl' | 'cpu';

export interface FallbackOptions {
  readonly signal?: AbortSignal | undefined;
  /** Where the three .wasm files are served, by file name; under Node tfjs finds them itself. */
  readonly wasmFiles?: Readonly<Record<string, string>> | undefined;
  /** Backends to try, best guess first; the fastest of those that run is kept. */
  readonly candidates?: readonly FallbackBackend[] | undefined;
  readonly onMeasure?: (() => void) | undefined;
}

export interface Fallback {
  readonly network: FallbackNetwork;
  readonly backend: FallbackBackend;
  /** Milliseconds of a forward on each backend that was measured; empty when there was nothing to choose. */
  readonly measured: Readonly<Partial<Record<FallbackBackend, number>>>;
}

/**
 * Loads the model into the fastest tfjs backend; the caller disposes the network. Throws `UnmaskError`: `device` when
 * no backend runs, otherwise what reading the weights throws, or the signal's reason.
 */
export async function openFallback(
  model: Pick<Model, 'arch' | 'weights'>,
  options: FallbackOptions = {},
): Promise<Fallback> {
  const { candidates = ['wasm', 'webgl'], signal } = options;
  const opened: Entry[] = [];
  const problems: unknown[] = [];
  try {
    const kept = candidates.length > 1 ? { arch: model.arch, weights: remembering(model.weights) } : model;
    for (const backend of candidates) await tryToOpen(backend, kept, options, opened, problems);
    if (opened.length === 0) await tryToOpen('cpu', model, options, opened, problems);
    const [first] = opened;
    if (first === undefined) throw none(problems);
    if (opened.length === 1) return { ...first, measured: {} };
    options.onMeasure?.();
    const timings = new Map<Entry, Timing>();
    for (const entry of opened) {
      signal?.throwIfAborted();
      await activate(entry.backend, options);
      const timing = await timePredict(entry.network).catch(() => undefined);
      if (timing !== undefined && agrees(timing, timings.get(first))) timings.set(entry, timing);
    }
    const speed = (entry: Entry) => timings.get(entry)?.milliseconds ?? Number.POSITIVE_INFINITY;
    const fastest = opened.reduce((best, entry) => (speed(entry) < speed(best) ? entry : best));
    for (const entry of opened.splice(0)) if (entry !== fastest) entry.network.dispose();
    opened.push(fastest);
    await activate(fastest.backend, options);
    const measured = Object.fromEntries([...timings].map(([{ backend }, { milliseconds }]) => [backend, milliseconds]));
    return { ...fastest, measured };
  } catch (error) {
    for (const { network } of opened) network.dispose();
    throw error;
  }
}

interface Entry {
  readonly backend: FallbackBackend;
  readonly network: FallbackNetwork;
}

/** Adds to `opened`, or to `problems` when this backend cannot run the model here. */
async function tryToOpen(
  backend: FallbackBackend,
  model: Pick<Model, 'arch' | 'weights'>,
  options: FallbackOptions,
  opened: Entry[],
  problems: unknown[],
): Promise<void> {
  options.signal?.throwIfAborted();
  try {
    if (!(await activate(backend, options))) return;
    const { FallbackNetwork } = await import('./fallback-network.ts');
    opened.push({ backend, network: await FallbackNetwork.create(model, { signal: options.signal }) });
  } catch (error) {
    // A damaged file or a network failure would meet the next backend, too.
    if (error instanceof UnmaskError || options.signal?.aborted) throw error;
    problems.push(error);
  }
}

let activating: Promise<unknown> = Promise.resolve();

/**
 * Makes `backend` the current one of tfjs; false when it cannot run here. One after the other: tfjs calls the first of two
 * that begin at once outdated, as if it could not.
 */
export function activate(backend: FallbackBackend, options: FallbackOptions = {}): Promise<boolean> {
  const active = activating.then(() => activateAlone(backend, options));
  activating = active.catch(() => undefined);
  return active;
}

async function activateAlone(backend: FallbackBackend, { wasmFiles }: FallbackOptions): Promise<boolean> {
  const { env, setBackend } = await import('@tensorflow/tfjs-core');
  if (backend === 'wasm') {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    const { registerUnpack } = await import('./wasm-unpack.ts');
    registerUnpack();
    if (wasmFiles !== undefined) setWasmPaths({ ...wasmFiles });
    // tfjs starts its threads from the source text of a function, which does not survive minification.
    env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  } else if (backend === 'webgl') {
    if (!hasFastWebGl()) return false;
    await import('@tensorflow/tfjs-backend-webgl');
    if (!env().getBool('HAS_WEBGL') || !env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) return false;
  } else {
    await import('@tensorflow/tfjs-backend-cpu');
  }
  return setBackend(backend);
}

/** False also when the "graphics card" is the processor: WebAssembly uses it better, and shaders compile for seconds. */
function hasFastWebGl(): boolean {
  if (typeof OffscreenCanvas === 'undefined') return false;
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (gl === null) return false;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return !/swiftshader|llvmpipe|software|basic render|warp/i.test(renderer);
}

/** Whether two answers to one question are the same up to rounding: a driver may compute nonsense fast. */
function agrees({ prediction: { logSumExp } }: Timing, reference: Timing | undefined): boolean {
  if (reference === undefined) return true;
  return logSumExp.every((value, m) => Math.abs(value - (reference.prediction.logSumExp[m] as number)) < 0.01);
}

/** Weights that are read (perhaps downloaded) once for all candidates, and forgotten with them. */
function remembering(weights: Weights): Weights {
  const known = new Map<string, ReturnType<Weights['read']>>();
  return {
    tensors: weights.tensors,
    parameters: weights.parameters,
    read(name, signal) {
      const bytes = known.get(name) ?? weights.read(name, signal);
      known.set(name, bytes);
      return bytes;
    },
  };
}

function none(problems: readonly unknown[]): UnmaskError {
  const words = problems.map((problem) => (problem instanceof Error ? problem.message : String(problem))).join('; ');
  return new UnmaskError({
    code: 'device',
    message: said`Neither WebAssembly nor WebGL nor plain JavaScript can run this model here: ${words}`,
    remedy: 'Try a smaller model, or a current version of Chrome, Edge, Firefox or Safari.',
  });
}
