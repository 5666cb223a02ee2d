import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generate } from './generate.ts';
import { idleSettings } from './idle-settings.ts';
import { writtenIdsIn, writtenSlotsIn } from './ops.ts';
import { defaultSettings, type SettingName, type Settings } from './settings.ts';
import { anyCase } from './testing/arbitrary.ts';

const idleNames = (changes: Partial<Settings>) =>
  idleSettings({ ...defaultSettings(), ...changes }).map(({ setting }) => setting);

test('names what does nothing, and why', () => {
  expect(idleNames({})).toContain('threshold');
  expect(idleNames({})).not.toContain('seed');
  expect(idleNames({ temperature: 0 })).toEqual(expect.arrayContaining(['topK', 'topP', 'seed']));
  expect(idleNames({ sampler: 'threshold' })).not.toContain('threshold');
  expect(idleNames({ sampler: 'order', pattern: 'rows' })).toEqual(expect.arrayContaining(['order', 'width']));
  expect(idleNames({ sampler: 'order', pattern: 'drawn' })).not.toContain('order');
  expect(idleSettings({ ...defaultSettings(), sampler: 'threshold' })).toContainEqual({
    setting: 'schedule',
    because: 'sampler',
  });
});

// Another value for every setting that can be idle. `length` is left out: it also makes the canvas.
const OTHER: Partial<Settings> = {
  steps: 3,
  schedule: 'cosine',
  curve: '500-900',
  stochastic: true,
  exact: true,
  topK: 2,
  topP: 0.5,
  orderTemperature: 1,
  threshold: 0.5,
  factor: 2,
  gamma: 1,
  eta: 0.3,
  tOn: 0.7,
  tOff: 0.3,
  alphaOn: 0.7,
  editThreshold: 0.4,
  pattern: 'centre-out',
  order: '3-0',
  width: 5,
  generations: 2,
  seed: 99,
};

test('the knobs of edits belong to edits', () => {
  const all = ['editWay', 'editAbove', 'editsFrom'];
  expect(idleNames({})).toEqual(expect.arrayContaining(all));
  expect(idleNames({ mode: 'edit' })).toEqual(expect.arrayContaining(['editsFrom', 'process']));
  expect(idleNames({ mode: 'edit' })).not.toEqual(expect.arrayContaining(['editAbove']));
  expect(idleNames({ mode: 'edit', editWay: 'leap' })).toContain('editAbove');
  expect(idleNames({ process: 'edits' })).not.toContain('editsFrom');
  expect(idleNames({ process: 'edits', editsFrom: 'nothing' })).toContain('length');
});

test('an idle setting may be changed without changing a word', async () => {
  const words = async (run: typeof anyCase extends fc.Arbitrary<infer T> ? T : never, settings: Settings) => {
    const written: string[] = [];
    for await (const step of generate(run.network, run.canvas, settings)) {
      written.push(`${writtenSlotsIn(step).join()}=${writtenIdsIn(step).join()}`);
    }
    return written;
  };
  await fc.assert(
    fc.asyncProperty(anyCase, async (run) => {
      const before = await words(run, run.settings);
      for (const { setting } of idleSettings(run.settings)) {
        const name: SettingName = setting;
        if (name in OTHER) expect(await words(run, { ...run.settings, [name]: OTHER[name] })).toEqual(before);
      }
    }),
    { numRuns: 150 },
  );
});
