/** Against numbers by the formulas of the paper (shared golden vrpo) where they lie beside the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { memorySource } from '../../checkpoint/sources.ts';
import { scheduleOf } from '../../diffusion/drawn-schedule.ts';
import {
  estimateVariance,
  exactMoments,
  preferenceLoss,
  preferencePull,
  preferenceScore,
} from '../../diffusion/preference.ts';
import { pairOfText, pairRows, readPairs } from '../data/pairs.ts';
import { slotDivergences } from '../preferring.ts';
import { maskedCopies, pairsOf, vrpo } from './vrpo.ts';

const file = new URL('../../../../shared/golden/vrpo.json', import.meta.url);
const golden = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;

describe.skipIf(golden === undefined)('the golden numbers of VRPO', () => {
  test('score, loss and weights of every case', () => {
    for (const { beta, n_t, n_yt, negative_elbo_terms: terms, ...expected } of golden.cases) {
      if (terms === undefined) continue;
      const side = (name: 'w' | 'l') => ({
        policy: terms[`${name}_policy`].flat(),
        reference: terms[`${name}_reference`].flat(),
      });
      const score = preferenceScore({ chosen: side('w'), rejected: side('l') }, beta);
      expect(score).toBeCloseTo(expected.score, 9);
      expect(preferenceLoss(score)).toBeCloseTo(expected.loss, 9);
      const weight = (beta * preferencePull(score)) / (n_t * n_yt);
      expect(weight).toBeCloseTo(expected.weight_of_each_term.w, 9);
    }
  });

  test('exact variances by enumeration, shared draws and not', () => {
    const { tables, beta, L, variances, moments } = golden.exact;
    const sums = (name: string) =>
      new Map(
        Object.entries(tables[name] as Record<string, number>).map(([set, sum]) => [
          set.split(',').reduce((bits, place) => bits | (1 << Number(place)), 0),
          sum,
        ]),
      );
    const apart = (name: string) =>
      new Map(
        [...sums(`${name}_policy`)].map(([set, sum]) => [set, sum - (sums(`${name}_reference`).get(set) as number)]),
      );
    const of = (table: Map<number, number>) => exactMoments(L, table);
    for (const name of Object.keys(moments)) {
      const found = of(sums(name));
      for (const key of ['mean', 'between', 'within'] as const) expect(found[key]).toBeCloseTo(moments[name][key], 9);
    }
    for (const { n_t, n_yt, variance_shared: shared, variance_independent: independent } of variances) {
      const both = (tables: Map<number, number>[]) =>
        beta ** 2 * tables.reduce((sum, table) => sum + estimateVariance(of(table), n_t, n_yt), 0);
      expect(both([apart('w'), apart('l')])).toBeCloseTo(shared, 9);
      expect(both(['w_policy', 'w_reference', 'l_policy', 'l_reference'].map(sums))).toBeCloseTo(independent, 9);
    }
  });
});

const [MASK, LENGTH, DRAWS] = [4, 12, 3];
const rows = {
  ids: Int32Array.from({ length: 4 * LENGTH }, (_, i) => 5 + i),
  maskable: Uint8Array.from({ length: 4 * LENGTH }, (_, i) => (i % LENGTH < 4 ? 0 : 1)),
  length: LENGTH,
};
const draw = { seed: 3, step: 2 };
const about = { maskId: MASK, vocabSize: 64, schedule: scheduleOf({ schedule: 'linear', curve: '' }) };
const settings = { beta: 0.5, draws: DRAWS, sft: 0.1 };
const asked = vrpo(settings);

describe('vrpo', () => {
  const { question, tokens } = maskedCopies(rows, draw, MASK, DRAWS);
  // Cross-entropies that nobody could mistake for each other.
  const policy = Float32Array.from(question.scored, (_, n) => 1 + (n % 7) / 3);
  const reference = Float32Array.from(question.scored, (_, n) => 1.5 + (n % 5) / 4);

  test('masks k of the answer in each copy, never the prompt, with weight L/k, counts spread', () => {
    for (let copy = 0; copy < 4 * DRAWS; copy++) {
      const own = [...question.scored].flatMap((slot, n) => (Math.floor(slot / LENGTH) === copy ? [n] : []));
      for (const n of own) {
        expect((question.scored[n] as number) % LENGTH).toBeGreaterThanOrEqual(4);
        expect(question.weights[n]).toBeCloseTo(8 / own.length, 6);
        expect(question.inputs[question.scored[n] as number]).toBe(MASK);
      }
    }
    expect(tokens).toEqual([8, 8, 8, 8]);
    expect(maskedCopies(rows, { seed: 3, step: 3 }, MASK, DRAWS).question.inputs).not.toEqual(question.inputs);
  });

  test('asks model and reference the same', () => {
    const [one, other] = asked.probes?.(rows, draw, about) ?? [];
    expect([one?.of, other?.of]).toEqual(['policy', 'reference']);
    expect(one?.question).toBe(other?.question);
    expect(one?.question).toEqual(question);
  });

  test('has weights whose sum of cross-entropies has the gradient of the loss', () => {
    const lossAt = (values: Float32Array) => {
      const pairs = pairsOf({ question, tokens, draws: DRAWS }, values, reference);
      const scores = pairs.map((terms) => preferenceScore(terms, settings.beta));
      const preferred = scores.reduce((sum, score) => sum + preferenceLoss(score), 0) / scores.length;
      // The usual loss per token of the chosen answers.
      const chosen = pairs.reduce(
        (sum, { chosen: { policy: terms } }) => sum + terms.reduce((a, b) => a + b, 0) / DRAWS,
        0,
      );
      return preferred + (settings.sft * chosen) / 16;
    };
    const { weights, told } = asked.ask(rows, draw, about, [policy, reference]);
    const step = 1e-2;
    for (const n of [0, 5, 11, question.scored.length - 1]) {
      const [up, down] = [policy.slice(), policy.slice()];
      up[n] = (up[n] as number) + step;
      down[n] = (down[n] as number) - step;
      expect(weights[n]).toBeCloseTo((lossAt(up) - lossAt(down)) / (2 * step), 3);
    }
    expect(told?.loss).toBeGreaterThan(0);
    expect(told?.accuracy).toBeLessThanOrEqual(1);
  });

  test('begins at ln 2 and one half, where model and reference are one', () => {
    const { told } = asked.ask(rows, draw, about, [policy, policy]);
    expect(told).toEqual({ loss: Math.log(2), accuracy: 0.5, margin: 0 });
  });
});

const tokenizer = {
  encode: (text: string) => [...text].map((each) => each.charCodeAt(0) - 90),
  decode: () => '',
  piece: () => '',
};
const arch = { ids: { mask: 4, cls: undefined, bos: undefined, eos: undefined, sep: 2, pad: 0 }, maxLength: 64 };

describe('pairs', () => {
  const read = (rows: readonly object[]) =>
    readPairs(
      memorySource(
        new Map([['p.jsonl', new TextEncoder().encode(rows.map((row) => JSON.stringify(row)).join('\n'))]]),
        'test',
      ),
      'p.jsonl',
    );

  test('are read from the fields that exporters use', async () => {
    const { texts, notes } = await read([
      { prompt: 'a', chosen: 'b', rejected: 'c', group: 'g' },
      { instruction: 'a', input: 'x', chosen: 'b', rejected: 'c' },
      {
        chosen: [
          { role: 'user', content: 'q' },
          { role: 'assistant', content: 'b' },
        ],
        rejected: [{ role: 'assistant', content: 'c' }],
      },
      { prompt: 'a', chosen: 'b', rejected: 'b' },
    ]);
    expect(texts.map(pairOfText)).toEqual([
      { prompt: 'a', chosen: 'b', rejected: 'c', group: 'g' },
      { prompt: 'a\nx', chosen: 'b', rejected: 'c' },
      { prompt: '', chosen: 'b', rejected: 'c' },
    ]);
    expect(notes).toHaveLength(1);
    await expect(read([{ text: 'no pair' }])).rejects.toThrow('has no pairs');
    expect(() => pairOfText('Once upon a time')).toThrow('no pairs');
  });

  test('become two rows each, of which only the answers may be masked', () => {
    const pair = JSON.stringify({ prompt: 'ab', chosen: 'cd', rejected: 'efgh' });
    const { ids, maskable, count } = pairRows([pair], { tokenizer, arch }, { length: 9 });
    expect(count).toBe(2);
    // The space before an answer is the answer's.
    expect([...ids.slice(0, 9)]).toEqual([7, 8, -58, 9, 10, 2, 0, 0, 0]);
    expect([...maskable.slice(0, 9)]).toEqual([0, 0, 1, 1, 1, 1, 0, 0, 0]);
    expect([...maskable.slice(9)]).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 0]);
  });

  test('too long keep the end of the prompt and the beginning of the answer', () => {
    const pair = JSON.stringify({ prompt: 'abcdef', chosen: 'gh', rejected: 'ijklmnopqr' });
    const { ids, maskable } = pairRows([pair], { tokenizer, arch }, { length: 8 });
    expect([...ids.slice(0, 8)]).toEqual([9, 10, 11, 12, -58, 13, 14, 2]);
    expect([...maskable.slice(8)]).toEqual(Array(8).fill(1));
  });
});

test('the divergence of two lists of alternatives is 0 for one and the same, and that of two words by hand', () => {
  const list = (ids: number[], probabilities: number[]) => ({
    topK: ids.length,
    topIds: Int32Array.from(ids),
    topLogProbs: Float32Array.from(probabilities, Math.log),
  });
  const one = list([1, 2], [0.7, 0.2]);
  expect(slotDivergences(one, one)[0]).toBeCloseTo(0, 6);
  const other = list([2, 1], [0.5, 0.3]);
  const expected = 0.7 * Math.log(0.7 / 0.3) + 0.2 * Math.log(0.2 / 0.5) + 0.1 * Math.log(0.1 / 0.2);
  expect(slotDivergences(one, other)[0]).toBeCloseTo(expected, 6);
});
