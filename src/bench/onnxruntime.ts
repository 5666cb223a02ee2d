/**
 * ONNX Runtime's WebGPU provider as a contestant: the graph of onnx/network.ts, logits read back, in one of the forms
 * of names.ts.
 */

import { env, InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import type { Weights } from '../checkpoint/model.ts';
import { WEIGHTS_FILE } from '../checkpoint/onnx/graph.ts';
import { deviceError, FEATURES, LIMITS } from '../engine/device.ts';
import type { Arch } from '../model/arch.ts';
import { type Contestant, LogitsNetwork } from './contestant.ts';
import type { Form, Precision } from './names.ts';
import { exportNetwork } from './onnx/network.ts';

/** For canvases of up to `maxLength` tokens. It opens a device of its own. Throws what it throws. */
export async function openOnnxRuntime(
  { arch, weights }: { readonly arch: Arch; readonly weights: Weights },
  precision: Precision,
  maxLength: number,
  form: Form,
): Promise<Contestant> {
  env.wasm.numThreads = 1; // for the few operators on the processor; threads need a page of special headers
  env.logLevel = 'error';
  env.webgpu.powerPreference = 'high-performance';
  const { graph, weights: data } = await exportNetwork(
    arch,
    weights,
    precision,
    maxLength,
    form === 'plain' ? 'plain' : 'fused',
  );
  const device = form === 'withoutSubgroups' ? await deviceWithoutSubgroups() : undefined;
  const session = await InferenceSession.create(graph, {
    executionProviders: [device ? { name: 'webgpu', device } : 'webgpu'],
    externalData: [{ path: WEIGHTS_FILE, data }],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  async function logits(ids: Int32Array, slots: Int32Array): Promise<Float32Array> {
    const answer = await session.run({
      ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      rows: new Tensor('int64', BigInt64Array.from(slots, BigInt), [slots.length]),
    });
    return answer['logits']?.data as Float32Array;
  }
  const { vocab: vocabSize } = arch;
  return {
    program: 'onnxruntime',
    network: new LogitsNetwork({ vocabSize, maskId: arch.ids.mask, maxLength }, logits),
    forward: logits,
    async dispose() {
      await session.release();
      device?.destroy();
    },
  };
}

/** A device as ONNX Runtime would ask for it, but for the one feature. Throws `UnmaskError`: device. */
async function deviceWithoutSubgroups(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw deviceError('WebGPU found no graphics adapter.', '');
  return adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => feature !== 'subgroups' && adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  });
}
