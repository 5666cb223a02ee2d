import { describe, expect, test } from 'vitest';
import { continueCanvas } from './canvas.ts';
import { generate } from './generate.ts';
import { defaultSettings } from './settings.ts';
import { repetition, stepStatistics, tokensPerPass, unigramEntropy } from './statistics.ts';
import { tableNetwork } from './testing/table-network.ts';
import type { Step } from './trace.ts';

describe('statistics of a run', () => {
  // Slot 1 is sure of its word by 0.9, slot 2 by 0.8, slot 3 by 0.6.
  const sure = [0, 0.9, 0.8, 0.6];
  const net = tableNetwork(3, 2, (_ids, slot) => [Math.log(sure[slot]!), Math.log(1 - sure[slot]!), -100]);
  const settings = { ...defaultSettings(), temperature: 0, length: 3, steps: 2 };
  const run = async () => {
    const start = continueCanvas([0], 3, 2);
    const steps: Step[] = [];
    for await (const step of generate(net, start, settings)) steps.push(step);
    return { start, steps, edits: [], maskId: 2 };
  };

  test('follow the written tokens and the masks left', async () => {
    const [first, second] = stepStatistics(await run());
    expect(first).toMatchObject({ written: 2, masksLeft: 1 });
    expect(first?.meanConfidence).toBeCloseTo(0.85, 6);
    expect(first?.leastConfidence).toBeCloseTo(0.8, 6);
    expect(second).toMatchObject({ written: 1, masksLeft: 0 });
    expect(second?.meanEntropy).toBeCloseTo(-0.6 * Math.log(0.6) - 0.4 * Math.log(0.4), 5);
  });

  test('count edits among the masks', async () => {
    const trace = await run();
    const edited = { ...trace, edits: [{ before: 1, slot: 1, id: 2, state: 3 }] };
    expect(stepStatistics(edited).map(({ masksLeft }) => masksLeft)).toEqual([1, 1]);
  });

  test('tokens per pass counts every forward', async () => {
    const { steps } = await run();
    expect(tokensPerPass(steps)).toBe(1.5);
    expect(tokensPerPass([])).toBeNaN();
  });

  test('tokens per pass counts a slot that was rewritten or masked again once, if it stands', async () => {
    const { steps } = await run();
    const [first] = steps as [Step];
    expect(tokensPerPass([first, first])).toBe(1);
    expect(tokensPerPass([first, { ...first, ops: [{ mask: 1 }], forwards: 0 }])).toBe(1);
  });

  test('a step that wrote nothing has no confidence', async () => {
    const trace = await run();
    const idle = { ...trace.steps[0]!, ops: [] };
    expect(stepStatistics({ ...trace, steps: [idle] })[0]).toMatchObject({ written: 0, leastConfidence: Number.NaN });
  });
});

describe('statistics of a text', () => {
  test('unigram entropy is 0 for one word repeated and ln n for n different ones', () => {
    expect(unigramEntropy([7, 7, 7])).toBeCloseTo(0, 12);
    expect(unigramEntropy([1, 2, 3, 4])).toBeCloseTo(Math.log(4), 12);
    expect(unigramEntropy([])).toBe(0);
  });

  test('repetition is the share of n-grams that came before', () => {
    expect(repetition([1, 2, 3, 1, 2, 3], 3)).toBeCloseTo(1 / 4, 12);
    expect(repetition([1, 1, 1, 1], 2)).toBeCloseTo(2 / 3, 12);
    expect(repetition([1, 2], 3)).toBe(0);
  });
});
