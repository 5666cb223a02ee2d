/**
 * Plain tfjs as people install it (`@tensorflow/tfjs`), on its WebGPU backend, as a contestant: the forward pass of
 * src/training, logits read back.
 */
import { findBackendFactory, registerBackend, removeBackend, setBackend, tidy, transpose } from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import type { Weights } from '../checkpoint/model.ts';
import { deviceError } from '../engine/device.ts';
import type { Arch } from '../model/arch.ts';
import { Geometry } from '../training/geometry.ts';
import { decode, encode } from '../training/network.ts';
import { disposeParameters, loadParameters } from '../training/parameters.ts';
import { type Contestant, LogitsNetwork } from './contestant.ts';

/** Removing a backend takes away how it is made, too. */
const makeWebGpu = findBackendFactory('webgpu');

/** In f32, the only precision tfjs has. It opens a device of its own. Throws `UnmaskError`: device. */
export async function openTfjs({
  arch,
  weights,
}: {
  readonly arch: Arch;
  readonly weights: Weights;
}): Promise<Contestant> {
  if (!findBackendFactory('webgpu')) registerBackend('webgpu', makeWebGpu);
  if (!(await setBackend('webgpu'))) throw deviceError('tfjs could not open WebGPU.', '');
  const parameters = await loadParameters(arch, weights);
  let geometry = new Geometry(1);
  async function logits(ids: Int32Array, slots: Int32Array): Promise<Float32Array> {
    if (geometry.length !== ids.length) {
      geometry.dispose();
      geometry = new Geometry(ids.length);
    }
    const answer = tidy(() => transpose(decode(arch, parameters, encode(arch, parameters, geometry, ids), slots)));
    try {
      return (await answer.data()) as Float32Array;
    } finally {
      answer.dispose();
    }
  }
  const { vocab: vocabSize, maxLength } = arch;
  return {
    program: 'tfjs',
    network: new LogitsNetwork({ vocabSize, maskId: arch.ids.mask, maxLength }, logits),
    forward: logits,
    async dispose() {
      geometry.dispose();
      disposeParameters(parameters);
      removeBackend('webgpu');
    },
  };
}
