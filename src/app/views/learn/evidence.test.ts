/** Answers are read from runs of a table in the place of the network; what they should be is counted here anew. */

import { describe, expect, test } from 'vitest';
import { writtenIn, writtenSlotsIn } from '../../../diffusion/ops.ts';
import type { TracedRun } from '../../session/comparedRuns.ts';
import { recordedTrace } from '../../testing/runs.ts';
import {
  cameBack,
  costOfFew,
  fastest,
  firstGap,
  firstWord,
  lastKind,
  likelier,
  lossFell,
  openAtStart,
  passesNeeded,
  rowsOfLast,
  sameEverywhere,
  sameNeighbours,
  whenMost,
  whereWritten,
  wordsKept,
} from './evidence.ts';
import { recordedRun } from './recorded.ts';
import type { Evidence } from './script.ts';

const evidence = async (change = {}): Promise<Evidence> => ({
  trace: await recordedTrace({ block: 0, temperature: 0, ...change }),
  original: [],
  lanes: [],
  losses: [],
});

/** The canvas when all is written. */
function written({ trace }: Evidence): number[] {
  const ids = [...trace.start.ids];
  for (const step of trace.steps) for (const { slot, id } of writtenIn(step)) ids[slot] = id;
  return ids;
}

test('the first word is the likeliest of the first gap', async () => {
  const found = await evidence({ steps: 1 });
  const prediction = found.trace.steps[0]?.prediction;
  if (!prediction) throw new Error('The run has no steps.');
  const { topLogProbs, topK } = prediction;
  expect(topLogProbs[0]).toBe(Math.max(...topLogProbs.slice(0, topK)));
  const word = firstWord(found).answer;
  expect(word).toMatch(/^w\d+$/);
  expect(word).toBe(`w${written(found)[2]}`);
});

test('a pass of the last block reads the block, or the text', async () => {
  const { trace, ...rest } = await evidence({ steps: 8, block: 4 });
  const reading = (rows: number) => {
    const steps = trace.steps.map((step) => ({ ...step, prediction: { ...step.prediction, rows } }));
    return rowsOfLast({ ...rest, trace: { ...trace, steps } });
  };
  expect(reading(8).answer).toBe('block');
  expect(reading(9).answer).toBe('text');
  expect(reading(9).values).toMatchObject({ rows: '9', block: '4' });
});

test('the first gap is the one of the first step', async () => {
  const found = await evidence({ steps: 8 });
  expect(firstGap(found).answer).toBe(String((writtenSlotsIn(found.trace.steps[0]!)[0] as number) - 2));
});

describe('what came back', () => {
  test.each([
    [8, 'all'],
    [5, 'most'],
    [4, 'few'],
    [0, 'few'],
  ])('%i of 8 are %s', async (right, answer) => {
    const found = await evidence();
    const original = written(found).map((id, slot) => (slot < 2 + right ? id : -1));
    const { answer: said, values } = cameBack({ ...found, original });
    expect([said, values['right'], values['of']]).toEqual([answer, String(right), '8']);
  });
});

test('repetition is counted over the gaps', async () => {
  const found = await evidence({ steps: 1 });
  const gaps = openAtStart(found.trace);
  const ids = written(found);
  const most = Math.max(...gaps.map((slot) => gaps.filter((other) => ids[other] === ids[slot]).length));
  expect(sameEverywhere(found)).toMatchObject({ answer: most > 4 ? 'same' : 'mixed', values: { count: String(most) } });
  const twins = gaps.some((slot) => gaps.includes(slot + 1) && ids[slot] === ids[slot + 1]);
  expect(sameNeighbours(found).answer).toBe(twins ? 'yes' : 'no');
});

test('the schedule says when most is written', async () => {
  expect(whenMost(await evidence({ steps: 4, schedule: 'linear' })).answer).toBe('even');
  expect(whenMost(await evidence({ steps: 4, schedule: 'cosine' })).answer).toBe('last');
  expect(whenMost(await evidence({ steps: 4, schedule: 'cosine-mdlm' })).answer).toBe('first');
});

test('passes are compared with tokens', async () => {
  expect(passesNeeded(await evidence({ steps: 8 })).answer).toBe('many');
  expect(passesNeeded(await evidence({ steps: 2 }))).toEqual({ answer: 'few', values: { passes: '2', tokens: '8' } });
});

test('the loss is compared at its ends', () => {
  const fell = (losses: number[]) => lossFell({ losses } as never as Evidence).answer;
  expect(fell([8, 7.9, 7.8, 7.7])).toBe('little');
  expect(fell([8, 6, 5, 4])).toBe('half');
  expect(fell([8, 4, 2, 1])).toBe('most');
});

test('lanes are compared by what was measured', () => {
  const lane = (writer: TracedRun['writer'], milliseconds: number, logProb: number) =>
    ({ writer, result: { milliseconds, logProbs: [logProb, logProb] } }) as never as TracedRun;
  const of = (...lanes: TracedRun[]) => ({ lanes }) as never as Evidence;
  expect(fastest(of(lane('append', 20, 0), lane('set', 10, 0))).answer).toBe('set');
  expect(fastest(of(lane('append', 10, 0), lane('set', 20, 0))).answer).toBe('append');
  expect(costOfFew(of(lane('set', 1, -1), lane('set', 1, -3))).answer).toBe('worse');
  expect(costOfFew(of(lane('set', 1, -1), lane('set', 1, -1.5))).answer).toBe('alike');
  expect(costOfFew(of(lane('set', 1, -2), lane('set', 1, -1))).answer).toBe('better');
});

test('two texts are compared by how likely they are and by what they say again', () => {
  const lane = (logProb: number, ids: number[]) =>
    ({ result: { ids, logProbs: [logProb, logProb] } }) as never as TracedRun;
  // Of the five pairs of the first, (1, 2) and (2, 1) come again; of the second, none does.
  const lanes = [lane(-1, [1, 2, 1, 2, 1, 3]), lane(-2, [1, 2, 3, 4, 5, 6])];
  const again = { firstAgain: '2', secondAgain: '0', pairs: '5' };
  expect(likelier({ lanes } as never as Evidence)).toMatchObject({ answer: 'first', values: again });
  expect(likelier({ lanes: lanes.reverse() } as never as Evidence)).toMatchObject({
    answer: 'second',
    values: { firstAgain: '0', secondAgain: '2', pairs: '5' },
  });
});

test('of a recorded repair: the last edit, and what stays as it was typed', async () => {
  const found = async (name: 'repair' | 'leap') => ({ ...(await evidence()), trace: await recordedRun(name) });
  const repair = await found('repair');
  // Once upon a time, there was a litle girl girl named Lily. She to play with her toys.
  expect(lastKind(repair)).toMatchObject({ answer: 'insert', values: { after: 'loved', step: '1', passes: '2' } });
  const places = repair.trace.start.ids.length - 1;
  expect(wordsKept(repair)).toEqual({
    answer: 'most',
    values: { kept: String(places - 4), of: String(places), edits: '5' },
  });
  expect(wordsKept(await found('leap')).values['edits']).toBe('5');
});

test('where a run wrote is told by the run: anywhere, from left to right, or all at once', async () => {
  const run = (change: object) => recordedTrace({ block: 0, temperature: 0, ...change });
  expect(whereWritten(await run({ steps: 8, sampler: 'left-to-right' })).answer).toBe('left');
  expect(whereWritten(await run({ steps: 1 })).answer).toBe('once');
  const trace = await run({ steps: 8, sampler: 'random' });
  const order = trace.steps.flatMap(writtenSlotsIn);
  const ahead = order.filter((slot, at) => order.includes(slot - 1) && order.indexOf(slot - 1) > at).length;
  expect(whereWritten(trace)).toEqual({ answer: 'anywhere', values: { ahead: String(ahead), of: '8' } });
});
