/** What a model on a hub is, and how much of it is here already. */
import { lookUpModel } from '../../checkpoint/hub/preview.ts';
import { BRIEF } from '../../checkpoint/hub/request.ts';
import { keyOf } from '../../checkpoint/store/store.ts';
import { sizesOnCard } from '../sizes.ts';
import type { Job } from './job.ts';

export const lookUpJob: Job<'lookUp'> = {
  usesDevice: false,
  needsNoModel: true,
  stops: (_, other) => other.kind === 'lookUp',
  async run({ address }, { store, signal, emit }) {
    const { id, commit, bytes, parameters, tensors } = await lookUpModel(address, { signal, patience: BRIEF });
    const key = keyOf({ kind: 'model', name: id, commit });
    const here = (await (await store()).list()).find((item) => item.key === key);
    const sizes = sizesOnCard(tensors);
    emit({ kind: 'found', model: { key, id, commit, bytes, have: here?.have ?? 0, parameters, sizes } });
  },
};
