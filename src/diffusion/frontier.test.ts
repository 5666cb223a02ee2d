import { describe, expect, test } from 'vitest';
import {
  formatSeries,
  groupsOf,
  type PointPlan,
  parseSeries,
  planFrontier,
  planReference,
  planSeries,
  pointOf,
  type Sample,
  seedOf,
} from './frontier.ts';
import { parseLink } from './link.ts';
import { OPENINGS } from './openings.ts';
import { defaultSettings, SAMPLERS, type Settings } from './settings.ts';

const base: Settings = { ...defaultSettings(), length: 32 };

describe('series', () => {
  test('are a sampler, perhaps with blocks', () => {
    expect(parseSeries('confidence')).toEqual({ sampler: 'confidence', block: 0 });
    expect(parseSeries('random:16')).toEqual({ sampler: 'random', block: 16 });
    expect(formatSeries(parseSeries('random:16'))).toBe('random:16');
    for (const wrong of ['', 'best', 'confidence:', 'confidence:-1', 'confidence:x'])
      expect(() => parseSeries(wrong)).toThrowError(expect.objectContaining({ code: 'settings' }));
  });

  test('take as many steps as passes are asked for, and no two points share a key', () => {
    const plans = planSeries({ sampler: 'confidence', block: 16 }, [8, 16], base);
    expect(plans.map(({ settings }) => [settings.steps, settings.block])).toEqual([
      [8, 16],
      [16, 16],
    ]);
    const all = SAMPLERS.flatMap((sampler) => planSeries({ sampler, block: 0 }, [8, 16], base));
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
  });

  test('with a pace of their own are hurried by their own knob, or are one point', () => {
    const hurried = planSeries({ sampler: 'threshold', block: 0 }, [8, 16], base);
    expect(hurried.map(({ knob, settings }) => [knob, settings.threshold])).toEqual([
      ['threshold', 0.5],
      ['threshold', 0.25],
      ['threshold', 0.1],
      ['threshold', 0.05],
    ]);
    expect(planSeries({ sampler: 'first-hitting', block: 0 }, [8, 16], base)).toHaveLength(1);
  });

  test('no two texts of a series share a seed', () => {
    const seeds = [0, 1, 2].flatMap((round) => OPENINGS.map((_, prompt) => seedOf(prompt, round)));
    expect(new Set(seeds).size).toBe(60);
  });
});

describe('a point', () => {
  const [plan] = planSeries({ sampler: 'random', block: 0 }, [8], base) as [PointPlan];
  const sample = (prompt: string, change: Partial<Sample> = {}): Sample => ({
    prompt,
    seed: 3,
    ids: [1, 2],
    text: 'a b',
    logProbs: [Math.log(0.5), Math.log(0.5)],
    forwards: 8,
    milliseconds: 10,
    ...change,
  });

  test('is the mean of its texts, and its link leads back to them', () => {
    const point = pointOf(plan, [sample('A'), sample('B', { forwards: 6, milliseconds: 30 })]);
    expect(point).toMatchObject({ series: 'random', knob: 'steps', value: 8, passes: 7, milliseconds: 20, tokens: 2 });
    expect(point?.quality.perplexity.value).toBeCloseTo(2, 12);
    expect(point?.texts[1]).toEqual({ prompt: 'B', seed: 3, text: 'a b', perplexity: expect.closeTo(2, 12) });
    expect(parseLink(point?.link ?? '').settings).toMatchObject({ sampler: 'random', steps: 8, length: 32, block: 0 });
  });

  test('is not there before its first text', () => {
    expect(pointOf(planReference(base), [])).toBeUndefined();
  });
});

test('a plan begins with the reference and writes every prompt with every point, each seed once per point', () => {
  const plan = planFrontier({
    series: ['random', 'random:0', 'threshold'],
    passes: [8, 16],
    prompts: OPENINGS.slice(0, 3),
    seeds: 2,
    base,
  });
  expect(plan.points.map(({ series }) => series)).toEqual([
    'append',
    'random',
    'random',
    ...Array(4).fill('threshold'),
  ]);
  expect(plan.tasks).toHaveLength(7 * 3 * 2);
  const seen = plan.tasks.map(({ point, prompt, seed }) => `${point.key} ${prompt} ${seed}`);
  expect(new Set(seen).size).toBe(seen.length);
  expect(() => planFrontier({ series: ['best'], passes: [8], prompts: [], seeds: 1, base })).toThrow('no sampler');
});

test('the openings are twenty different ones', () => {
  expect(new Set(OPENINGS).size).toBe(20);
});

test('texts of one prompt and seed are written at once, eight at most; the judge writes its own alone', () => {
  const { tasks, points } = planFrontier({ passes: [8, 16, 32], prompts: ['a', 'b'], seeds: 2, base });
  const groups = groupsOf(tasks);
  expect(groups.flat()).toEqual(tasks);
  for (const group of groups) {
    expect(new Set(group.map(({ prompt, seed }) => `${prompt} ${seed}`)).size).toBe(1);
    expect(group.length).toBeLessThanOrEqual(8);
    if (group.some(({ point }) => point.writer === 'append')) expect(group).toHaveLength(1);
  }
  expect(groups).toHaveLength(4 * (1 + Math.ceil((points.length - 1) / 8)));
});
