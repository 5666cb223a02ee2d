import { expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { Engine } from './engine.ts';
import { testDevice } from './testing/gpu.ts';

test('the engine scores given tokens as PyTorch does, over more rows than one piece, after one forward pass', async () => {
  const { ids, rows, logits, ...network } = await openGolden('long');
  const engine = await Engine.create(await testDevice(), network);
  const asked = Int32Array.from(rows);
  const targets = Int32Array.from(asked, (slot) => (7 * slot) % engine.info.vocabSize);
  const suppress = [4];
  const [found] = (await engine.score([{ ids, asked }], [targets], { suppress })) as [Float32Array];
  expect(asked.at(-1)).toBeGreaterThan(64);
  asked.forEach((_, m) => {
    const row = (logits[m] as number[]).map((logit, id) => (id === 4 ? Number.NEGATIVE_INFINITY : logit));
    const logSumExp = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
    expect(Math.abs((found[m] as number) - ((row[targets[m] as number] as number) - logSumExp))).toBeLessThan(2e-3);
  });
  expect(engine.forwardCount).toBe(1);
  engine.destroy();
});
