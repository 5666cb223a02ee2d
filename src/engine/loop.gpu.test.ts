/** What a step of a generation costs besides the kernels: one submission, and nothing made or compiled. */
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { getGpu } from '../node/dawn.ts';
import { openDevice } from './device.ts';
import { Engine } from './engine.ts';
import { ask } from './testing/ask.ts';

// Of its own: what another test has compiled would hide what a step compiles.
const device = await openDevice(await getGpu());
afterAll(() => device.gpu.destroy());
const golden = await openGolden('biases');

const MAKERS = [
  'createBuffer',
  'createBindGroup',
  'createBindGroupLayout',
  'createPipelineLayout',
  'createComputePipeline',
  'createComputePipelineAsync',
  'createShaderModule',
] as const;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('after warm(length)', () => {
  test.each([
    ['without guidance', false],
    ['with guidance', true],
  ])('a step is one submission that makes and compiles nothing, %s', async (_, guided) => {
    const engine = await Engine.create(device, golden);
    const ids = new Int32Array(40).fill(4);
    await engine.warm(ids.length);
    const submit = vi.spyOn(device.gpu.queue, 'submit');
    const made = MAKERS.map((maker) => vi.spyOn(device.gpu, maker));
    for (let step = 0; step < 5; step++) {
      const slots = Int32Array.from({ length: 40 - 8 * step }, (_, i) => i + 8 * step);
      const unconditional = ids.map((id, slot) => (slot === 0 ? 4 : id));
      const guidance = guided ? { unconditional, scale: 1 } : undefined;
      const draw = { seed: 1, step, temperature: 0.5 };
      const answer = await ask(engine, { ids, asked: slots, draw, topK: 8, ...(guidance && { guidance }) });
      // The first canvas is all masks, so its second pass is the same one.
      expect(answer.forwards).toBe(guided && unconditional[0] !== ids[0] ? 2 : 1);
      expect(submit).toHaveBeenCalledTimes(step + 1);
      expect([...(submit.mock.lastCall as [Iterable<GPUCommandBuffer>])[0]]).toHaveLength(1);
      for (let i = 0; i < 8; i++) ids[8 * step + i] = answer.ids[i] as number;
    }
    for (const spy of made) expect(spy).not.toHaveBeenCalled();
    engine.destroy();
  });

  test('the next question is submitted while the answers to the last are on their way', async () => {
    const engine = await Engine.create(device, golden);
    await engine.warm(20);
    const events: string[] = [];
    const { queue } = device.gpu;
    const submit = queue.submit.bind(queue);
    vi.spyOn(queue, 'submit').mockImplementation((commands) => {
      events.push('submit');
      submit(commands);
    });
    const askFor = async (id: number) => {
      const ids = new Int32Array(20).fill(id);
      await ask(engine, { ids, asked: Int32Array.of(3), draw: { seed: 1, step: 0, temperature: 0 }, topK: 1 });
      events.push('answer');
    };
    await Promise.all([askFor(5), askFor(6), askFor(7)]);
    expect(events.slice(0, 2)).toEqual(['submit', 'submit']);
    expect(events.filter((event) => event === 'answer')).toHaveLength(3);
    engine.destroy();
  });
});
