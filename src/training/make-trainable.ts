/** The learner that a run's settings ask for. */
import type { PackedWeights } from '../checkpoint/card-weights.ts';
import type { Model } from '../checkpoint/model.ts';
import { type AdapterSettings, adaptingOf } from './adapting.ts';
import type { Fit } from './fit.ts';
import { freezing, freezingShared } from './frozen.ts';
import { freezingPacked } from './kernels/open.ts';
import { fitFor, memoryOf, ROOM_OF_PROCESSOR, type Room, type RunMemory } from './memory.ts';
import type { Parameters } from './parameters.ts';
import type { TrainSettings } from './train-settings.ts';
import { Trainable } from './trainable.ts';

type Batch = Pick<TrainSettings, 'batch' | 'objective' | 'group'>;
type Planned = AdapterSettings & Batch & Pick<TrainSettings, 'length' | 'memory'>;

/** Rows of a batch: a pair is two, a prompt as many as are written after it. */
export function rowsOf({ batch, objective, group }: Batch): number {
  return batch * (objective === 'vrpo' ? 2 : objective === 'grpo' ? group : 1);
}

/**
 * How the steps of a run are cut up, and what it takes then. `card`: bytes of the largest buffer where it runs on one, which
 * does not say how much it has.
 */
export function planOf(
  settings: Planned,
  {
    arch,
    modelType,
    weights,
  }: Pick<Model, 'arch' | 'modelType'> & { readonly weights: Pick<Model['weights'], 'tensors'> },
  card: number | undefined,
): { readonly fit: Fit; readonly memory: RunMemory } {
  const adapting = adaptingOf(settings, { arch, modelType });
  const adapter = adapting && { learns: adapting.size, precision: adapting.precision };
  const own: Room = card === undefined ? ROOM_OF_PROCESSOR : { bytes: Number.POSITIVE_INFINITY, largest: card };
  const room = settings.memory > 0 ? { ...own, bytes: 1e6 * settings.memory } : own;
  const { length } = settings;
  const fit = fitFor(arch, weights.tensors, { rows: rowsOf(settings), length }, room, adapter);
  return { fit, memory: memoryOf(arch, weights.tensors, { ...fit, length }, adapter) };
}

interface Given {
  /** On WebGPU: bytes of the largest buffer. */
  readonly card?: number | undefined;
  /** What a checkpoint of the run kept. */
  readonly kept?: ReadonlyMap<string, Float32Array> | undefined;
  /** On WebGPU: the network's weights as the engine has packed them. */
  readonly packed?: PackedWeights | undefined;
  /** False for one that is only asked. */
  readonly learns?: boolean | undefined;
  /** On other backends: those of a network that runs there, in the precision of the run. */
  readonly shared?: Parameters | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A learner for these settings on the current tfjs backend. Throws `UnmaskError`: settings, or what reading throws. */
export async function makeTrainable(
  settings: Planned & Pick<TrainSettings, 'seed'>,
  { arch, modelType, weights }: Pick<Model, 'arch' | 'modelType' | 'weights'>,
  { kept, packed, shared, card, learns, signal }: Given = {},
): Promise<Trainable> {
  const adapting = adaptingOf(settings, { arch, modelType });
  const { fit } = planOf(settings, { arch, modelType, weights }, card);
  if (adapting === undefined) return Trainable.create(arch, weights, { fit, learns, signal });
  const { places, spec, precision } = adapting;
  const frozen = packed
    ? await freezingPacked(arch, weights, packed, { signal })
    : shared
      ? freezingShared(arch, shared)
      : await freezing(arch, weights, { precision, signal });
  const adapter = { places, dropout: spec.dropout, seed: settings.seed, start: kept };
  return Trainable.create(arch, weights, { adapter, frozen, fit, learns, signal });
}
