import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultsOf } from './chat-defaults.ts';
import { UnmaskError } from './error.ts';
import { formatLink, parseLink } from './link.ts';
import { MISTAKEN } from './openings.ts';
import { defaultSettings, parseSetting, type Settings } from './settings.ts';
import { CHAT, EDITOR, FIRST } from './shipped.ts';
import { anySettings } from './testing/arbitrary.ts';
// Links as version 1 wrote them, and what they meant then. It only ever grows: people have these links.
import version1 from './testing/links-v1.json' with { type: 'json' };

describe('links', () => {
  test('carry any settings there and back', () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        expect(parseLink(formatLink(settings))).toEqual({ settings, problems: [] });
        expect(parseLink(`#/generate?${formatLink(settings)}`).settings).toEqual(settings);
      }),
    );
  });

  test('leave defaults out', () => {
    expect(formatLink(defaultSettings())).toBe('v=3');
    expect(formatLink({ ...defaultSettings(), topK: 5, exact: true })).toMatch(/^v=3&check=2-\w{1,7}&top-k=5&exact=1$/);
  });

  test('are read without a version, a query or anything at all', () => {
    expect(parseLink('#/generate?length=32').settings.length).toBe(32);
    expect(parseLink('prompt=What now?').settings.prompt).toBe('What now?');
    for (const empty of ['', '#', '#/', '#/generate', '?', '#/generate?']) {
      expect(parseLink(empty)).toEqual({ settings: defaultSettings(), problems: [] });
    }
  });

  test('that ask for a chat and name no model mean the one that comes for it, with an empty box', () => {
    const tiny = { ...defaultsOf('chat', CHAT), model: CHAT, prompt: '' };
    expect(parseLink('mode=chat').settings).toEqual(tiny);
    expect(parseLink('mode=chat&prompt=Hi&length=8').settings).toEqual({ ...tiny, prompt: 'Hi', length: 8 });
    expect(parseLink('v=3&mode=chat').settings).toEqual({ ...defaultSettings(), mode: 'chat' });
    expect(parseLink(encodeURIComponent('v=3&mode=chat')).settings).toEqual({ ...defaultSettings(), mode: 'chat' });
    const named = parseLink(`mode=chat&model=${FIRST}`).settings;
    expect(named).toEqual({ ...defaultSettings(), mode: 'chat' });
    expect(formatLink(named)).toContain(`model=${FIRST}`);
  });

  test('that name a model and no mode are in the mode that the model is for', () => {
    const edits = { ...defaultsOf('edit'), model: EDITOR, prompt: MISTAKEN };
    expect(parseLink(`v=1&model=${EDITOR}`).settings).toEqual(edits);
    expect(parseLink(`model=${EDITOR}&prompt=A big dog&seed=3`).settings).toEqual({
      ...edits,
      prompt: 'A big dog',
      seed: 3,
    });
    // What the page writes itself where it inserts words into a text that it goes on with.
    const inserts = { ...defaultSettings(), model: EDITOR, process: 'edits' as const };
    expect(parseLink(formatLink(inserts)).settings).toEqual(inserts);
    expect(parseLink(`model=${CHAT}`).settings).toEqual({ ...defaultsOf('chat', CHAT), model: CHAT, prompt: '' });
    expect(parseLink(`v=3&model=${CHAT}`).settings).toEqual({ ...defaultSettings(), model: CHAT });
  });

  test('report what they cannot read and keep the rest', () => {
    const { settings, problems } = parseLink('v=4&length=nine&colour=red&steps=8&steps=9&sampler=best');
    expect(settings).toEqual({ ...defaultSettings(), steps: 8 });
    expect(problems.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'settings'));
    expect(problems[0]?.message).toContain('newer version');
    expect(problems[1]?.message).toBe('length must be a whole number from 1 to 1024, but it is "nine".');
    expect(problems[2]?.message).toContain('"colour"');
    expect(problems[3]?.message).toContain('twice');
    expect(problems[4]?.message).toContain('confidence, random');
  });

  test('are told of in a few sentences, however many they hold', () => {
    const { settings, problems } = parseLink(`v=3${'&seed=1'.repeat(100_000)}`);
    expect(settings.seed).toBe(1);
    expect(problems.filter(({ message }) => message.includes('twice'))).toHaveLength(1);
    const unknown = Array.from({ length: 10_000 }, (_, i) => `&x${i}=1`).join('');
    expect(parseLink(`v=3${unknown}`).problems.length).toBeLessThan(60);
  });

  test('never throw', () => {
    const anything = fc.string({ unit: 'binary' });
    const halfRight = fc
      .array(fc.tuple(fc.constantFrom('v', 'step', 'edits', 'past', 'model', 'seed', 'order', 'curve'), anything))
      .map((pairs) => new URLSearchParams(pairs).toString());
    fc.assert(
      fc.property(fc.oneof(anything, halfRight), (text) => {
        expect(parseLink(text).problems.every((problem) => problem instanceof UnmaskError)).toBe(true);
      }),
    );
  });

  test('that are far too long are not read', () => {
    const { settings, problems } = parseLink(`v=2&seed=7&prompt=${'a'.repeat(2 ** 22)}`);
    expect(settings).toEqual(defaultSettings());
    expect(problems).toHaveLength(1);
  });

  test('of the page alone are passed over', () => {
    expect(parseLink('v=2&lang=zh-Hant&hide=model&lock=chance&say=Hello&play=1&seed=9')).toEqual({
      settings: { ...defaultSettings(), seed: 9 },
      problems: [],
    });
  });
});

describe('links of version 1', () => {
  test.each(version1.links as unknown as [string, Partial<Settings>][])('%s', (link, changed) => {
    const { settings, problems, moment } = parseLink(link);
    expect(settings).toMatchObject({ ...version1.defaults, ...changed });
    expect([problems, moment]).toEqual([[], undefined]);
  });
});

describe('the model of a link', () => {
  test.each([
    ['stories', 'stories', undefined],
    ['answerdotai/ModernBERT-base', 'answerdotai/ModernBERT-base', undefined],
    ['a/b@0123abc', 'a/b', '0123abc'],
    ['my run 3', 'my run 3', undefined],
    ['mail@0123abc', 'mail@0123abc', undefined],
  ])('%s is read, and written as it was', (text, model, revision) => {
    const link = parseLink(new URLSearchParams({ model: text }).toString());
    expect([link.settings.model, link.revision, link.problems]).toEqual([model, revision, []]);
    expect(new URLSearchParams(formatLink(link.settings, link)).get('model') ?? 'stories').toBe(text);
  });

  test.each(['../../etc', 'a/b/c', 'https://evil.example/a/b', 'a/..', 'a\\b', 'a/b@main', ''])(
    '%j is none',
    (text) => {
      const { settings, problems } = parseLink(new URLSearchParams({ model: text }).toString());
      expect(settings.model).toBe('stories');
      expect(problems[0]?.message).toContain('not the name of a model');
    },
  );
});

describe('parseSetting', () => {
  test('says what a setting must be', () => {
    expect(parseSetting('temperature', '0.5')).toBe(0.5);
    expect(parseSetting('exact', '1')).toBe(true);
    expect(() => parseSetting('length', '2.5')).toThrow('length must be a whole number from 1 to 1024');
    expect(() => parseSetting('temperature', '')).toThrow(UnmaskError);
    expect(() => parseSetting('exact', 'yes')).toThrow('exact must be 0 or 1');
  });
});
