/**
 * AdamW on the card: weights, gradients and moments each lie end to end in few flat buffers (one, unless a binding is too
 * small for the model), so that the norm of the gradient and the update are a handful of dispatches. Between the flat
 * buffers and tfjs's tensors the card copies; nothing passes through JavaScript.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import adamwSource from '../../../shaders/train_adamw.wgsl?raw';
import clipSource from '../../../shaders/train_clip.wgsl?raw';
import squaresSource from '../../../shaders/train_squares.wgsl?raw';
import { type AdamW, type Moments, updateScales } from '../adamw.ts';
import { decays, type Held, type Optimiser } from '../optimiser.ts';
import type { Parameters } from '../parameters.ts';
import { allocate, buffer, command, device, Float, type Kernel, readBuffer, run, submit, written } from './run.ts';

const squares: Kernel = { name: 'train squares', sources: [squaresSource] };
const clip: Kernel = { name: 'train clip', sources: [clipSource] };
const adamw: Kernel = { name: 'train adamw', sources: [adamwSource] };

/** Numbers of one workgroup of `squares` (long shares: a sum within a workgroup waits) and of `adamw`. */
const SQUARES = 32_768;
const UPDATES = 4096;

/** Tensors that share buffers: those that decay, then the others. */
interface Group {
  readonly places: ReadonlyMap<string, { readonly start: number; readonly size: number }>;
  readonly size: number;
  readonly decaying: number;
  readonly parameter: GPUBuffer;
  readonly gradient: GPUBuffer;
  readonly first: GPUBuffer;
  readonly second: GPUBuffer;
}

export class GpuOptimiser implements Optimiser {
  readonly #parameters: Parameters;
  readonly #groups: readonly Group[];
  readonly #sums: GPUBuffer;
  #steps = 0;

  /** Writes into the tensors of `parameters` at every update. `most`: numbers of one buffer. */
  constructor(parameters: Parameters, most = largest()) {
    this.#parameters = parameters;
    this.#groups = grouped(parameters, most);
    this.#sums = make(this.#groups.reduce((sum, { size }) => sum + Math.ceil(size / SQUARES), 0));
    this.#copy((group, tensor, flat, bytes, encoder) =>
      encoder.copyBufferToBuffer(tensor, 0, group.parameter, flat, bytes),
    );
  }

  get steps(): number {
    return this.#steps;
  }

  get bytes(): number {
    return this.#groups.reduce((sum, { size }) => sum + 4 * 4 * size, this.#sums.size);
  }

  async apply(gradients: Parameters, how: AdamW): Promise<number> {
    this.#copy(
      (group, tensor, flat, bytes, encoder) => encoder.copyBufferToBuffer(tensor, 0, group.gradient, flat, bytes),
      gradients,
    );
    let sums = 0;
    for (const { gradient, size } of this.#groups) {
      const share = Math.ceil(size / SQUARES);
      run(squares, { params: [size, sums], bindings: [gradient, this.#sums], workgroups: [share] });
      sums += share;
    }
    const answer = allocate([2]);
    run(clip, { params: [sums, new Float(how.clip)], bindings: [this.#sums, answer], workgroups: [1] });
    const { stepSize, rootCorrection } = updateScales(how, this.#steps + 1);
    const { lr, weightDecay, beta1, beta2, eps } = how;
    const scales = [1 - lr * weightDecay, beta1, beta2, eps, stepSize, rootCorrection].map((each) => new Float(each));
    for (const { gradient, parameter, first, second, size, decaying } of this.#groups) {
      run(adamw, {
        params: [size, decaying, ...scales],
        bindings: [gradient, answer, parameter, first, second],
        workgroups: [Math.ceil(size / UPDATES)],
      });
    }
    this.#copy((group, tensor, flat, bytes, encoder) =>
      encoder.copyBufferToBuffer(group.parameter, flat, tensor, 0, bytes),
    );
    for (const tensor of this.#parameters.values()) written(tensor);
    const norm = (await answer.data())[0] as number;
    answer.dispose();
    if (Number.isFinite(norm)) this.#steps++;
    return norm;
  }

  async read(): Promise<Map<string, Held>> {
    const held = new Map<string, Held>();
    for (const { places, ...flat } of this.#groups) {
      const buffers = [];
      for (const each of [flat.parameter, flat.first, flat.second])
        buffers.push(new Float32Array(await readBuffer(each)));
      for (const [name, { start, size }] of places) {
        const [parameter, first, second] = buffers.map((values) => values.slice(start, start + size));
        held.set(name, { parameter, first, second } as Held);
      }
    }
    return held;
  }

  restore(steps: number, moments: (name: string) => Moments): void {
    this.#steps = steps;
    submit();
    for (const { places, first, second } of this.#groups) {
      for (const [name, { start }] of places) {
        const wanted = moments(name);
        device().queue.writeBuffer(first, 4 * start, wanted.first as Float32Array<ArrayBuffer>);
        device().queue.writeBuffer(second, 4 * start, wanted.second as Float32Array<ArrayBuffer>);
      }
    }
  }

  dispose(): void {
    submit();
    for (const { parameter, gradient, first, second } of this.#groups) {
      for (const each of [parameter, gradient, first, second]) each.destroy();
    }
    this.#sums.destroy();
  }

  /** Where the weights of a tensor lie, in the layout of `Parameters`, once everything recorded has been submitted. */
  place(name: string): { readonly buffer: GPUBuffer; readonly start: number } {
    for (const { places, parameter } of this.#groups) {
      const found = places.get(name);
      if (found !== undefined) return { buffer: parameter, start: found.start };
    }
    throw new Error(`The optimiser has no tensor "${name}".`);
  }

  /** Records a copy for every tensor: `flat` is where its bytes begin in the group's buffers. */
  #copy(
    record: (group: Group, tensor: GPUBuffer, flat: number, bytes: number, encoder: GPUCommandEncoder) => void,
    tensors: Parameters = this.#parameters,
  ): void {
    for (const group of this.#groups) {
      for (const [name, { start, size }] of group.places) {
        const tensor = buffer(tensors.get(name) as Tensor);
        command((encoder) => record(group, tensor, 4 * start, 4 * size, encoder));
      }
    }
  }
}

function largest(): number {
  const { maxStorageBufferBindingSize, maxBufferSize } = device().limits;
  return Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / 4);
}

/** Fills buffers of at most `most` numbers one after the other. */
function grouped(parameters: Parameters, most: number): Group[] {
  const lists: [string, Tensor][][] = [];
  let room = 0;
  for (const entry of parameters) {
    const { size } = entry[1];
    if (lists.length === 0 || size > room) {
      lists.push([]);
      room = most;
    }
    lists.at(-1)?.push(entry);
    room -= size;
  }
  return lists.map((list) => {
    const places = new Map<string, { start: number; size: number }>();
    let size = 0;
    let decaying = 0;
    for (const decay of [true, false]) {
      for (const [name, tensor] of list) {
        if (decays(tensor) !== decay) continue;
        places.set(name, { start: size, size: tensor.size });
        size += tensor.size;
      }
      if (decay) decaying = size;
    }
    const [parameter, gradient, first, second] = [make(size), make(size), make(size), make(size)];
    return { places, size, decaying, parameter, gradient, first, second };
  });
}

/** New buffers are zeros. */
function make(numbers: number): GPUBuffer {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  return device().createBuffer({ label: 'train', size: Math.max(4, 4 * numbers), usage });
}
