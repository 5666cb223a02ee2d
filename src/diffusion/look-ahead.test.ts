import { describe, expect, test } from 'vitest';
import { continueCanvas } from './canvas.ts';
import { generate } from './generate.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { tableNetwork } from './testing/table-network.ts';
import type { Step } from './trace.ts';

const MASK = 2;

/**
 * Three slots of two words. Slot 0 is a little surer than slot 1, and says nothing of the others; once slot 1 is written,
 * slot 2 is certain.
 */
const network = () =>
  tableNetwork(3, MASK, (ids, slot) => {
    const [p] = [[0.7, 0.65, ids[1] === MASK ? 0.5 : 0.999][slot] as number];
    return [Math.log(p), Math.log(1 - p), -99];
  });

async function write(changes: Partial<Settings>) {
  const settings: Settings = {
    ...defaultSettings(),
    length: 3,
    steps: 3,
    block: 0,
    temperature: 0,
    topP: 1,
    threshold: 0.99,
    ...changes,
  };
  const model = network();
  const steps: Step[] = [];
  for await (const step of generate(model, continueCanvas([], 3, MASK), settings)) steps.push(step);
  const order = steps.map(({ ops }) => ops.map((op) => ('set' in op ? op.set : -1)));
  return { steps, order, requests: model.requests };
}

describe('looking ahead', () => {
  test('writes first what makes the rest certain, where the surest would not', async () => {
    expect((await write({ sampler: 'confidence' })).order[0]).toEqual([0]);
    for (const sampler of ['info-gain', 'lookum'] as const) {
      expect((await write({ sampler, seed: 3 })).order[0]).toEqual([1]);
    }
  });

  test('a step counts every pass it took, and what it asked ahead is what would follow', async () => {
    const { steps, requests, order } = await write({ sampler: 'info-gain', seed: 3 });
    expect(order.flat().sort()).toEqual([0, 1, 2]);
    expect(steps[0]!.prediction.forwards).toBeGreaterThan(2);
    expect(steps.reduce((sum, { prediction }) => sum + prediction.forwards, 0)).toBe(requests.length);
    expect(steps.map(({ index }) => index)).toEqual(steps.map((_, i) => i));
    // The first of the choices is the surest: slot 0 is written in it, and the other two are asked.
    expect([[...requests[1]!.ids], [...requests[1]!.asked]]).toEqual([
      [0, MASK, MASK],
      [1, 2],
    ]);
  });

  test('what is sure enough is written without looking', async () => {
    const { order, requests } = await write({ sampler: 'info-gain', threshold: 0.6 });
    expect(order[0]).toEqual([0]);
    expect(requests).toHaveLength(3);
  });

  test('the same seed takes the same choices', async () => {
    expect((await write({ sampler: 'lookum', seed: 9 })).order).toEqual(
      (await write({ sampler: 'lookum', seed: 9 })).order,
    );
  });
});

describe('entropy priority', () => {
  test('writes the most open slot in the first three tenths of the steps, and the surest after that', async () => {
    const { order } = await write({ sampler: 'entropy-priority' });
    // One of three steps is early: slot 2 has the highest entropy.
    expect(order).toEqual([[2], [0], [1]]);
  });
});
