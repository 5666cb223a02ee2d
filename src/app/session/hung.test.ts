import { beforeEach, expect, test } from 'vitest';
import { defaultSettings } from '../../diffusion/settings.ts';
import { forgetHung, hasHung, markOf, modelMark, noteHung } from './hung.ts';

const kept = new Map<string, string>();
beforeEach(() => {
  kept.clear();
  Object.assign(globalThis, {
    localStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (k: string, v: string) => kept.set(k, v),
    },
  });
});

const settings = { ...defaultSettings(), prompt: 'aaaa' };

test('a text that hung one job is known to every job that reads it with the same model, after a reload too', () => {
  noteHung([markOf({ kind: 'tokenize', text: 'aaaa' }, 'odd')]);
  expect(hasHung(markOf({ kind: 'tokenize', text: 'aaaa' }, 'odd'))).toBe(true);
  expect(hasHung(markOf({ kind: 'tokenize', text: 'aaaa' }, 'other'))).toBe(false);
  expect(hasHung(markOf({ kind: 'tokenize', text: 'b' }, 'odd'))).toBe(false);
  noteHung([markOf({ kind: 'generate', settings }, 'odd')]);
  expect(hasHung(markOf({ kind: 'countPrompt', settings }, 'odd'))).toBe(true);
  expect([...kept.values()].join()).not.toContain('aaaa');
});

test('a model that hung is known by its name, until it is asked for on purpose', () => {
  const request = { kind: 'load', source: { stored: 'k' }, model: 'odd', backend: 'auto' } as const;
  noteHung([markOf(request, undefined)]);
  expect(hasHung(modelMark('odd'))).toBe(true);
  forgetHung([modelMark('odd')]);
  expect(hasHung(modelMark('odd'))).toBe(false);
});

test('what reads nothing strange is never marked, and only the last twenty are kept', () => {
  expect(markOf({ kind: 'storage' }, 'odd')).toBeUndefined();
  noteHung([undefined]);
  for (let n = 0; n < 30; n++) noteHung([modelMark(`${n}`)]);
  expect(hasHung(modelMark('5'))).toBe(false);
  expect(hasHung(modelMark('29'))).toBe(true);
});
