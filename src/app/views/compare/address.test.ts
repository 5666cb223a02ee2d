import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../../../diffusion/settings.ts';
import { type Comparison, DEFAULT_COMPARISON, formatComparison, parseComparison } from './address.ts';

const changed: Comparison = {
  tab: 'samplers',
  ending: 'and they went home.',
  middle: 'the old castle',
  settings: { ...defaultSettings(), prompt: 'A fox & a hen', length: 32, seed: 7, sampler: 'random', width: 4 },
  width: '8',
  opponent: 'own',
  rival: 'class/tiny-llama',
  columns: [
    { sampler: 'threshold', steps: 8, temperature: 0.7, block: 16 },
    { sampler: 'remdm-conf', steps: 64, temperature: 1, block: 0 },
    { sampler: 'random', steps: 64, temperature: 1, block: 8, process: 'blocks' },
    { sampler: 'random', steps: 64, temperature: 1, block: 8, adapter: 'a,b;c', process: 'blocks' },
  ],
  task: 'edit',
  mistaken: 'Teh fox; a hen',
  repairs: [{ editWay: 'leap', editAbove: 0.5, steps: 8, temperature: 0.3 }],
  series: ['random', 'confidence:8'],
  prompts: 20,
};

describe('the address of a comparison', () => {
  test('is short for the defaults and comes back as it went', () => {
    expect(formatComparison(DEFAULT_COMPARISON)).toBe('v=3');
    for (const comparison of [DEFAULT_COMPARISON, changed])
      expect(parseComparison(formatComparison(comparison))).toEqual({ comparison, problems: [] });
  });

  test.each([
    ['tab=nowhere', 'tab must be one of'],
    ['per=3', 'per must be one of'],
    ['against=gpt3', 'against must be one of'],
    ['columns=confidence,8', 'columns must be'],
    ['columns=confidence,8,99,0', 'temperature must be'],
    ['columns=best,8,1,0', 'sampler must be'],
    [`columns=${Array(5).fill('random,8,1,0').join(';')}`, 'at most 4 columns'],
    ['columns=random,8,1,0,,rows', 'process must be'],
    ['repairs=surest,1', 'repairs must be'],
    ['repairs=all,0.5,8,0', 'edit-way must be'],
    [`repairs=${Array(5).fill('leap,0.5,8,0').join(';')}`, 'at most 4 columns'],
    ['series=best', 'no sampler "best"'],
    ['prompts=0', 'prompts must be'],
    ['prompts=21', 'prompts must be'],
    ['length=0', 'length must be'],
    ['colour=red', '"colour"'],
  ])('a link with %s says what is wrong and keeps the default', (query, sentence) => {
    const { comparison, problems } = parseComparison(`v=1&${query}`);
    expect(problems.map(String)).toEqual([expect.stringContaining(sentence)]);
    expect(comparison).toEqual(DEFAULT_COMPARISON);
  });

  test('races only samplers whose steps can be chosen, and always goes on from a prompt', () => {
    const { comparison } = parseComparison('v=1&sampler=first-hitting&mode=fill');
    expect(comparison).toMatchObject({ task: 'continue', settings: { sampler: 'confidence', mode: 'continue' } });
    // Edits are of the Samplers tab; the others still go on.
    expect(parseComparison('v=1&mode=edit').comparison).toMatchObject({ task: 'edit', settings: { mode: 'continue' } });
  });
});
