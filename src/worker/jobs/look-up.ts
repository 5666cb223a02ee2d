/** What a model on a hub is, how much of it is here already, and whether it fits the graphics card. */
import { offeredModels } from '../../checkpoint/hub/list.ts';
import { type HubModel, lookUpModel } from '../../checkpoint/hub/preview.ts';
import { BRIEF } from '../../checkpoint/hub/request.ts';
import { PRECISIONS, type Precision } from '../../checkpoint/precision.ts';
import { keyOf } from '../../checkpoint/store/store.ts';
import { type Fit, type FitLimits, fits } from '../../engine/fit.ts';
import { isCausal } from '../../model/arch.ts';
import { memoryHint } from '../memory-hint.ts';
import { sizesOnCard } from '../sizes.ts';
import type { Job } from './job.ts';

export const lookUpJob: Job<'lookUp'> = {
  latest: true,
  async run({ address }, { models, store, signal, emit }) {
    const model = await lookUpModel(address, { signal, patience: BRIEF });
    const { id, commit, revision, headless, bytes, parameters, tensors } = model;
    const key = keyOf({ kind: 'model', name: id, commit });
    const here = (await (await store()).list()).find((item) => item.key === key);
    // A card that will not open is told about when a model is put on it.
    const limits = await models.withDevice(async ({ gpu }) => gpu.limits).catch(() => undefined);
    const sizes = sizesOnCard(model.arch, tensors);
    const fit = limits && fitsIn(model, limits);
    const have = here?.have ?? 0;
    emit({
      kind: 'found',
      model: {
        key,
        id,
        commit,
        revision,
        headless,
        causal: isCausal(model.arch),
        bytes,
        have,
        parameters,
        sizes,
        fits: fit,
      },
    });
  },
};

export const offersJob: Job<'offers'> = {
  latest: true,
  async run({ endpoint }, { signal, emit }) {
    emit({ kind: 'offers', models: await offeredModels(endpoint, { signal, patience: BRIEF }) });
  },
};

function fitsIn({ arch, tensors }: HubModel, card: GPUSupportedLimits): Record<Precision, Fit> {
  const { maxStorageBufferBindingSize, maxBufferSize } = card;
  const limits: FitLimits = { maxStorageBufferBindingSize, maxBufferSize, memoryBytes: memoryHint() };
  return Object.fromEntries(
    PRECISIONS.map((precision) => [precision, fits(arch, tensors, precision, limits)]),
  ) as Record<Precision, Fit>;
}
