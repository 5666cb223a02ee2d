/** Our WebGPU engine as a `Backend`. Models on one GPU share one device: two would only compete for the card's memory. */

import type { Model } from '../checkpoint/model.ts';
import { type EngineDevice, NoAdapterError, openDevice } from '../engine/device.ts';
import { Engine } from '../engine/engine.ts';
import { kernelFingerprint } from '../engine/fingerprint.ts';
import type { TuningCache } from '../engine/tune.ts';
import type { Backend, OpenOptions } from './backend.ts';
import { type BorrowedDevice, onLivingDevice } from './living-device.ts';

/**
 * Undefined when `gpu` (`navigator.gpu`, or Dawn's under Node) has no adapter. A device that is lost meanwhile says nothing
 * about the model or the machine: another one is opened and the work done again. Throws `UnmaskError` code `device`.
 */
export async function openWebGpuBackend(
  gpu: GPU | undefined,
  model: Pick<Model, 'arch' | 'weights'>,
  { signal, onProgress, onLost, precision, tables, recovering = false }: OpenOptions,
  tuning?: TuningCache,
): Promise<(Backend & { readonly engine: Engine }) | undefined> {
  const open = async (borrowed: BorrowedDevice) => {
    const { device } = borrowed;
    signal?.throwIfAborted();
    onProgress?.({ stage: 'upload' });
    const engine = await Engine.create(device, model, {
      signal,
      precision,
      tables,
      tuning,
      tuningBudget: TUNING_BUDGET,
    });
    if (!device.software) {
      onProgress?.({ stage: 'compile' });
      await warmUp(engine);
    }
    signal?.throwIfAborted();
    return engineBackend(engine, borrowed);
  };
  return onLivingDevice(() => borrowDevice(gpu), open, { signal, onLost, recovering });
}

/** An engine on a borrowed device as a `Backend`, which gives the device back in the end. */
export function engineBackend(
  engine: Engine,
  { device, giveBack }: BorrowedDevice,
): Backend & { readonly engine: Engine } {
  return {
    network: engine,
    engine,
    setAdapter: (adapter, weight) => engine.setAdapter(adapter, weight),
    kernels: kernelFingerprint(),
    name: 'webgpu',
    device: device.description,
    software: device.software,
    lost: device.lost.then((loss) => loss.toJSON().message),
    dispose() {
      engine.destroy();
      giveBack();
    },
  };
}

/** Milliseconds that trying kernels may take, the first time a device meets a model and a length. */
const TUNING_BUDGET = 2000;

/**
 * Kernels are tried and compiled for canvases of the usual lengths, and one question is asked, before the first run. A
 * software adapter is measured anyway.
 */
async function warmUp(engine: Engine): Promise<void> {
  const { causal, maxLength, maskId = 0 } = engine.info;
  for (const tokens of [64, 256]) await engine.warm(Math.min(tokens, maxLength));
  const draw = { seed: 0, step: 0, temperature: 0 };
  // One new row at a time is how a causal model writes, with kernels of its own for that.
  if (causal) {
    const cache = { kind: 'exact', prefix: 0 } as const;
    await engine.predict([{ ids: Int32Array.of(0), asked: Int32Array.of(1), draw, cache }], { topK: 1 });
  }
  const ids = new Int32Array(Math.min(64, maxLength)).fill(maskId);
  await engine.predict([{ ids, asked: Int32Array.of(ids.length - 1), draw }], { topK: 1 });
}

interface SharedDevice {
  readonly opening: Promise<EngineDevice>;
  users: number;
  /** Lost, destroyed or never opened: the next user opens another. */
  gone: boolean;
}

const devices = new WeakMap<GPU, SharedDevice>();
/** Where no adapter was offered the last time. */
const without = new WeakSet<GPU>();
/** Milliseconds in which a browser whose graphics process has just ended has started another. */
const RESTART = 400;

/**
 * The device in use on `gpu`, or a new one; it is destroyed when its last user gives it back. Undefined without an
 * adapter. Throws `UnmaskError` code `device` when there is one that does not open.
 */
export async function borrowDevice(gpu: GPU | undefined): Promise<BorrowedDevice | undefined> {
  if (!gpu) return undefined;
  try {
    const borrowed = await borrow(gpu);
    without.delete(gpu);
    return borrowed;
  } catch (error) {
    if (!(error instanceof NoAdapterError)) throw error;
    // The first time it may only be missing for a moment.
    if (without.has(gpu)) return undefined;
    without.add(gpu);
    await new Promise((resolve) => setTimeout(resolve, RESTART));
    return borrowDevice(gpu);
  }
}

async function borrow(gpu: GPU): Promise<BorrowedDevice> {
  let shared = devices.get(gpu);
  if (shared === undefined || shared.gone) {
    const opened: SharedDevice = { opening: openDevice(gpu), users: 0, gone: false };
    const forget = () => {
      opened.gone = true;
    };
    opened.opening.then(({ lost }) => lost.then(forget), forget);
    devices.set(gpu, opened);
    shared = opened;
  }
  const own = shared;
  own.users++;
  const device = await own.opening;
  return {
    device,
    giveBack() {
      own.users--;
      if (own.users > 0) return;
      own.gone = true;
      device.gpu.destroy();
    },
  };
}
