import { expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { Engine } from './engine.ts';
import { mapped } from './mapped.ts';
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

test('where a browser looks for finished work seldom, empty submissions make it look until it has', async () => {
  const { gpu } = await testDevice();
  let submissions = 0;
  let finished = () => {};
  const queue = {
    submit(work: readonly unknown[]) {
      expect(work).toEqual([]);
      if (++submissions === 3) finished();
    },
  };
  const slow = {
    mapAsync: () =>
      new Promise<void>((resolve) => {
        finished = resolve;
      }),
  };
  await mapped({ queue } as unknown as GPUDevice, slow as unknown as GPUBuffer, 4, true);
  await new Promise((later) => setTimeout(later, 20));
  expect(submissions).toBe(3);

  const buffer = gpu.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  gpu.queue.writeBuffer(buffer, 0, new Uint32Array([7]));
  await mapped(gpu, buffer, undefined, true);
  expect([...new Uint32Array(buffer.getMappedRange())]).toEqual([7]);
  buffer.destroy();
});
