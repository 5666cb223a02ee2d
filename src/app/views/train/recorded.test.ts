import { expect, test } from 'vitest';
import { type ExperimentName, presetSettings, runsOf } from '../../../worker/protocol.train.ts';
import { factsOf, linesOf, panelsOf, RECORDED } from './recorded.ts';

const experiments = Object.keys(RECORDED) as ExperimentName[];

test.each(experiments)('%s was recorded with its recipe: every run and seed, to the last step', (experiment) => {
  const { runs, seeds } = runsOf(experiment);
  const { steps, evalEvery } = presetSettings(experiment);
  const recording = RECORDED[experiment];
  const recorded = recording.runs;
  const wanted = runs.flatMap(([name, { before }]) => (before ? [name] : seeds.map(() => name)));
  expect(recorded.map(({ name }) => name)).toEqual(wanted);
  for (const { before, evaluations } of recorded) {
    const at = evaluations.map(({ step }) => step);
    expect([at[0], at.at(-1)]).toEqual([0, steps]);
    if (!before) expect(at).toHaveLength(1 + Math.ceil(steps / evalEvery));
  }
  const drawn = panelsOf(experiment, linesOf(recorded)).flatMap(({ lines }) => lines.map(({ name }) => name));
  expect(drawn.toSorted()).toEqual([...new Set(linesOf(recorded).map(({ name }) => name))].toSorted());
  expect(Object.values(factsOf(recording)).join()).not.toMatch(/NaN|–/);
});

test('runs of one name are one line: their mean, each seed beside it', () => {
  const run = (name: string, ...values: number[]) => ({
    name,
    references: { unigram: 6 },
    evaluations: values.map((nelbo, i) => ({ step: 10 * i, nelbo, standardError: 0.1 })),
  });
  const lines = linesOf([run('a', 7, 5), run('a', 7, 4), { ...run('first', 9, 9), before: true }, run('b', 7, 3)]);
  expect(lines.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(lines[0]?.dots).toEqual([
    [0, 7],
    [10, 4.5],
  ]);
  expect(lines[0]?.each).toHaveLength(2);
});
