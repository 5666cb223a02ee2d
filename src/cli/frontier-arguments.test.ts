import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Frontier } from '../diffusion/frontier.ts';
import { parseLink } from '../diffusion/link.ts';
import { OPENINGS } from '../diffusion/openings.ts';
import { FRONTIER_HELP, parseFrontier } from './frontier-arguments.ts';

test('by default at least six samplers at 8, 16, 32 and 64 passes, on every opening, without WebGPU', () => {
  const given = parseFrontier([]);
  if (given === 'help') throw new Error('no help was asked for');
  const { points, prompts, tasks } = given.plan;
  const stepped = points.filter(({ knob, writer }) => knob === 'steps' && writer === 'set');
  expect(new Set(stepped.map(({ settings }) => settings.sampler)).size).toBeGreaterThanOrEqual(6);
  expect(new Set(stepped.map(({ settings }) => settings.steps))).toEqual(new Set([8, 16, 32, 64]));
  expect(prompts).toEqual(OPENINGS);
  expect(tasks).toHaveLength(points.length * OPENINGS.length);
  expect(given.backend).toBe('fallback');
  expect(given.out).toMatch(/bench\/results\/frontier\.json$/);
});

test('takes samplers, passes, prompts, seeds, length and sampling', () => {
  const line =
    '--samplers random,confidence:8 --passes 4 --prompts 3 --seeds 2 --length 16 --temperature 0.7 --backend webgpu';
  const given = parseFrontier(line.split(' '));
  if (given === 'help') throw new Error('no help was asked for');
  expect(given.plan.points.map(({ key }) => key)).toEqual(['append', 'random steps=4', 'confidence:8 steps=4']);
  expect(given.plan.tasks).toHaveLength(3 * 3 * 2);
  expect(given.plan.base).toMatchObject({ length: 16, temperature: 0.7 });
  expect(given.backend).toBe('webgpu');
});

test.each([
  ['--passes 0', 'arguments'],
  ['--passes 8,x', 'arguments'],
  ['--prompts 21', 'arguments'],
  ['--seeds 1.5', 'arguments'],
  ['--backend gpu', 'arguments'],
  ['--samplers best', 'settings'],
  ['--length 0', 'settings'],
  ['--out /nowhere/at/all.json', 'arguments'],
  ['--colour red', 'arguments'],
])('refuses %s in words', (line, code) => {
  expect(() => parseFrontier(line.split(' '))).toThrowError(expect.objectContaining({ code }));
});

test('help names every option', () => {
  for (const option of [
    'samplers',
    'passes',
    'prompts',
    'seeds',
    'length',
    'temperature',
    'top-p',
    'top-k',
    'backend',
    'out',
  ])
    expect(FRONTIER_HELP).toContain(`--${option}`);
  expect(parseFrontier(['--help'])).toBe('help');
});

test('what the page shows as measured has six samplers and more at 8, 16, 32 and 64 passes, with error bars', () => {
  const file = new URL('../../bench/results/frontier.json', import.meta.url);
  const { points, reference, prompts } = JSON.parse(readFileSync(file, 'utf8')) as Frontier;
  const stepped = points.filter(({ knob }) => knob === 'steps');
  const names = [...new Set(stepped.map(({ series }) => series.split(':')[0]))];
  expect(names.length).toBeGreaterThanOrEqual(6);
  for (const name of names) {
    const own = stepped.filter(({ series }) => series === name);
    expect(own.map(({ value }) => value)).toEqual([8, 16, 32, 64]);
  }
  for (const { texts, quality, link } of [reference, ...points]) {
    expect(texts).toHaveLength(prompts);
    expect(parseLink(`?${link}`).problems).toEqual([]);
    const all = [quality.perplexity, quality.entropy, ...quality.repetition, ...quality.distinct];
    for (const { value, low, high } of all) expect(low <= value && value <= high).toBe(true);
  }
});
