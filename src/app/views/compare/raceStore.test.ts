import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { currentTrace } from '../../../diffusion/branches.ts';
import { writtenSlotsIn } from '../../../diffusion/ops.ts';
import { canvasAt } from '../../../diffusion/replay.ts';
import { defaultSettings } from '../../../diffusion/settings.ts';
import { decodeTree } from '../../../diffusion/trace-decode.ts';
import JUDGED from './judged.json';
import { comparedRun, standBeside } from './raceStore.ts';

vi.hoisted(() =>
  Object.assign(globalThis, {
    location: new URL('http://localhost/'),
    history: { state: null, replaceState: () => undefined },
  }),
);

test.each(['append', 'set'] as const)('the judge has read the very text of the recorded race (%s)', (writer) => {
  const trace = currentTrace(decodeTree(readFileSync(`public/recorded/race-${writer}.json`, 'utf8')));
  const { ids } = canvasAt(trace, trace.steps.length);
  const written = [...new Set(trace.steps.flatMap(writtenSlotsIn))].sort((a, b) => a - b);
  expect(JUDGED[writer].ids).toEqual(written.map((slot) => ids[slot]));
  expect(JUDGED[writer].logProbs).toHaveLength(written.length);
  for (const nats of JUDGED[writer].logProbs) expect(nats).toBeLessThanOrEqual(0);
});

test('words for the middle stand half way in the gap, the ending behind it; who appends is told neither', () => {
  const settings = { ...defaultSettings(), prompt: 'Tom', length: 5 };
  const given = { middle: 'a key', ending: ' home.', mask: '_' };
  expect(comparedRun(settings, '2', given).settings).toMatchObject({
    mode: 'fill',
    prompt: 'Tom__ a key___ home.',
    steps: 3,
  });
  expect(comparedRun(settings, '1', { middle: 'a key', mask: '_' }).settings.prompt).toBe('Tom__ a key___');
  expect(comparedRun(settings, 'append', given).settings).toMatchObject({ mode: 'continue', prompt: 'Tom' });
  expect(comparedRun(settings, '2', { mask: '_' }).settings).toMatchObject({ mode: 'continue', prompt: 'Tom' });
});

test('the times of a recording never stand beside those of this device, not even with the same settings', () => {
  expect(standBeside({ made: 'so', recorded: false }, 'so')).toBe(true);
  expect(standBeside({ made: 'so', recorded: true }, 'so')).toBe(false);
  expect(standBeside({ made: 'so', recorded: false }, 'otherwise')).toBe(false);
});
