import { beforeEach, expect, test, vi } from 'vitest';
import { defaultSettings } from '../../../diffusion/settings.ts';
import { defaultTrainSettings } from '../../../worker/protocol.train.ts';
import { useSettings } from '../settings.ts';
import { writeAsLearnt } from './asLearnt.ts';

// The stores of the page look at its address when they are made, and write into it a moment after a change.
vi.hoisted(() =>
  Object.assign(globalThis, {
    location: new URL('http://localhost/'),
    history: { state: null, replaceState: () => undefined },
  }),
);

const learnt = defaultTrainSettings();
const settings = () => useSettings.getState().settings;

beforeEach(() => useSettings.setState({ settings: { ...defaultSettings(), model: 'mine' } }));

test('a model that learnt blocks writes in those, and the next one anywhere again', () => {
  writeAsLearnt({ ...learnt, objective: 'bd3lm', block: 4 }, 'mine');
  expect(settings()).toMatchObject({ mode: 'continue', process: 'blocks', block: 4, model: 'mine' });
  writeAsLearnt({ ...learnt, objective: 'mdlm' }, 'mine');
  expect(settings()).toMatchObject({ mode: 'continue', process: 'masked' });
});

test('a model that learnt to repair does so, also before it is loaded; the next one goes on from a text', () => {
  writeAsLearnt({ ...learnt, objective: 'edits', corrupt: 'typos' }, 'mine');
  expect(settings()).toMatchObject({ mode: 'edit', model: 'mine', temperature: 0 });
  expect(settings().prompt).toContain('littel');
  writeAsLearnt({ ...learnt, objective: 'mdlm' }, 'mine');
  expect(settings()).toMatchObject({ mode: 'continue', process: 'masked', model: 'mine', temperature: 1 });
});

test('a model that learnt to write by edits begins with what it has learnt to begin with', () => {
  writeAsLearnt({ ...learnt, objective: 'edits', corrupt: 'masks', editMasks: 24 }, 'mine');
  expect(settings()).toMatchObject({ mode: 'continue', process: 'edits', editsFrom: 'masks', length: 24 });
  writeAsLearnt({ ...learnt, objective: 'edits', corrupt: 'empty' }, 'mine');
  expect(settings()).toMatchObject({ mode: 'continue', process: 'edits', editsFrom: 'nothing' });
});

test('a model that learnt to append goes on from a text, where gaps were filled before', () => {
  useSettings.setState({ settings: { ...settings(), mode: 'fill' } });
  writeAsLearnt({ ...learnt, objective: 'mdlm' }, 'mine');
  expect(settings()).toMatchObject({ mode: 'fill' });
  writeAsLearnt({ ...learnt, objective: 'next-token' }, 'mine');
  expect(settings()).toMatchObject({ mode: 'continue', process: 'masked' });
});
