import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import { expect, test } from 'vitest';
import { openModel } from '../checkpoint/open.ts';
import { memorySource } from '../checkpoint/sources.ts';
import { LARGE, LARGE_BYTES } from '../diffusion/shipped.ts';
import { ask } from '../diffusion/testing/ask.ts';
import { FallbackNetwork } from './fallback-network.ts';

const read = (path: string) => new Uint8Array(readFileSync(new URL(`../../${path}`, import.meta.url)));

test('what fetching the larger model takes is said rightly', () => {
  const size = (file: string) => statSync(new URL(`../../public/models/${LARGE}/${file}`, import.meta.url)).size;
  expect(size('config.json') + size('tokenizer.json') + size('model.safetensors')).toBe(LARGE_BYTES);
});

interface Expected {
  readonly ids: readonly number[];
  readonly rows: readonly {
    readonly row: number;
    readonly logSumExp: number;
    readonly top: readonly (readonly [number, number])[];
  }[];
}

test.each(['tales', 'tiny-chat', 'stories', 'stories-ar'])(
  'the shipped model %s says what PyTorch says (src/engine/golden)',
  async (name) => {
    await setBackend('wasm');
    const files = ['config.json', 'tokenizer.json', 'model.safetensors'];
    const bytes = new Map(files.map((file) => [file, read(`public/models/${name}/${file}`)]));
    const expected: Expected = JSON.parse(new TextDecoder().decode(read(`src/engine/golden/${name}.json`)));
    const network = await FallbackNetwork.create(await openModel(memorySource(bytes, name), { id: name }));
    const { logSumExp, topIds, topLogProbs } = await ask(network, {
      ids: Int32Array.from(expected.ids),
      asked: Int32Array.from(expected.rows, ({ row }) => row + network.info.logitShift),
      draw: { seed: 0, step: 0, temperature: 0 },
      topK: 20,
    });
    network.dispose();

    const close = (actual: number | undefined, wanted: number) =>
      expect(Math.abs((actual as number) - wanted)).toBeLessThan(5e-4);
    for (const [m, row] of expected.rows.entries()) {
      close(logSumExp[m], row.logSumExp);
      for (const [rank, [id, logProb]] of row.top.entries()) {
        close(topLogProbs[m * 20 + rank], logProb);
        // Only where the next is further away than rounding is the order itself certain.
        const [before, after] = [row.top[rank - 1]?.[1] ?? 0, row.top[rank + 1]?.[1] ?? -99];
        if (before - logProb > 1e-3 && logProb - after > 1e-3) expect(topIds[m * 20 + rank]).toBe(id);
      }
    }
  },
);

test('the shipped model that edits says what PyTorch says (training/golden_edits.py)', async () => {
  await setBackend('wasm');
  const name = 'stories-edit';
  const files = ['config.json', 'tokenizer.json', 'model.safetensors'];
  const bytes = new Map(files.map((file) => [file, read(`public/models/${name}/${file}`)]));
  const expected = JSON.parse(new TextDecoder().decode(read(`src/engine/golden/${name}.json`)));
  const sha256 = createHash('sha256')
    .update(read(`public/models/${name}/model.safetensors`))
    .digest('hex');
  expect(sha256, 'run golden_edits.py: the weights have changed').toBe(expected.sha256);
  const network = await FallbackNetwork.create(await openModel(memorySource(bytes, name), { id: name }));
  const ids = Int32Array.from(expected.ids);
  const asked = { ids, asked: Int32Array.from(ids.keys()), draw: { seed: 0, step: 0, temperature: 0 } };
  const [answer] = await network.edits([asked], { topK: 3 });
  network.dispose();
  for (const slot of ids.keys()) {
    for (const [k, kind] of (['set', 'remove', 'insert'] as const).entries()) {
      const want = expected.rates[slot][k];
      expect(Math.abs((answer?.rates[kind][slot] as number) - want)).toBeLessThan(5e-4 * (1 + want));
    }
    for (const [kind, rows] of [
      ['set', expected.substitutions],
      ['insert', expected.insertions],
    ] as const)
      for (const [rank, [, logProb]] of rows[slot].entries())
        expect(Math.abs((answer?.[kind].topLogProbs[3 * slot + rank] as number) - logProb)).toBeLessThan(2e-3);
  }
});
