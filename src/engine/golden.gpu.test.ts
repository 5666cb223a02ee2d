/** The whole engine against logits that another program computed (src/engine/golden). */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GOLDEN, openFixture, openGolden } from '../checkpoint/testing/golden.ts';
import { Engine } from './engine.ts';
import { ask } from './testing/ask.ts';
import { testDevice } from './testing/gpu.ts';

const device = await testDevice();

describe('logits', () => {
  // The last two take the tiles of real cards, for few rows and for some.
  const cases = [
    ...GOLDEN.map((name) => [name, device.software] as const),
    ['single', false],
    ['long', false],
  ] as const;
  test.each(cases)('of %s are those of PyTorch (on a software adapter: %s)', async (name, software) => {
    const golden = await openGolden(name);
    const engine = await Engine.create({ ...device, software }, golden);
    const { vocab: vocabSize } = golden.arch;
    const logits = await engine.logits(golden.ids);
    expect(logits.length).toBe(golden.ids.length * vocabSize);
    let worst = 0;
    golden.rows.forEach((row, i) => {
      (golden.logits[i] as readonly number[]).forEach((want, id) => {
        worst = Math.max(worst, Math.abs((logits[row * vocabSize + id] as number) - want));
      });
    });
    const all = golden.logits.flat();
    const range = Math.max(...all) - Math.min(...all);
    expect(worst / range).toBeLessThan(1e-5);
    engine.destroy();
  });
});

interface Shipped {
  readonly sha256: string;
  readonly ids: readonly number[];
  readonly probeIds: readonly number[];
  readonly rows: readonly {
    readonly row: number;
    readonly logSumExp: number;
    readonly top: readonly (readonly [id: number, logProb: number])[];
    readonly probe: readonly number[];
  }[];
}

describe('the shipped model', () => {
  test.each(['tales', 'tiny-chat', 'stories', 'stories-ar'])('%s answers as PyTorch does', async (name) => {
    const expected = new URL(`golden/${name}.json`, import.meta.url);
    const folder = new URL(`../../public/models/${name}/`, import.meta.url);
    if (!existsSync(expected) || !existsSync(folder)) return;
    const golden: Shipped = JSON.parse(readFileSync(expected, 'utf8'));
    const sha256 = createHash('sha256')
      .update(readFileSync(new URL('model.safetensors', folder)))
      .digest('hex');
    expect(sha256, 'run make_golden.py --shipped: the weights have changed').toBe(golden.sha256);

    const engine = await Engine.create(device, await openFixture(folder));
    const draw = { seed: 0, step: 0, temperature: 0 };
    const ids = Int32Array.from(golden.ids);
    // A causal network's row is its guess for the slot after.
    const slots = Int32Array.from(golden.rows, ({ row }) => row + engine.info.logitShift);
    const answer = await ask(engine, { ids, asked: slots, draw, topK: 20 });
    const logits = await engine.logits(ids);
    golden.rows.forEach(({ row, logSumExp, top, probe }, i) => {
      expect(answer.logSumExp[i]).toBeCloseTo(logSumExp, 4);
      expect([...answer.topIds.subarray(20 * i, 20 * (i + 1))]).toEqual(top.map(([id]) => id));
      top.forEach(([, logProb], j) => {
        expect(answer.topLogProbs[20 * i + j]).toBeCloseTo(logProb, 4);
      });
      golden.probeIds.forEach((id, j) => {
        expect(logits[row * engine.info.vocabSize + id]).toBeCloseTo(probe[j] as number, 4);
      });
    });
    engine.destroy();
  });
});
