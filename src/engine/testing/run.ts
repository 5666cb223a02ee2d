/** Runs one kernel on arrays, for tests. */
import { guarded } from '../device.ts';
import { type Constants, encode, type Kernel, kernelsOf, type Workgroups } from '../kernel.ts';

type Data = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/**
 * Dispatches `kernel` once with these arrays as its bindings and returns the contents of the asked binding afterwards.
 * Pipelines are kept per device.
 */
export async function runKernel(
  gpu: GPUDevice,
  kernel: Kernel,
  constants: Constants,
  data: Readonly<Record<number, Data>>,
  workgroups: Workgroups,
  output: number,
): Promise<ArrayBuffer> {
  const kernels = kernelsOf(gpu);
  const pipeline = await kernels.pipeline(kernel, constants);
  const made: GPUBuffer[] = [];
  const make = (bytes: number, usage: number): GPUBuffer => {
    const buffer = gpu.createBuffer({ size: Math.max(16, bytes), usage });
    made.push(buffer);
    return buffer;
  };
  const readback = await guarded(gpu, `testing ${kernel.name}`, () => {
    const bound: Record<number, GPUBuffer> = {};
    for (const [binding, kind] of Object.entries(kernel.bindings)) {
      const uniform = kind === 'uniform' || kind === 'params';
      const usage = uniform ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
      const values = data[Number(binding)] ?? new Float32Array(4);
      const buffer = make(uniform ? 256 : values.byteLength, usage | GPUBufferUsage.COPY_DST);
      gpu.queue.writeBuffer(buffer, 0, values);
      bound[Number(binding)] = buffer;
    }
    const source = bound[output] as GPUBuffer;
    const target = make(source.size, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const offsets = Object.values(kernel.bindings).includes('params') ? [0] : [];
    encode(pass, { name: kernel.name, pipeline, bindGroup: kernels.bindGroup(kernel, bound), workgroups, offsets });
    pass.end();
    encoder.copyBufferToBuffer(source, 0, target, 0, source.size);
    gpu.queue.submit([encoder.finish()]);
    return target;
  });
  await readback.mapAsync(GPUMapMode.READ);
  const result = readback.getMappedRange().slice(0);
  for (const buffer of made) buffer.destroy();
  return result;
}
