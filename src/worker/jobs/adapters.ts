/** Adapters of the store: added to the main model, taken into a copy, taken away as a folder. */
import { mergeAdapter } from '../../checkpoint/adapter/merge.ts';
import { openAdapter } from '../../checkpoint/adapter/open.ts';
import { CHAT_TEMPLATE_FILE } from '../../checkpoint/chat-template.ts';
import { toFloat32 } from '../../checkpoint/half.ts';
import type { FileSource, TensorInfo } from '../../checkpoint/model.ts';
import { openModel } from '../../checkpoint/open.ts';
import { memorySource } from '../../checkpoint/sources.ts';
import { modelFiles, readSurroundings } from '../../training/model-files.ts';
import { sourceOf } from '../train/source.ts';
import type { Job } from './job.ts';

export const adaptJob: Job<'adapt'> = {
  needs: () => ['main'],
  changes: ['main'],
  async run({ adapter, weight }, { models, emit }) {
    const inUse = await models.adapt(adapter, weight);
    emit({ kind: 'adapted', adapter: inUse, chat: models.require().model.chat ?? false });
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
    // As the base is stored, as PEFT's own merge does; a decoder of its own is what the table was.
    const dtypeOf = (tensor: string) =>
      (model.weights.tensors.get(tensor) ?? (model.weights.tensors.get('embeddings') as TensorInfo)).dtype;
    const around = new Map([...(await readSurroundings(from)), ...(await templateOf(await here.source(key)))]);
    const files = modelFiles(around, arch, values, '', dtypeOf);
    const item = await here.put(name, memorySource(files, name), [...files.keys()], { signal });
    emit({ kind: 'merged', key: item.key });
  },
};

/** The chat template that an adapter brings, if it does. */
async function templateOf(adapter: FileSource): Promise<readonly (readonly [string, Uint8Array<ArrayBuffer>])[]> {
  const bytes = await adapter.readAll(CHAT_TEMPLATE_FILE);
  return bytes instanceof Uint8Array ? [[CHAT_TEMPLATE_FILE, bytes]] : [];
}

/** Bytes that are zipped at a time. */
const PIECE = 2 ** 22;

export const zipItemJob: Job<'zipItem'> = {
  async run({ key }, { store, signal, emit, yieldToEvents }) {
    const { Zip, ZipPassThrough } = await import('fflate');
    const here = await store();
    const [item, source] = [await here.find(key), await here.source(key)];
    const parts: Blob[] = [];
    const zip = new Zip((error, chunk) => {
      if (error) throw error;
      parts.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
    });
    for (const { name, size } of item?.files ?? []) {
      // Weights do not compress, so nothing is tried.
      const entry = new ZipPassThrough(name);
      zip.add(entry);
      for (let from = 0; from === 0 || from < size; from += PIECE) {
        const to = Math.min(size, from + PIECE);
        entry.push(await source.read(name, from, to), to === size);
        await yieldToEvents();
        signal.throwIfAborted();
      }
    }
    zip.end();
    emit({ kind: 'zipped', zip: new Blob(parts, { type: 'application/zip' }) });
  },
};
