/**
 * What a kernel is on this side of WebGPU: WGSL sources, joined in order, and the kinds of its bindings in group 0.
 * Sizes are `override` constants, so one source serves every model. WGSL has no #include; a kernel that needs a shared
 * snippet lists it.
 */
import { said } from '../text/said.ts';
import { gpuError } from './device.ts';

/** `params` is a uniform block chosen by dynamic offset, so that several dispatches of one pass can differ in it. */
export type Binding = 'uniform' | 'params' | 'read' | 'write';

export interface Kernel {
  readonly name: string;
  /** WGSL texts, without any substitution. */
  readonly sources: readonly string[];
  /** Kind of each binding of group 0. */
  readonly bindings: Readonly<Record<number, Binding>>;
}

export type Constants = Readonly<Record<string, number | boolean>>;

export type Workgroups = readonly [x: number, y?: number, z?: number];

/** A buffer, or a part of one. */
export type Bound = GPUBuffer | GPUBufferBinding;

interface Compiled {
  readonly module: GPUShaderModule;
  readonly layout: GPUBindGroupLayout;
  readonly pipelineLayout: GPUPipelineLayout;
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;
}

const TYPES: Record<Binding, GPUBufferBindingLayout> = {
  uniform: { type: 'uniform' },
  params: { type: 'uniform', hasDynamicOffset: true },
  read: { type: 'read-only-storage' },
  write: { type: 'storage' },
};

/** Compiles each kernel once per set of constants. */
export class Kernels {
  readonly #gpu: GPUDevice;
  readonly #compiled = new Map<Kernel, Compiled>();

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  /** Throws `UnmaskError` code `device` when the driver cannot compile it. */
  pipeline(kernel: Kernel, constants: Constants): Promise<GPUComputePipeline> {
    const { module, pipelineLayout, pipelines } = this.#compile(kernel);
    const key = JSON.stringify(constants);
    let pipeline = pipelines.get(key);
    if (!pipeline) {
      const numbers = Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, Number(value)]));
      pipeline = this.#gpu
        .createComputePipelineAsync({
          label: kernel.name,
          layout: pipelineLayout,
          compute: { module, entryPoint: 'main', constants: numbers },
        })
        .catch((cause) => {
          pipelines.delete(key);
          throw gpuError(said`compiling the ${kernel.name} kernel`, cause);
        });
      pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  bindGroup(kernel: Kernel, buffers: Readonly<Record<number, Bound>>): GPUBindGroup {
    const entries = Object.entries(buffers).map(([binding, bound]) => ({
      binding: Number(binding),
      resource: 'buffer' in bound ? bound : { buffer: bound },
    }));
    return this.#gpu.createBindGroup({ label: kernel.name, layout: this.#compile(kernel).layout, entries });
  }

  #compile(kernel: Kernel): Compiled {
    let compiled = this.#compiled.get(kernel);
    if (!compiled) {
      const layout = this.#gpu.createBindGroupLayout({
        label: kernel.name,
        entries: Object.entries(kernel.bindings).map(([binding, kind]) => ({
          binding: Number(binding),
          visibility: GPUShaderStage.COMPUTE,
          buffer: TYPES[kind],
        })),
      });
      compiled = {
        module: this.#gpu.createShaderModule({ label: kernel.name, code: kernel.sources.join('\n') }),
        layout,
        pipelineLayout: this.#gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
        pipelines: new Map(),
      };
      this.#compiled.set(kernel, compiled);
    }
    return compiled;
  }
}

const ofDevices = new WeakMap<GPUDevice, Kernels>();

/** The kernels of a device: what one model had compiled, the next one there need not wait for. */
export function kernelsOf(gpu: GPUDevice): Kernels {
  let kernels = ofDevices.get(gpu);
  if (!kernels) {
    kernels = new Kernels(gpu);
    ofDevices.set(gpu, kernels);
  }
  return kernels;
}

/** What a dispatch must compute and move at the least: each operand read once, each result written once. */
export interface Work {
  readonly flops: number;
  readonly bytes: number;
}

/** One recorded call of a kernel. */
export interface Dispatch {
  readonly name: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: Workgroups;
  /** Dynamic offset of each `params` binding. */
  readonly offsets?: readonly number[];
  /** For the profile; absent where it is negligible. */
  readonly work?: Work | undefined;
}

export function encode(pass: GPUComputePassEncoder, dispatch: Dispatch): void {
  pass.setPipeline(dispatch.pipeline);
  pass.setBindGroup(0, dispatch.bindGroup, dispatch.offsets ?? []);
  pass.dispatchWorkgroups(...dispatch.workgroups);
}
