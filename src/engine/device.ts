/**
 * The one GPU device of the program. Engine and trainer share it, so that weights can move between them without leaving
 * the card. Everything useful that the adapter offers is asked for at once, because a device cannot be widened later.
 */

import { UnmaskError } from '../diffusion/error.ts';
import { said, type Text } from '../text/said.ts';

export interface EngineDevice {
  readonly gpu: GPUDevice;
  /** For people, such as "apple metal-3" or "SwiftShader". */
  readonly description: string;
  /** True when the "card" is the processor: correct, but slow. */
  readonly software: boolean;
  /** Counts the devices opened by this program, from 1: buffers of another generation are gone. */
  readonly generation: number;
  /** Resolves when the device is gone, also after `destroy()`. */
  readonly lost: Promise<UnmaskError>;
}

/** Asked for where the adapter has them. */
export const FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

/** Raised to what the adapter allows. */
export const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupsPerDimension',
] as const;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render|warp/i;

const NO_WEBGPU = 'Use a recent Chrome, Edge, Safari or Firefox on a machine with a graphics card.';

let generation = 0;

/** There is no WebGPU here, or no adapter for it: a reason to go another way, where one that does not open is a fault. */
export class NoAdapterError extends UnmaskError {
  constructor(message: string) {
    super({ code: 'device', message, remedy: NO_WEBGPU });
  }
}

/** Opens a device on the fastest adapter. Throws `NoAdapterError` when there is none, or `UnmaskError` code `device`. */
export async function openDevice(gpu: GPU | undefined): Promise<EngineDevice> {
  if (!gpu) throw new NoAdapterError('This browser has no WebGPU.');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new NoAdapterError('WebGPU found no graphics adapter.');
  const requiredFeatures = FEATURES.filter((feature) => adapter.features.has(feature));
  const requiredLimits = Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice({ label: 'unmask', requiredFeatures, requiredLimits });
  } catch (cause) {
    throw deviceError(said`The graphics adapter refused to open: ${messageOf(cause)}`, 'Reload the page.', cause);
  }
  const { vendor, architecture, device: card, description } = adapter.info;
  const names = [vendor, architecture, card, description].join(' ');
  return {
    gpu: device,
    description: description || [vendor, architecture].filter(Boolean).join(' ') || 'unknown adapter',
    // `isFallbackAdapter` moved from the adapter to its info; older browsers have it in neither place.
    software: adapter.info.isFallbackAdapter === true || SOFTWARE.test(names),
    generation: ++generation,
    lost: device.lost.then(({ reason, message }) =>
      reason === 'destroyed'
        ? deviceError('The graphics device was closed.', 'Load the model again.')
        : deviceError(said`The graphics device was lost: ${message}`, 'Load the model again.'),
    ),
  };
}

/**
 * Runs synchronous GPU calls and resolves when the driver has accepted them. WebGPU reports failures out of band; error
 * scopes bring them back to the call that caused them. `doing` completes "… failed while <doing>".
 */
export async function guarded<T>(gpu: GPUDevice, doing: Text, work: () => T): Promise<T> {
  const filters: readonly GPUErrorFilter[] = ['validation', 'out-of-memory', 'internal'];
  for (const filter of filters) gpu.pushErrorScope(filter);
  let result: T | undefined;
  let thrown: { cause: unknown } | undefined;
  try {
    result = work();
  } catch (cause) {
    thrown = { cause };
  }
  // Scopes are popped in the same task as they were pushed, so other users of the device never see them.
  const popped = filters.map(() => gpu.popErrorScope());
  let errors: (GPUError | null)[];
  try {
    errors = await Promise.all(popped);
  } catch (cause) {
    throw deviceError(said`The graphics device was lost while ${doing}.`, 'Load the model again.', cause);
  }
  if (thrown) throw thrown.cause instanceof UnmaskError ? thrown.cause : gpuError(doing, thrown.cause);
  const error = errors.find((found) => found !== null);
  if (error) throw gpuError(doing, error);
  return result as T;
}

export function deviceError(message: Text, remedy: string, cause?: unknown): UnmaskError {
  return new UnmaskError({ code: 'device', message, remedy }, { cause });
}

/** A failed GPU call in words. */
export function gpuError(doing: Text, cause: unknown): UnmaskError {
  if (cause instanceof Error && cause.name === 'AbortError') {
    return deviceError(said`The graphics device was lost while ${doing}.`, 'Load the model again.', cause);
  }
  if (typeof GPUOutOfMemoryError !== 'undefined' && cause instanceof GPUOutOfMemoryError) {
    const remedy = 'Choose a smaller model or a shorter canvas, or close other programs that use the graphics card.';
    return deviceError(said`The graphics card has too little memory; it ran out while ${doing}.`, remedy, cause);
  }
  return deviceError(
    said`The graphics card failed while ${doing}: ${messageOf(cause)}`,
    'Load the model again.',
    cause,
  );
}

function messageOf(cause: unknown): string {
  const message = (cause as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : String(cause);
}
