/** Plain tfjs on its WebGPU backend as a contestant: the forward pass of src/training, logits read back. */
import '@tensorflow/tfjs-backend-webgpu';
import { removeBackend, setBackend, tidy, transpose } from '@tensorflow/tfjs-core';
import type { ModelConfig, Weights } from '../checkpoint/model.ts';
import { deviceError } from '../engine/device.ts';
import { Geometry } from '../training/geometry.ts';
import { decode, encode } from '../training/modernbert.ts';
import { disposeParameters, loadParameters } from '../training/parameters.ts';
import { type Contestant, LogitsNetwork } from './contestant.ts';

/** In f32, the only precision tfjs has. It opens a device of its own. Throws `UnmaskError`: device. */
export async function openTfjs({
  config,
  weights,
}: {
  readonly config: ModelConfig;
  readonly weights: Weights;
}): Promise<Contestant> {
  if (!(await setBackend('webgpu'))) throw deviceError('tfjs could not open WebGPU.', '');
  const parameters = await loadParameters(weights);
  let geometry = new Geometry(config, 1);
  async function logits(ids: Int32Array, slots: Int32Array): Promise<Float32Array> {
    if (geometry.length !== ids.length) {
      geometry.dispose();
      geometry = new Geometry(config, ids.length);
    }
    const answer = tidy(() => transpose(decode(config, parameters, encode(config, parameters, geometry, ids), slots)));
    try {
      return (await answer.data()) as Float32Array;
    } finally {
      answer.dispose();
    }
  }
  const { vocabSize, maxLength } = config;
  return {
    program: 'tfjs',
    network: new LogitsNetwork({ vocabSize, maskId: config.ids.mask, maxLength }, logits),
    forward: logits,
    async dispose() {
      geometry.dispose();
      disposeParameters(parameters);
      removeBackend('webgpu');
    },
  };
}
