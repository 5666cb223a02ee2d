import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultTrainSettings, PRESETS, type PresetName, presetSettings } from '../../../worker/protocol.train.ts';
import { formatTrain, parseTrain } from './address.ts';

test('a recipe comes back as it went', () => {
  for (const preset of Object.keys(PRESETS) as PresetName[]) {
    const settings = presetSettings(preset);
    const data = settings.data === '' ? 'sample' : settings.data;
    expect(parseTrain(formatTrain({ ...settings, data }))).toEqual({ settings: { ...settings, data }, problems: [] });
  }
  expect(formatTrain(defaultTrainSettings())).toBe('v=3');
});

test('a person’s own texts and files stay behind, and whoever opens the link learns that they did', () => {
  const own = { ...defaultTrainSettings(), data: 'diary.txt', valid: '/home/me/held-out.txt', steps: 9 };
  const link = formatTrain(own);
  expect(link).toMatch(/^v=3&check=2-\w+&data=own&steps=9$/);
  expect(parseTrain(link)).toEqual({ settings: { ...own, data: '', valid: '' }, problems: [] });
});

test('what a link may not name is answered with a sentence', () => {
  const { settings, problems } = parseTrain(
    'v=2&data=https://a.example/x.txt&valid=/etc/passwd&init=../x&steps=7&lr=no',
  );
  expect(settings).toEqual({ ...defaultTrainSettings(), steps: 7 });
  expect(problems).toHaveLength(4);
});

test('whatever it says, settings come of it that can be written down and read again', () => {
  const pairs = fc.array(
    fc.tuple(fc.constantFrom('data', 'steps', 'curve', 'init', 'v'), fc.string({ unit: 'binary' })),
  );
  fc.assert(
    fc.property(pairs, (all) => {
      const { settings } = parseTrain(new URLSearchParams(all).toString());
      expect(parseTrain(formatTrain(settings))).toEqual({ settings, problems: [] });
    }),
  );
});
