import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultSettings } from '../../diffusion/settings.ts';
import { formatScheduleLink, type Look, MOST_TEXT, parseScheduleLink, SHOWN } from './scheduleLink.ts';

const defaults: Look = { text: 'A fox.', t: 0.35, shown: 'rate' };

test('a link carries the sentence, the time and the curves beside the settings', () => {
  const settings = { ...defaultSettings(), schedule: 'drawn', curve: '250-100_500-600', seed: 7 } as const;
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: MOST_TEXT }),
      fc.integer({ min: 0, max: 100 }),
      fc.constantFrom(...SHOWN),
      (text, hundredths, shown) => {
        const look = { text, t: hundredths / 100, shown };
        const found = parseScheduleLink(formatScheduleLink(settings, look, defaults));
        expect(found.settings).toEqual(settings);
        expect(found.problems).toEqual([]);
        expect({ ...defaults, ...found.look, t: Number((found.look.t ?? defaults.t).toFixed(2)) }).toEqual(look);
      },
    ),
  );
  expect(formatScheduleLink(defaultSettings(), defaults, defaults)).toBe('v=3');
  expect(formatScheduleLink(settings, { ...defaults, t: 0.7 }, defaults)).toMatch(
    /^v=3&check=4-\w+&schedule=drawn&curve=250-100_500-600&seed=7&t=0\.7$/,
  );
});

test('what cannot be read is reported, and the rest is used', () => {
  const { look, settings, problems } = parseScheduleLink('v=1&t=later&curves=best&text=Hi&seed=9&curve=9-x');
  expect(look).toEqual({ text: 'Hi' });
  expect(settings.seed).toBe(9);
  expect(problems).toHaveLength(3);
  expect(problems.join(' ')).toContain('t must be a number from 0 to 1');
});
