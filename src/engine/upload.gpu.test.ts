/** Whole models in each precision, and how little of a model stands in memory while it is uploaded. */
import { describe, expect, test, vi } from 'vitest';
import { fromFloat32, toFloat32 } from '../checkpoint/half.ts';
import type { Weights } from '../checkpoint/model.ts';
import { inPrecision, type Precision } from '../checkpoint/precision.ts';
import { openGolden } from '../checkpoint/testing/golden.ts';
import type { Arch } from '../model/arch.ts';
import { Engine } from './engine.ts';
import { weightPieces } from './fit.ts';
import { Memory } from './memory.ts';
import { convert } from './precision.ts';
import { readTensors, logits as referenceLogits, type Tensors } from './reference.ts';
import { testDevice } from './testing/gpu.ts';
import { worstError } from './testing/numbers.ts';
import { randomModel } from './testing/random-model.ts';
import { uploadModel } from './upload.ts';
import { STAGING_BYTES } from './uploader.ts';

const device = await testDevice();

/** The tensors as that precision rounds them: matrices only, since vectors stay f32. */
async function rounded(arch: Arch, weights: Weights, precision: Precision): Promise<Tensors> {
  const tensors = await readTensors(inPrecision(arch, weights, { precision }));
  if (precision !== 'f16') return tensors;
  const halved = (name: string, values: Float32Array) =>
    weights.tensors.get(name)?.shape.length === 1
      ? values
      : toFloat32(convert(fromFloat32(values, 'F32'), 'F32', 'F16'), 'F16');
  return new Map([...tensors].map(([name, values]) => [name, halved(name, values)]));
}

describe('precision', () => {
  test.each([
    ['biases', 'f16'],
    ['odd', 'int8'],
    ['head64', 'int8'],
    ['odd', 'int4'],
    ['decoder', 'int4'],
    ['head64', 'nf4'],
  ] as const)('%s in %s is the reference with weights rounded so', async (name, precision) => {
    const golden = await openGolden(name);
    const engine = await Engine.create(device, golden, { precision });
    const want = referenceLogits(golden.arch, await rounded(golden.arch, golden.weights, precision), golden.ids);
    const range = Math.max(...want) - Math.min(...want);
    expect(worstError(await engine.logits(golden.ids), want) / range).toBeLessThan(1e-5);
    engine.destroy();
  });

  test('weights in few bits take the room that was said, int8 a quarter of f32, four bits an eighth and their scales', async () => {
    const model = randomModel({ hidden: 64, heads: 1, intermediate: 128, layers: 6, vocab: 128, dtype: 'F32' });
    const bytes = async (precision: Precision) => {
      const memory = new Memory(device.gpu);
      await uploadModel(device.gpu, memory, model.arch, model.weights, { precision });
      const taken = memory.bytes;
      memory.destroy();
      // What is said before the download is what it takes.
      const pieces = weightPieces(model.arch, 'F32', { precision });
      expect(taken).toBe(pieces.reduce((sum, piece) => sum + piece.bytes, 0));
      return taken;
    };
    const stored = await bytes('stored');
    expect((await bytes('f16')) / stored).toBeLessThan(0.55);
    expect((await bytes('int8')) / stored).toBeLessThan(0.33); // scales and f32 vectors weigh more in so small a model
    expect((await bytes('int4')) / stored).toBeLessThan(0.21);
    expect((await bytes('nf4')) / stored).toBeLessThan(0.21);
  });
});

describe('streaming', () => {
  /** 24 MB of embedding, 3 MB of layers, counted as they are read. */
  function counted() {
    const { arch, weights } = randomModel({
      hidden: 256,
      heads: 4,
      intermediate: 384,
      layers: 1,
      vocab: 24_000,
      dtype: 'F32',
    });
    const reads: number[] = [];
    const give = (bytes: number) => {
      reads.push(bytes);
      return Promise.resolve(new Uint8Array(bytes));
    };
    const sizeOf = (name: string) => weights.tensors.get(name) as { byteLength: number; shape: readonly number[] };
    const counting: Weights = {
      ...weights,
      read: (name) => give(sizeOf(name).byteLength),
      readRows: (name, from, to) => {
        const { byteLength, shape } = sizeOf(name);
        return give(((to - from) * byteLength) / (shape[0] as number));
      },
    };
    return { arch, weights: counting, reads, total: [...weights.tensors.keys()].map((name) => sizeOf(name)) };
  }

  test.each<Precision>(['stored', 'int8', 'int4', 'nf4'])(
    'reads each byte once, in small pieces, and waits for the card (%s)',
    async (precision) => {
      const { arch, weights, reads, total } = counted();
      const { queue } = device.gpu;
      let waiting = 0;
      let most = 0;
      const write = queue.writeBuffer.bind(queue);
      const done = queue.onSubmittedWorkDone.bind(queue);
      vi.spyOn(queue, 'writeBuffer').mockImplementation((...args: Parameters<GPUQueue['writeBuffer']>) => {
        waiting += (args[2] as ArrayBufferView).byteLength;
        most = Math.max(most, waiting);
        write(...args);
      });
      vi.spyOn(queue, 'onSubmittedWorkDone').mockImplementation(async () => {
        await done();
        waiting = 0;
      });
      const seen: number[] = [];
      const memory = new Memory(device.gpu);
      const onProgress = (loaded: number) => seen.push(loaded);
      await uploadModel(device.gpu, memory, arch, weights, { precision, onProgress });
      memory.destroy();
      vi.restoreAllMocks();

      const bytes = total.reduce((sum, { byteLength }) => sum + byteLength, 0);
      expect(reads.reduce((a, b) => a + b, 0)).toBe(bytes);
      expect(seen.at(-1)).toBe(bytes);
      expect(Math.max(...reads)).toBeLessThanOrEqual(4 * 2 ** 20);
      expect(most).toBeLessThanOrEqual(STAGING_BYTES + 4 * 2 ** 20);
    },
  );

  test('weights that can only be read whole give the same model', async () => {
    const golden = await openGolden('decoder');
    const { readRows: _, ...whole } = golden.weights;
    const [a, b] = [await Engine.create(device, golden), await Engine.create(device, { ...golden, weights: whole })];
    expect(await b.logits(golden.ids)).toEqual(await a.logits(golden.ids));
    a.destroy();
    b.destroy();
  });
});
