import { expect, test } from 'vitest';
import type { Dataset } from './data/dataset.ts';
import { measureHeldOut, measurements, perToken, unigramEntropy } from './held-out.ts';
import type { Question } from './objectives/objective.ts';

const MASK = 4;
const data = (count: number, length: number, maskable = (_: number) => true): Dataset => {
  const ids = Int32Array.from({ length: count * length }, (_, i) => 5 + ((i * 7) % 40));
  return { ids, maskable: Uint8Array.from(ids, (_, i) => (maskable(i) ? 1 : 0)), length, count, tokens: ids.length };
};
const about = { texts: 20, batch: 8, maskId: MASK, causal: false };

/** Answers with a cross-entropy per position. */
const guessing = (crossEntropy: (question: Question, position: number) => number) => ({
  crossEntropy: async (question: Question) => Float32Array.from(question.scored, (at) => crossEntropy(question, at)),
});

test.each([false, true])('a uniform guess costs ln V, exactly; causal: %s', async (causal) => {
  const exam = measurements(data(20, 16), { ...about, causal });
  const { nelbo, standardError } = await measureHeldOut(
    guessing(() => Math.log(50)),
    exam,
  );
  expect(nelbo).toBeCloseTo(Math.log(50), 6);
  expect(standardError).toBeLessThan(1e-6);
});

test('masks are the same every time, k of them in each row, k spread over 1 … L, never a special token', () => {
  const texts = data(20, 16, (i) => i % 16 !== 0);
  const exam = measurements(texts, about);
  expect(measurements(texts, about)).toEqual(exam);
  expect(exam.map(({ tokens }) => tokens)).toEqual([8 * 15, 8 * 15, 4 * 15]);
  const counts = exam[0]!.question.inputs.reduce<number[]>((rows, id, i) => {
    if (id === MASK) rows[Math.floor(i / 16)]! += 1;
    return rows;
  }, new Array(8).fill(0));
  counts.forEach((count, row) => {
    expect(Math.abs(count - (15 * (row + 1)) / 8)).toBeLessThan(2.1);
  });
  for (const { question } of exam) {
    expect(question.scored.every((at) => at % 16 !== 0)).toBe(true);
    question.scored.forEach((at, n) => {
      expect(question.inputs[at]).toBe(MASK);
      const row = question.scored.filter((other) => Math.floor(other / 16) === Math.floor(at / 16)).length;
      expect(question.weights[n]).toBeCloseTo(15 / row, 5);
    });
  }
});

test('its mean is the NELBO: masks that hurt in proportion to their number', async () => {
  // −log p = m/L at every masked token, m masks: NELBO per token = mean over m of m/L = (L + 1) / 2L.
  const exam = measurements(data(400, 16), { ...about, texts: 400 });
  const hurt = guessing(({ inputs }, at) => {
    const row = Math.floor(at / 16) * 16;
    return inputs.subarray(row, row + 16).filter((id) => id === MASK).length / 16;
  });
  const { nelbo, standardError } = await measureHeldOut(hurt, exam);
  expect(Math.abs(nelbo - 17 / 32)).toBeLessThan(4 * standardError + 1e-3);
  expect(standardError).toBeLessThan(0.01);
});

test('blocks are measured apart: k of the tokens of each block, with the clean text behind the masked one', async () => {
  const exam = measurements(data(20, 16), { ...about, block: 4 });
  expect(exam.map(({ tokens }) => tokens)).toEqual([8 * 16, 8 * 16, 4 * 16]);
  const { question } = exam[0]!;
  expect([question.length, question.sees]).toEqual([32, { noisyAndClean: 4 }]);
  for (let block = 0; block < 8 * 4; block++) {
    const first = Math.floor(block / 4) * 32 + (block % 4) * 4;
    const places = Array.from({ length: 4 }, (_, i) => first + i);
    const masked = places.filter((place) => question.inputs[place] === MASK);
    expect(masked.length).toBeGreaterThan(0);
    expect(places.every((place) => question.inputs[place + 16] !== MASK)).toBe(true);
    for (const place of masked) {
      expect(question.weights[question.scored.indexOf(place)]).toBeCloseTo(4 / masked.length, 5);
    }
  }
  const uniform = guessing(() => Math.log(50));
  expect((await measureHeldOut(uniform, exam)).nelbo).toBeCloseTo(Math.log(50), 6);
  // One block of the whole row needs no clean copy.
  expect(measurements(data(20, 16), { ...about, block: 16 })[0]!.question.length).toBe(16);
});

test('several draws of one text are a batch, which share out the counts', async () => {
  const exam = measurements(data(20, 16), { ...about, draws: 4 });
  expect(exam).toHaveLength(20);
  for (const { question, tokens } of exam) {
    expect(tokens).toBe(4 * 16);
    const counts = [0, 1, 2, 3].map((draw) => question.scored.filter((at) => Math.floor(at / 16) === draw).length);
    // One count from each quarter.
    expect(counts.map((count) => Math.ceil(count / 4)).toSorted()).toEqual([1, 2, 3, 4]);
  }
  const uniform = guessing(() => Math.log(50));
  expect((await measureHeldOut(uniform, exam)).nelbo).toBeCloseTo(Math.log(50), 6);
});

test('the standard error is that of the batch means where batches are alike', () => {
  const means = [1, 2, 4, 5];
  const { nelbo, standardError } = perToken(
    means.map((mean) => 10 * mean),
    [10, 10, 10, 10],
  );
  const variance = means.reduce((sum, x) => sum + (x - 3) ** 2, 0) / 3;
  expect(nelbo).toBe(3);
  expect(standardError).toBeCloseTo(Math.sqrt(variance / 4), 10);
  expect(perToken([20], [10]).standardError).toBeNaN();
});

test('is stopped by its signal', async () => {
  const exam = measurements(data(20, 16), about);
  await expect(
    measureHeldOut(
      guessing(() => 1),
      exam,
      AbortSignal.abort(),
    ),
  ).rejects.toMatchObject({ name: 'AbortError' });
});

test('unigram entropy counts what is to be learnt', () => {
  const ids = Int32Array.of(1, 1, 2, 2, 3, 3, 3);
  expect(unigramEntropy({ ids, maskable: Uint8Array.of(1, 1, 1, 1, 0, 0, 0), length: 7 }, 8)).toBeCloseTo(Math.LN2, 10);
});
