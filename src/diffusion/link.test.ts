import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnmaskError } from './error.ts';
import { formatLink, parseLink } from './link.ts';
import { defaultSettings, parseSetting } from './settings.ts';
import { anySettings } from './testing/arbitrary.ts';

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
    expect(formatLink(defaultSettings())).toBe('v=1');
    expect(formatLink({ ...defaultSettings(), topK: 5, exact: true })).toBe('v=1&top-k=5&exact=1');
  });

  test('are read without a version, a query or anything at all', () => {
    expect(parseLink('#/generate?length=32').settings.length).toBe(32);
    expect(parseLink('prompt=What now?').settings.prompt).toBe('What now?');
    for (const empty of ['', '#', '#/', '#/generate', '?', '#/generate?']) {
      expect(parseLink(empty)).toEqual({ settings: defaultSettings(), problems: [] });
    }
  });

  test('report what they cannot read and keep the rest', () => {
    const { settings, problems } = parseLink('v=2&length=nine&colour=red&steps=8&steps=9&sampler=best');
    expect(settings).toEqual({ ...defaultSettings(), steps: 8 });
    expect(problems.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'settings'));
    expect(problems[0]?.message).toContain('newer version');
    expect(problems[1]?.message).toBe('length must be a whole number from 1 to 1024, but it is "nine".');
    expect(problems[2]?.message).toContain('"colour"');
    expect(problems[3]?.message).toContain('twice');
    expect(problems[4]?.message).toContain('confidence, random');
  });

  test('never throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseLink(text).problems.every((problem) => problem instanceof UnmaskError)).toBe(true);
      }),
    );
  });
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
