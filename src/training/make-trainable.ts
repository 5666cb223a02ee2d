/** The learner that a run's settings ask for. */
import type { PackedWeights } from '../checkpoint/card-weights.ts';
import type { Model } from '../checkpoint/model.ts';
import { type AdapterSettings, adaptingOf } from './adapting.ts';
import { freezing } from './frozen.ts';
import { freezingPacked } from './kernels/open.ts';
import type { TrainSettings } from './train-settings.ts';
import { Trainable } from './trainable.ts';

interface Given {
  /** What a checkpoint of the run kept. */
  readonly kept?: ReadonlyMap<string, Float32Array> | undefined;
  /** On WebGPU: the network's weights as the engine has packed them. */
  readonly packed?: PackedWeights | undefined;
  /** False for one that is only asked. */
  readonly learns?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A learner for these settings on the current tfjs backend. Throws `UnmaskError`: settings, or what reading throws. */
export async function makeTrainable(
  settings: AdapterSettings & Pick<TrainSettings, 'seed'>,
  { arch, modelType, weights }: Pick<Model, 'arch' | 'modelType' | 'weights'>,
  { kept, packed, learns, signal }: Given = {},
): Promise<Trainable> {
  const adapting = adaptingOf(settings, { arch, modelType });
  if (adapting === undefined) return Trainable.create(arch, weights, { learns, signal });
  const { places, spec, precision } = adapting;
  const frozen = packed
    ? await freezingPacked(arch, weights, packed, { signal })
    : await freezing(arch, weights, { precision, signal });
  const adapter = { places, dropout: spec.dropout, seed: settings.seed, start: kept };
  return Trainable.create(arch, weights, { adapter, frozen, learns, signal });
}
