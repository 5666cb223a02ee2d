import { expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { Engine } from './engine.ts';
import { testDevice } from './testing/gpu.ts';

test('logits asked in parts are those asked at once, after one forward pass', async () => {
  const { ids, ...network } = await openGolden('long');
  const engine = await Engine.create(await testDevice(), network);
  const whole = await engine.logits(ids);
  const parts = [await engine.logits(ids, 0, 64), await engine.logits(ids, 64, 128), await engine.logits(ids, 128)];
  expect(whole).toHaveLength(ids.length * engine.info.vocabSize);
  expect(parts.flatMap((part) => [...part])).toEqual([...whole]);
  expect(engine.forwardCount).toBe(1);
  engine.destroy();
});
