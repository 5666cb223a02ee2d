import { describe, expect, test } from 'vitest';
import { fillCanvas } from './canvas.ts';
import { endsLast } from './ends.ts';
import { generate } from './generate.ts';
import { writtenIdsIn, writtenSlotsIn } from './ops.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { tableNetwork } from './testing/table-network.ts';
import type { Step } from './trace.ts';

// Word 0, padding 1, end 2, [MASK] 3. Slots 1 and 2 are sure of padding, slot 0 less sure of a word.
const rows = [
  [0.6, 0.3, 0.1, 0],
  [0.1, 0.9, 0, 0],
  [0.15, 0.05, 0.8, 0],
];
const net = () => tableNetwork(4, 3, (_ids, slot) => rows[slot]!.map(Math.log), { endIds: [1, 2] });

async function run(changes: Partial<Settings>, network = net()): Promise<Step[]> {
  const steps: Step[] = [];
  const settings = { ...defaultSettings(), mode: 'fill', block: 0, steps: 3, temperature: 0, ...changes } as const;
  for await (const step of generate(network, fillCanvas([3, 3, 3], 3), settings)) steps.push(step);
  return steps;
}
const slots = (steps: readonly Step[]) => steps.flatMap(writtenSlotsIn);
const ids = (steps: readonly Step[]) => steps.flatMap(writtenIdsIn);

describe('end tokens', () => {
  test('fill first when nothing is done about them', async () => {
    const steps = await run({});
    expect(slots(steps)).toEqual([1, 2, 0]);
    expect(ids(steps)).toEqual([1, 2, 0]);
  });

  test('never: are not drawn, and the rest shares their probability', async () => {
    const steps = await run({ ends: 'never' });
    expect(ids(steps)).toEqual([0, 0, 0]);
    expect(steps[0]!.prediction.logProbs[1]).toBeCloseTo(0, 6);
  });

  test.each(['confidence', 'maskgit-plus', 'margin', 'entropy'] as const)(
    'late: come last under %s',
    async (sampler) => {
      const steps = await run({ ends: 'late', sampler });
      expect(slots(steps)[0]).toBe(0);
      expect(ids(steps)).toEqual([0, ...ids(steps).slice(1)]);
      expect(new Set(ids(steps).slice(1))).toEqual(new Set([1, 2]));
      // What is recorded is what the network said.
      expect(steps[0]!.prediction.logProbs[1]).toBeCloseTo(Math.log(0.9), 6);
    },
  );

  test('late: are passed over by a threshold until nothing else is left', async () => {
    expect((await run({ ends: 'late', sampler: 'threshold', threshold: 0.3 })).map(writtenSlotsIn)).toEqual([
      [0],
      [1],
      [2],
    ]);
    const bounded = await run({ ends: 'late', sampler: 'entropy-bounded', gamma: 8 });
    expect(bounded.map((step) => writtenSlotsIn(step).length)).toEqual([1, 2]);
  });

  test('a model that names none is left alone', async () => {
    const plain = tableNetwork(4, 3, (_ids, slot) => rows[slot]!.map(Math.log));
    expect(ids(await run({ ends: 'never' }, plain))).toEqual([1, 2, 0]);
  });
});

test('confidence is that of a softmax without end tokens', async () => {
  const { prediction } = (await run({}))[0]!;
  const seen = endsLast(prediction, net().info, { ends: 'late' });
  expect(seen.logProbs[0]).toBeCloseTo(Math.log(0.6 / 0.6), 6);
  expect(Array.from(seen.logProbs.subarray(1))).toEqual([-Infinity, -Infinity]);
  expect(endsLast(prediction, net().info, { ends: 'off' })).toBe(prediction);
});
