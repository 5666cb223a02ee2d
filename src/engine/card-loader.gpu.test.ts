/** Weights that a trainer holds on the card, packed there, against the same weights packed on the processor. */
import { expect, test } from 'vitest';
import type { CardTensor, CardWeights } from '../checkpoint/card-weights.ts';
import { toFloat32 } from '../checkpoint/half.ts';
import type { Weights } from '../checkpoint/model.ts';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { Engine } from './engine.ts';
import { testDevice } from './testing/gpu.ts';

const device = await testDevice();

/** All tensors in one buffer, matrices but for the token tables column by column, as the trainer has them. */
async function onCard(weights: Weights): Promise<CardWeights & { readonly buffer: GPUBuffer; readonly size: number }> {
  const tensors = new Map<string, CardTensor>();
  const sizes = [...weights.tensors.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  const all = new Float32Array(sizes.reduce((a, b) => a + b, 0));
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  const buffer = device.gpu.createBuffer({ size: all.byteLength, usage });
  let start = 0;
  for (const [name, { shape, dtype }] of weights.tensors) {
    const values = toFloat32(await weights.read(name), dtype);
    const [rows, columns = 1] = shape as [number, number?];
    const turned = shape.length === 2 && name !== 'embeddings' && name !== 'decoder';
    const [rowStep, columnStep] = turned ? [1, rows] : [columns, 1];
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) all[start + r * rowStep + c * columnStep] = values[r * columns + c] as number;
    }
    tensors.set(name, { buffer, start, shape, rowStep, columnStep });
    start += values.length;
  }
  device.gpu.queue.writeBuffer(buffer, 0, all);
  return { onCard: tensors, buffer, size: all.length };
}

test.each(['biases', 'odd', 'decoder'] as const)(
  '%s: the logits of weights from the card are those of weights from a file, to the bit, also after a change',
  async (name) => {
    const golden = await openGolden(name);
    const weights = await onCard(golden.weights);
    const [fromFile, fromCard] = [
      await Engine.create(device, golden),
      // In two parts, where the token table allows it.
      await Engine.create(device, { arch: golden.arch, weights }, { maxPartBytes: 2 ** 15 }),
    ];
    const wanted = await fromFile.logits(golden.ids);
    expect(await fromCard.logits(golden.ids)).toEqual(wanted);
    device.gpu.queue.writeBuffer(weights.buffer, 0, new Float32Array(weights.size));
    expect(await fromCard.logits(golden.ids)).toEqual(wanted);
    await fromCard.refresh();
    expect(await fromCard.logits(golden.ids)).toEqual(new Float32Array(wanted.length));
    fromFile.destroy();
    fromCard.destroy();
    weights.buffer.destroy();
  },
);
