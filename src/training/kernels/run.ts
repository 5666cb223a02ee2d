/**
 * Own WGSL inside tfjs's WebGPU queue: kernels read and write the buffers of tensors, and are recorded in the command
 * encoder that tfjs is filling, so that nothing is submitted or waited for in between. tfjs has no public door for
 * kernels with several answers; the members used here are those its own kernels use (backend_webgpu.ts, 4.22).
 */
import { backend, engine, type Rank, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';

/** WGSL files, joined in order, with one entry point `main`. */
export interface Kernel {
  readonly name: string;
  readonly sources: readonly string[];
}

export interface Run {
  /** Values of `override` constants. */
  readonly constants?: Readonly<Record<string, number>>;
  /** Words of the uniform block at binding 0, when the kernel has one: whole numbers, of 32 bits with or without a sign, and `Float`. */
  readonly params?: readonly (number | Float)[];
  /** What stands at the bindings after that, in order. */
  readonly bindings: readonly (Tensor | GPUBuffer)[];
  readonly workgroups: readonly [number, number?, number?];
}

export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** What we use of tfjs's backend. */
interface Tfjs {
  readonly device: GPUDevice;
  readonly bufferManager: { acquireBuffer(size: number, usage: number): GPUBuffer };
  readonly tensorMap: { get(id: object): { resource?: GPUBuffer; values?: unknown } };
  readonly commandEncoder: GPUCommandEncoder;
  computePassEncoder: GPUComputePassEncoder | null;
  readonly commandQueueOwnedIds: WeakSet<object>;
  readonly uniformPendingDisposal: GPUBuffer[];
  dispatchCountInPass: number;
  makeTensorInfo(shape: number[], dtype: 'float32'): TensorInfo;
  uploadToGPU(id: object): void;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  getBufferData(buffer: GPUBuffer): Promise<ArrayBuffer>;
}

const BATCH = 64;
/** Bytes of new tensors after which is submitted as well: only then does tfjs use the buffers of old ones again. */
const MOST_WAITING = 2 ** 25;

const waiting = new WeakMap<GPUDevice, number>();

const pipelines = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>();

export function device(): GPUDevice {
  return tfjs().device;
}

/** A float32 tensor on the card whose contents are undefined. */
export function allocate<R extends Rank>(shape: number[]): Tensor<R> {
  const queue = tfjs();
  const bytes = 4 * shape.reduce((product, each) => product * each, 1);
  waiting.set(queue.device, (waiting.get(queue.device) ?? 0) + bytes);
  const info = queue.makeTensorInfo(shape, 'float32');
  return engine().makeTensorFromTensorInfo(info) as Tensor<R>;
}

/** Records one dispatch. */
export function run(kernel: Kernel, { constants = {}, params, bindings, workgroups }: Run): void {
  const queue = tfjs();
  const resources = bindings.map((each) => buffer(each));
  if (params !== undefined) resources.unshift(uniform(queue, params));
  const pipeline = compiled(queue.device, kernel, constants);
  const bindGroup = queue.device.createBindGroup({
    label: kernel.name,
    layout: pipeline.getBindGroupLayout(0),
    entries: resources.map((resource, binding) => ({ binding, resource: { buffer: resource } })),
  });
  queue.ensureCommandEncoderReady();
  queue.computePassEncoder ??= queue.commandEncoder.beginComputePass();
  queue.computePassEncoder.setPipeline(pipeline);
  queue.computePassEncoder.setBindGroup(0, bindGroup);
  queue.computePassEncoder.dispatchWorkgroups(...workgroups);
  queue.dispatchCountInPass++;
  if (queue.dispatchCountInPass >= BATCH || (waiting.get(queue.device) ?? 0) > MOST_WAITING) submit();
}

/** Records copies and clears, which stand between passes. */
export function command(record: (encoder: GPUCommandEncoder) => void): void {
  const queue = tfjs();
  queue.ensureCommandEncoderReady();
  queue.endComputePassEncoder();
  record(queue.commandEncoder);
}

/** Hands everything recorded so far to the card. */
export function submit(): void {
  const queue = tfjs();
  queue.ensureCommandEncoderReady();
  queue.endComputePassEncoder();
  queue.submitQueue();
  waiting.set(queue.device, 0);
}

/** The buffer of a tensor; tfjs keeps it as it is until what has been recorded is submitted. */
export function buffer(of: Tensor | GPUBuffer): GPUBuffer {
  if (!('dataId' in of)) return of;
  const queue = tfjs();
  queue.uploadToGPU(of.dataId);
  queue.commandQueueOwnedIds.add(of.dataId);
  return queue.tensorMap.get(of.dataId).resource as GPUBuffer;
}

/** The tensor's buffer was written by a command: what tfjs remembers of its values is out of date. */
export function written(tensor: Tensor): void {
  const data = tfjs().tensorMap.get(tensor.dataId);
  data.values = null;
}

export function readBuffer(of: GPUBuffer): Promise<ArrayBuffer> {
  return tfjs().getBufferData(of);
}

function tfjs(): Tfjs {
  return backend() as unknown as Tfjs;
}

function uniform(queue: Tfjs, params: readonly (number | Float)[]): GPUBuffer {
  const words = new DataView(new ArrayBuffer(Math.ceil(params.length / 4) * 16));
  for (const [i, each] of params.entries()) {
    if (each instanceof Float) words.setFloat32(4 * i, each.value, true);
    else words.setInt32(4 * i, each, true);
  }
  const block = queue.bufferManager.acquireBuffer(words.byteLength, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  queue.device.queue.writeBuffer(block, 0, words.buffer);
  queue.uniformPendingDisposal.push(block);
  return block;
}

function compiled(gpu: GPUDevice, kernel: Kernel, constants: Readonly<Record<string, number>>): GPUComputePipeline {
  const known = pipelines.get(gpu) ?? new Map<string, GPUComputePipeline>();
  pipelines.set(gpu, known);
  const key = kernel.name + JSON.stringify(constants);
  let pipeline = known.get(key);
  if (pipeline === undefined) {
    const module = gpu.createShaderModule({ label: kernel.name, code: kernel.sources.join('\n') });
    pipeline = gpu.createComputePipeline({
      label: kernel.name,
      layout: 'auto',
      compute: { module, entryPoint: 'main', constants: { ...constants } },
    });
    known.set(key, pipeline);
  }
  return pipeline;
}
