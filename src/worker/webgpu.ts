/** Our WebGPU engine as a `Backend`. */
import type { Model } from '../checkpoint/model.ts';
import type { Backend, OpenOptions } from './backend.ts';

/** Undefined when the browser has no adapter. */
export async function openWebGpuBackend(
  _gpu: GPU | undefined,
  _model: Model,
  _options: OpenOptions,
): Promise<Backend | undefined> {
  return undefined;
}
