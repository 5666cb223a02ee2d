/**
 * A network's weights packed on the card, for everybody there who computes with them: an engine, and a trainer for which
 * they are the base that does not learn. They lie there once.
 */
import type { PackedTensor, PackedWeights } from '../checkpoint/card-weights.ts';
import type { Weights } from '../checkpoint/model.ts';
import type { Arch } from '../model/arch.ts';
import type { EngineDevice } from './device.ts';
import { MAX_HEAD } from './kernels/attention.ts';
import { Memory } from './memory.ts';
import { DTYPE_CODE, PANEL, panelCount, strideOf } from './pack.ts';
import { checkSupported, type GpuModel, type Linear, type TokenPart, uploadModel } from './upload.ts';
import type { UploadOptions } from './uploader.ts';

export class PackedBase implements PackedWeights {
  readonly arch: Arch;
  readonly model: GpuModel;
  readonly device: EngineDevice;
  readonly #memory: Memory;
  #users = 1;

  private constructor(device: EngineDevice, arch: Arch, model: GpuModel, memory: Memory) {
    this.device = device;
    this.arch = arch;
    this.model = model;
    this.#memory = memory;
  }

  /** Uploads the weights in the precision asked for. Throws `UnmaskError` code `device`, or what reading them throws. */
  static async create(
    device: EngineDevice,
    { arch, weights }: { readonly arch: Arch; readonly weights: Weights },
    options: UploadOptions = {},
  ): Promise<PackedBase> {
    checkSupported(arch, MAX_HEAD);
    const { gpu } = device;
    const memory = new Memory(gpu);
    try {
      return new PackedBase(device, arch, await uploadModel(gpu, memory, arch, weights, options), memory);
    } catch (error) {
      memory.destroy();
      throw error;
    }
  }

  get bytes(): number {
    return this.#memory.bytes;
  }

  /** By the names of `parameters(arch)`; vectors and added tables are not among them. */
  get packed(): ReadonlyMap<string, PackedTensor> {
    const { model, arch } = this;
    const tensors = new Map<string, PackedTensor>([['embeddings', tableOf(arch, model.embeddings)]]);
    for (const [i, { qkv, attnOut, mlpIn, mlpOut }] of model.layers.entries()) {
      for (const [name, linear] of Object.entries({ qkv, attnOut, mlpIn, mlpOut })) {
        tensors.set(`layers.${i}.${name}`, matrixOf(linear));
      }
    }
    if (model.dense) tensors.set('head.dense', matrixOf(model.dense));
    if (!arch.tied) tensors.set('decoder', tableOf(arch, model.decoder));
    return tensors;
  }

  /** For one more user, who destroys it, too: the buffers go with the last one. */
  share(): this {
    this.#users++;
    return this;
  }

  destroy(): void {
    this.#users--;
    if (this.#users === 0) this.#memory.destroy();
  }
}

function matrixOf({ matrix }: Linear): PackedTensor {
  const { rows, columns, dtype, buffer, rowOrder, columnOrder } = matrix;
  const stored = (order: Int32Array | undefined, count: number) =>
    order === undefined ? count : order.reduce((most, each) => Math.max(most, each + 1), 0);
  return {
    shape: [stored(rowOrder, rows), stored(columnOrder, columns)],
    parts: [{ buffer, first: 0, rows: PANEL * panelCount({ rows }) }],
    stride: strideOf(columns),
    dtype: DTYPE_CODE[dtype],
    rowOrder,
    columnOrder,
  };
}

function tableOf({ vocab, width }: Arch, parts: readonly TokenPart[]): PackedTensor {
  const [{ dtype }] = parts as readonly [TokenPart];
  return { shape: [vocab, width], parts, stride: strideOf(width), dtype: DTYPE_CODE[dtype] };
}
