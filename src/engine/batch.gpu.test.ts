/** Sequences of a batch: what each is answered is, to the bit, what it is answered alone. */
import { describe, expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import type { DrawnSequence, Prediction } from '../diffusion/network.ts';
import { Engine } from './engine.ts';
import { reference as decodeReference } from './kernels/decode.ts';
import { readTensors, logits as referenceLogits } from './reference.ts';
import { testDevice } from './testing/gpu.ts';
import { worstError } from './testing/numbers.ts';

const device = await testDevice();
const answerOf = (prediction: Prediction) => ({ ...prediction, forwards: 0, rows: 0 });

describe.each([
  ['on this adapter', device],
  ['with the tiles of a card', { ...device, software: false }],
])('%s', async (_, adapter) => {
  // Sliding windows, every bias, an untied decoder.
  const golden = await openGolden('biases');
  const { vocab } = golden.arch;
  const canvas = (tokens: number, seed: number) =>
    Int32Array.from({ length: tokens }, (_, i) => (seed * 7 + i * i * 3 + i) % vocab);
  const sequence = (tokens: number, seed: number, asked: number[]): DrawnSequence => ({
    ids: canvas(tokens, seed),
    asked: Int32Array.from(asked),
    draw: { seed, step: seed % 3, temperature: seed % 2 ? 0.9 : 0 },
  });

  test('lengths, draws and slots may differ', async () => {
    const [engine, alone] = [await Engine.create(adapter, golden), await Engine.create(adapter, golden)];
    const all = Array.from({ length: 130 }, (_, i) => i);
    const batch = [
      sequence(33, 1, [0, 5, 32]),
      sequence(1, 2, [0]),
      sequence(130, 3, all),
      sequence(64, 4, [63]),
      sequence(9, 5, []),
      { ...sequence(20, 6, [3, 19]), guidance: { unconditional: canvas(20, 9), scale: 1.5 } },
      sequence(33, 1, [7]),
    ];
    const options = { topK: 5, suppress: [4, 6] };
    const together = await engine.predict(batch, options);
    expect(together.map(({ forwards }) => forwards)).toEqual([1, 1, 1, 1, 0, 2, 0]);
    expect(together.map(({ rows }) => rows)).toEqual([33, 1, 130, 64, 0, 40, 0]);
    for (const [i, each] of batch.entries()) {
      const [single] = await alone.predict([each], { ...options, fresh: true });
      expect(answerOf(together[i] as Prediction)).toEqual(answerOf(single as Prediction));
    }
    engine.destroy();
    alone.destroy();
  });
});

test('a batch larger than a pass is cut, and answered in order', async () => {
  const golden = await openGolden('single');
  const engine = await Engine.create(device, golden);
  const batch = Array.from({ length: 50 }, (_, i): DrawnSequence => {
    const ids = Int32Array.from({ length: 60 }, (_, slot) => (i * 11 + slot) % golden.arch.vocab);
    return { ids, asked: Int32Array.of(i % 60), draw: { seed: i, step: 0, temperature: 0.7 } };
  });
  const together = await engine.predict(batch, { topK: 1 });
  expect(engine.rowCount).toBe(3000);
  for (const i of [0, 31, 34, 35, 49]) {
    const [single] = await engine.predict([batch[i] as DrawnSequence], { topK: 1, fresh: true });
    expect(answerOf(together[i] as Prediction)).toEqual(answerOf(single as Prediction));
  }
  engine.destroy();
});

test('positions may be told, also to a network that learnt them', async () => {
  const golden = await openGolden('base');
  const tensors = await readTensors(golden.weights);
  const ids = golden.ids.slice(0, 12);
  const positions = ids.map((_, i) => (i * 5) % 200);
  const learned = { rows: 203, offset: 3 };
  const table = Float32Array.from({ length: 203 * golden.arch.width }, (_, i) => Math.sin(i * i));
  const withTable = {
    arch: { ...golden.arch, positions: learned },
    weights: {
      parameters: golden.weights.parameters,
      tensors: new Map(golden.weights.tensors).set('positions', {
        dtype: 'F32',
        shape: [203, golden.arch.width],
        byteLength: table.byteLength,
      }),
      read: (name: string) =>
        name === 'positions' ? Promise.resolve(new Uint8Array(table.buffer)) : golden.weights.read(name),
    },
  };
  for (const [model, all] of [
    [golden, tensors],
    [withTable, new Map(tensors).set('positions', table)],
  ] as const) {
    const engine = await Engine.create(device, model);
    const want = referenceLogits(model.arch, all, ids, { positions });
    const range = Math.max(...want) - Math.min(...want);
    expect(worstError(await engine.logits(ids, 0, 12, positions), want) / range).toBeLessThan(1e-5);
    const draw = { seed: 1, step: 0, temperature: 0 };
    const asked = Int32Array.of(7);
    const [told, plain] = (await engine.predict(
      [
        { ids, positions, asked, draw },
        { ids, asked, draw },
      ],
      {
        topK: 1,
      },
    )) as [Prediction, Prediction];
    const { vocab } = model.arch;
    const { logSumExp } = decodeReference(want.subarray(7 * vocab, 8 * vocab), 7, draw, 1);
    expect(Math.abs((told.logSumExp[0] as number) - logSumExp)).toBeLessThan(1e-4);
    expect(plain.logSumExp[0]).not.toBe(told.logSumExp[0]);
    await expect(
      engine.predict([{ ids, positions: positions.with(3, 100_000), asked, draw }], { topK: 1 }),
    ).rejects.toMatchObject({ code: 'canvas' });
    engine.destroy();
  }
});
