/** Whole models on tiles that a verdict names, mixed so that no two neighbouring products agree on their widths. */
import { expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { testDevice } from './testing/gpu.ts';
import type { TuningCache } from './tune.ts';

const device = { ...(await testDevice()), software: false };
const golden = await openGolden('head64');

/** Distance from PyTorch's logits as a share of their range, after a warm-up with this cache. */
async function errorWith(options: EngineOptions): Promise<number> {
  const engine = await Engine.create(device, golden, options);
  await engine.warm(golden.ids.length);
  const logits = await engine.logits(golden.ids);
  engine.destroy();
  const wanted = golden.logits.flat();
  const got = [...golden.rows].flatMap((row) => [
    ...logits.subarray(row * engine.info.vocabSize, (row + 1) * engine.info.vocabSize),
  ]);
  const worst = Math.max(...got.map((value, i) => Math.abs(value - (wanted[i] as number))));
  return worst / (Math.max(...wanted) - Math.min(...wanted));
}

function cacheOf(verdict?: string) {
  const written: [string, string][] = [];
  const tuning: TuningCache = { get: () => verdict, set: (key, value) => void written.push([key, value]) };
  return { tuning, written };
}

test.skipIf(!device.gpu.features.has('subgroups'))('every product may take a form and a width of its own', async () => {
  const { tuning, written } = cacheOf('plain,subgroup,plainTall,few,some');
  expect(await errorWith({ tuning })).toBeLessThan(1e-5);
  expect(written).toEqual([]);
});

test('without a verdict kernels are tried, and the verdict is kept under the name of the adapter', async () => {
  const { tuning, written } = cacheOf();
  expect(await errorWith({ tuning, tuningBudget: 0 })).toBeLessThan(1e-5);
  expect(written).toEqual([[expect.stringContaining(device.description), 'some,some,some,some,some']]);
});

test.skipIf(!device.gpu.features.has('shader-f16'))(
  'f16 arithmetic is near, and only where it was allowed',
  async () => {
    const { tuning, written } = cacheOf('half,half,halfMany,half,half');
    // Operands have 11 bits, so errors are of the order of 1e-3 of the logits' range; these models are harsher than trained ones.
    const error = await errorWith({ tuning, allowF16Arithmetic: true });
    expect(error).toBeGreaterThan(1e-5);
    expect(error).toBeLessThan(1e-2);
    expect(written).toEqual([]);
    expect(await errorWith({ tuning, tuningBudget: 0 })).toBeLessThan(1e-5);
    expect(written).toHaveLength(1);
  },
);
