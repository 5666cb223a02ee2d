/** Adapters of the store: added to the main model, taken into a copy, taken away as a folder. */
import { mergeAdapter } from '../../checkpoint/adapter/merge.ts';
import { openAdapter } from '../../checkpoint/adapter/open.ts';
import { toFloat32 } from '../../checkpoint/half.ts';
import type { TensorInfo } from '../../checkpoint/model.ts';
import { openModel } from '../../checkpoint/open.ts';
import { memorySource } from '../../checkpoint/sources.ts';
import { modelFiles, readSurroundings } from '../../training/model-files.ts';
import { sourceOf } from '../train/source.ts';
import type { Job } from './job.ts';

export const adaptJob: Job<'adapt'> = {
  needs: () => ['main'],
  async run({ adapter, weight }, { models, emit }) {
    emit({ kind: 'adapted', adapter: await models.adapt(adapter, weight) });
  },
};

export const mergeAdapterJob: Job<'mergeAdapter'> = {
  async run({ adapter: key, weight, source, name }, { store, signal, emit }) {
    const here = await store();
    const from = await sourceOf(source, here);
    const model = await openModel(from, { id: name, signal });
    const adapter = await openAdapter(await here.source(key), model, { id: name, signal });
    const { arch, weights } = mergeAdapter(model, adapter, weight);
    const values = new Map<string, Float32Array>();
    for (const tensor of weights.tensors.keys()) {
      const { dtype } = weights.tensors.get(tensor) as TensorInfo;
      values.set(tensor, toFloat32(await weights.read(tensor, signal), dtype));
    }
    const files = modelFiles(await readSurroundings(from), arch, values, '');
    const item = await here.put(name, memorySource(files, name), [...files.keys()], { signal });
    emit({ kind: 'merged', key: item.key });
  },
};

export const zipItemJob: Job<'zipItem'> = {
  async run({ key }, { store, emit }) {
    const { zipSync } = await import('fflate');
    const here = await store();
    const [item, source] = [await here.find(key), await here.source(key)];
    const files: Record<string, Uint8Array> = {};
    for (const { name, size } of item?.files ?? []) files[name] = await source.read(name, 0, size);
    // Weights do not compress, so nothing is tried.
    emit({ kind: 'zipped', zip: zipSync(files, { level: 0 }) as Uint8Array<ArrayBuffer> });
  },
};
