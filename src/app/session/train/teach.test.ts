import { expect, test } from 'vitest';
import { parseLink } from '../../../diffusion/link.ts';
import { readHash } from '../../../diffusion/link-text.ts';
import { defaultSettings } from '../../../diffusion/settings.ts';
import { estimateSeconds } from './estimate.ts';
import { beginningOf, SECONDS, taughtIn, teachLink, teachSettings } from './teach.ts';

Object.assign(globalThis, { location: new URL('http://page.test/unmask/') });

test('a run takes as many steps as fit into its time, never fewer than show something', () => {
  const fast = teachSettings(1, 2);
  expect(fast.steps).toBe(160);
  const canvases = ({ steps, sampleEvery }: typeof fast) => Math.ceil(steps / sampleEvery);
  expect(canvases(fast)).toBe(5);
  // From a passable processor to one that has ten other things to do.
  const slow = [20, 60, 100, 200, 400].map((pass) => {
    const settings = teachSettings(1, pass);
    expect(estimateSeconds(settings, pass), `${pass} ms`).toBeLessThanOrEqual(SECONDS);
    return settings;
  });
  const learnt = slow.map(({ steps, batch, length }) => steps * batch * length);
  expect(learnt).toEqual(learnt.toSorted((a, b) => b - a));
  expect(canvases(slow.at(-1) as typeof fast)).toBe(1);
  expect(teachSettings(1, 4000).steps).toBe(12);
});

test('a link carries the text and the seed, and the settings of Generate beside them', () => {
  const text = 'Zoë’s goat ate 50 % of the hat & ran.\n\n山羊吃了帽子。';
  const address = teachLink({ ...defaultSettings(), length: 32 }, 77, `${text}\n`) as string;
  const { query } = readHash(new URL(address).hash);
  expect(taughtIn(query)).toEqual({ text, seed: 77 });
  const { settings, problems } = parseLink(query);
  expect(problems).toEqual([]);
  expect(settings).toEqual({ ...defaultSettings(), length: 32, seed: 77 });
});

test('a text that no mail would pass on makes no link, and a link without one teaches nothing', () => {
  expect(teachLink(defaultSettings(), 1, 'goat '.repeat(2000))).toBeUndefined();
  expect(taughtIn('v=3&seed=4')).toBeUndefined();
  expect(taughtIn('v=3&teach=A%20goat&seed=much')?.seed).toBe(defaultSettings().seed);
});

test('a text is gone on from by its first words', () => {
  expect(beginningOf('  The robot lives\non the moon.')).toBe('The robot lives');
});
