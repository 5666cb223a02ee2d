import { beforeEach, expect, test, vi } from 'vitest';
import { LARGE } from '../../../diffusion/shipped.ts';
import { defaultTrainSettings, PRESETS, presetSettings, type StoredRun } from '../../../worker/protocol.train.ts';
import {
  change,
  dataOf,
  followSpeed,
  MOST_KEPT,
  modelFor,
  settingsOf,
  setUpLike,
  startOf,
  takeFile,
  takePreset,
  takeRecipe,
  takeText,
  useSetup,
} from './setup.ts';

// The stores of the page look at its address when they are made, and write into it a moment after a change.
vi.hoisted(() =>
  Object.assign(globalThis, {
    location: new URL('http://localhost/'),
    history: { state: null, replaceState: () => undefined },
  }),
);

const setup = () => useSetup.getState();

beforeEach(() => useSetup.setState(useSetup.getInitialState(), true));

test.each(PRESETS)('%s fills every field, whatever stood there before', (name) => {
  change({ steps: 1, lr: 0.5, rows: 'documents', prefix: 3, padding: 'seen', clip: 7, seed: 9 });
  takePreset(name);
  expect(setup().settings).toEqual(presetSettings(name));
  expect(setup().preset).toBe(name);
  change({ steps: 2 });
  expect(setup().preset).toBe('');
});

test('a file is read by its first column, and by the one chosen for it only', () => {
  takeFile(new File(['a,b\n1,2\n'], 'one.csv'));
  change({ column: 'b' });
  takeFile(new File(['c\n1\n'], 'two.csv'));
  expect(setup()).toMatchObject({ source: 'file', settings: { column: '' } });
  expect(settingsOf(setup(), 'stories').data).toBe('two.csv');
});

test('a run is set up again with its texts and its settings, but for what is to be different', () => {
  const settings = { ...defaultTrainSettings(), data: 'pasted text', init: 'fresh', lr: 1, batch: 3 };
  setUpLike({ id: 'a1', name: 'trained-1', settings } as StoredRun, { lr: 0.1 });
  expect(dataOf(setup())).toEqual({ kind: 'run', run: 'a1' });
  expect(setup().init).toBe('fresh');
  expect(settingsOf(setup(), 'stories')).toEqual({ ...settings, lr: 0.1 });
});

test('without a text there is nothing to learn from', () => {
  useSetup.setState({ source: 'text', text: '  \n' });
  expect(dataOf(setup())).toBeUndefined();
  useSetup.setState({ source: 'file' });
  expect(dataOf(setup())).toBeUndefined();
  useSetup.setState({ source: 'text', text: 'Words.' });
  expect(dataOf(setup())).toEqual({ kind: 'text', text: 'Words.' });
});

test('next-token prediction goes on from the twin of the shipped model', () => {
  expect(startOf('stories', 'next-token')).toBe('stories-ar');
  expect(startOf('stories', 'mdlm')).toBe('stories');
  expect(startOf('mine', 'next-token')).toBe('mine');
  // From autoregression to diffusion: the twin, with an objective that diffuses.
  expect(startOf('stories', 'mdlm', 'twin')).toBe('stories-ar');
  const settings = { ...defaultTrainSettings(), data: 'sample', objective: 'bd3lm', init: 'stories-ar' } as const;
  takeRecipe(settings);
  expect(setup().init).toBe('twin');
  expect(settingsOf(setup(), 'stories')).toEqual(settings);
});

test('what comes with the page starts a run whichever of its models is in use; another model is taken into use', () => {
  expect(modelFor('stories', 'stories')).toBeUndefined();
  expect(modelFor('stories-ar', LARGE)).toBeUndefined();
  expect(modelFor('stories-ar', 'mine')).toBe('stories');
  expect(modelFor('mine', LARGE)).toBe('mine');
  expect(modelFor('mine', 'mine')).toBeUndefined();
  // The larger one is learnt from when it is asked for.
  expect(startOf(LARGE, 'mdlm')).toBe('stories');
  expect(startOf('stories', 'mdlm', 'large')).toBe(LARGE);
  expect(startOf('mine', 'mdlm', 'large')).toBe('mine');
});

test('the number of steps follows the speed until somebody chooses it, or a recipe', () => {
  followSpeed(1e6);
  expect(setup().settings.steps).toBe(30);
  change({ batch: 4 });
  followSpeed(0.001);
  expect(setup().settings.steps).toBe(300);
  change({ steps: 500 });
  followSpeed(1e6);
  expect(setup().settings.steps).toBe(500);
  useSetup.setState(useSetup.getInitialState(), true);
  takePreset('stories-to-wikitext');
  followSpeed(1e6);
  expect(setup().settings.steps).toBe(presetSettings('stories-to-wikitext').steps);
});

test('a pasted text is there again after a reload, and never an older one in its place', async () => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  const textAfterReload = async () => {
    vi.resetModules();
    return (await import('./setup.ts')).useSetup.getState().text;
  };
  takeText('The fox said “hello” 🦊.');
  expect(await textAfterReload()).toBe('The fox said “hello” 🦊.');
  takeText('a'.repeat(MOST_KEPT + 1));
  expect(setup().text).toHaveLength(MOST_KEPT + 1);
  expect(await textAfterReload()).toBe('');
  vi.unstubAllGlobals();
});
