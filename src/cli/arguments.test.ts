import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatLink } from '../diffusion/link.ts';
import { defaultSettings, SETTING_NAMES, SETTINGS } from '../diffusion/settings.ts';
import { type GenerateArguments, generateHelp, parseForward, parseGenerate, parseNelbo } from './arguments.ts';
import { parseEditScores } from './edit-scores-arguments.ts';

const generate = (...argv: string[]) => parseGenerate(argv) as GenerateArguments;
const empty = mkdtempSync(join(tmpdir(), 'unmask-args-'));

describe('generate', () => {
  test('without options takes the defaults of the table and the shipped model', () => {
    const { settings, folder, trace, notes } = generate();
    expect(settings).toEqual(defaultSettings());
    expect(folder.endsWith(join('public', 'models', 'stories'))).toBe(true);
    expect([trace, notes]).toEqual([undefined, []]);
  });

  test('has an option for every row of the table', () => {
    for (const name of SETTING_NAMES) {
      const { key, control } = SETTINGS[name];
      expect(generateHelp()).toContain(`--${key}`);
      if (name === 'model') continue;
      if (control.kind === 'switch') {
        expect(generate(`--${key}`).settings[name]).toBe(true);
        expect(generate(`--no-${key}`).settings[name]).toBe(false);
      } else if (control.kind === 'number') {
        expect(generate(`--${key}`, String(control.max)).settings[name]).toBe(control.max);
        expect(() => generate(`--${key}`, String(control.max + 1))).toThrow(`${key} must be`);
      } else if (control.kind === 'choice') {
        expect(generate(`--${key}=${control.options.at(-1)}`).settings[name]).toBe(control.options.at(-1));
      } else if (control.kind === 'curve') {
        expect(generate(`--${key}`, '100-20_500-900').settings[name]).toBe('100-20_500-900');
        expect(() => generate(`--${key}`, '900-1_100-5')).toThrow(`${key} cannot be used`);
      } else if (control.kind === 'slots') {
        expect(generate(`--${key}`, '3,2,1,7').settings[name]).toBe('3-1,7');
        expect(() => generate(`--${key}`, 'all of them')).toThrow(`${key} cannot be used`);
      } else if (control.kind === 'turns') {
        expect(generate(`--${key}`, '[[ "a", "b" ]]').settings[name]).toBe('[["a","b"]]');
        expect(() => generate(`--${key}`, 'some words')).toThrow('must be JSON');
      } else {
        expect(generate(`--${key}`, 'some words').settings[name]).toBe('some words');
      }
    }
  });

  test('takes a folder or a shipped name as the model, and names the model by its folder', () => {
    expect(generate('--model', 'stories').folder).toBe(generate().folder);
    expect(generate('--model', empty)).toMatchObject({ folder: empty, settings: { model: basename(empty) } });
  });

  test('takes everything from a link, whole or in part, and lets options win', () => {
    const settings = { ...defaultSettings(), prompt: 'A & B?', length: 32, sampler: 'random', exact: true } as const;
    const query = formatLink(settings);
    for (const link of [query, `?${query}`, `#/generate?${query}`, `https://a.example/x/?y=1#/generate?${query}`]) {
      expect(generate('--link', link).settings).toEqual(settings);
    }
    expect(generate('--link', query, '--length', '8', '--no-exact').settings).toEqual({
      ...settings,
      length: 8,
      exact: false,
    });
  });

  test('takes a text to edit in place of a prompt', () => {
    const text = 'teh cat sat sat';
    expect(generate('--from', text).settings).toMatchObject({
      mode: 'edit',
      process: 'edits',
      prompt: text,
      temperature: 0,
    });
    expect(generate('--from', text, '--temperature', '0.5').settings.temperature).toBe(0.5);
    for (const wrong of [
      ['--prompt', 'x'],
      ['--mode', 'chat'],
    ]) {
      expect(() => generate('--from', text, ...wrong)).toThrow('--from');
    }
    expect(() => generate('--from', ' ')).toThrow('--from is empty');
  });

  test('says what of a link could not be read, and goes on', () => {
    const { settings, notes } = generate('--link', 'length=12&colour=red&steps=x');
    expect(settings).toEqual({ ...defaultSettings(), length: 12 });
    expect(notes).toHaveLength(2);
  });

  test('takes the step and the changes of a link to a moment; --step wins', () => {
    const link = '#/generate?v=2&length=12&step=4&edits=2-5-77&lang=zh-Hans&hide=model&say=Hello&play=1';
    const { step, moment, notes } = generate('--link', link);
    expect([step, moment?.edits, notes]).toEqual([4, [{ before: 2, slot: 5, id: 77, state: 4 }], []]);
    expect(generate('--link', link, '--step', '6').step).toBe(6);
    expect(generate().step).toBeUndefined();
  });

  test.each(['#/compare?v=2&tab=samplers', 'https://a.example/#/train?v=2&steps=9', '#/learn?v=2&chapter=3'])(
    'refuses a link to another view: %s',
    (link) => expect(() => generate('--link', link)).toThrow(/leads to the view "(compare|train|learn)"/),
  );

  test('does not follow a link to a folder', () => {
    for (const model of ['..', 'someone/a-model']) {
      expect(() => generate('--link', `model=${encodeURIComponent(model)}`)).toThrow(/no model/);
    }
    for (const model of ['/etc', '../../src']) {
      const { folder, notes } = generate('--link', `model=${encodeURIComponent(model)}`);
      expect(folder).toBe(generate().folder);
      expect(notes.join()).toContain('not the name of a model');
    }
  });

  test.each<[string[], RegExp]>([
    [['--nonsense'], /^Unknown option '--nonsense'\.$/],
    [['extra'], /^Unexpected argument 'extra'\.$/],
    [['--length'], /^Option '--length <value>' argument missing\.$/],
    [['--length', '-5'], /ambiguous\.$/],
    [['--length=-5'], /length must be a whole number from 1 to 1024/],
    [['--length', 'ten'], /length must be/],
    [['--length', '1.5'], /length must be/],
    [['--sampler', 'best'], /sampler must be one of/],
    [['--exact=yes'], /does not take an argument/],
    [['--model', join(empty, 'none')], /There is no folder/],
    [['--trace', join(empty, 'none', 'a.json')], /there is no folder/],
    [['--trace', empty], /--trace must name a file/],
    [['--step', 'two'], /--step must be a whole number/],
    [['--alternatives=-1'], /--alternatives must be a whole number/],
    [['--alternatives', 'six'], /--alternatives must be a whole number/],
  ])('%j is refused in one sentence', (argv, words) => {
    expect(() => generate(...argv)).toThrow(words);
    expect(() => generate(...argv)).toThrow(/^[^\n]*$/);
  });

  test('--help is help, whatever stands beside it', () => {
    expect(parseGenerate(['--help', '--length', '5'])).toBe('help');
    expect(parseForward(['--help'])).toBe('help');
  });
});

test('edit-scores takes the bits of the weights, and 16 only where they are computed in', () => {
  const model = ['--model', empty];
  expect(parseEditScores(model)).toMatchObject({ bits: { precision: 'stored' }, backend: 'fallback' });
  expect(parseEditScores([...model, '--bits', '4'])).toMatchObject({ bits: { precision: 'int4' } });
  expect(() => parseEditScores([...model, '--bits', '16'])).toThrow('does not round to 16');
  const card = parseEditScores([...model, '--bits', '16', '--backend', 'webgpu']);
  expect(card).toMatchObject({ bits: { precision: 'f16' }, backend: 'webgpu' });
});

describe('forward', () => {
  const out = join(empty, 'logits.npy');

  test('takes ids with commas', () => {
    const expected = { ids: Int32Array.of(5, 6, 4), out, bits: { precision: 'stored' } };
    expect(parseForward(['--ids', '5, 6,4', '--out', out])).toMatchObject(expected);
    const adapted = parseForward(['--ids', '5', '--out', out, '--adapter', '.', '--weight', '.25']);
    expect(adapted).toMatchObject({ adapter: { folder: process.cwd(), weight: 0.25 } });
    const int8 = parseForward(['--ids', '5, 6,4', '--out', out, '--bits', '8']);
    expect(int8).toMatchObject({ ...expected, bits: { precision: 'int8' } });
    const nf4 = ['--ids', '5,6,4', '--out', out, '--bits', 'nf4', '--table-bits', '16'];
    expect(parseForward(nf4)).toMatchObject({ ...expected, bits: { precision: 'nf4', tables: 'f16' } });
  });

  test.each<[string[], RegExp]>([
    [['--out', out], /--ids is empty/],
    [['--ids', '', '--out', out], /--ids is empty/],
    [['--ids', '1,,2', '--out', out], /holds ""/],
    [['--ids', '1,x', '--out', out], /holds "x"/],
    [['--ids', '1.5', '--out', out], /holds "1.5"/],
    [['--ids=-1', '--out', out], /holds "-1"/],
    [['--ids', '99999999999', '--out', out], /not a token id/],
    [['--ids', '1'], /--out is missing/],
    [['--ids', '1', '--out', join(empty, 'none', 'x.npy')], /there is no folder/],
    [['--ids', '1', '--out', out, '--length', '5'], /Unknown option/],
    [['--ids', '1', '--out', out, '--weight', '1'], /--weight is of an adapter/],
    [['--ids', '1', '--out', out, '--adapter', '.', '--weight', '2'], /from 0 to 1/],
    [['--ids', '1', '--out', out, '--adapter', 'nowhere'], /no folder nowhere/],
    [['--ids', '1', '--out', out, '--bits', '5'], /must be one of 4, 8, 16, nf4, stored/],
  ])('%j is refused', (argv, words) => {
    expect(() => parseForward(argv)).toThrow(words);
  });
});

describe('nelbo', () => {
  const file = join(empty, 'text.txt');
  writeFileSync(file, 'Once upon a time.');

  test('takes a file and says how much to measure', () => {
    const given = parseNelbo(['--file', file, '--samples', '64', '--seed=0', '--backend', 'webgpu']);
    expect(given).toMatchObject({ file, samples: 64, size: 8, seed: 0, backend: 'webgpu', out: undefined });
    expect(parseNelbo(['--help'])).toBe('help');
  });

  test.each<[string[], RegExp]>([
    [[], /--file is missing/],
    [['--file', join(empty, 'none.txt')], /there is no file/],
    [['--file', empty], /there is no file/],
    [['--file', file, '--samples', '0'], /--samples must be a whole number/],
    [['--file', file, '--size', '2.5'], /--size must be a whole number/],
    [['--file', file, '--backend', 'abacus'], /--backend must be/],
    [['--file', file, '--schedule', 'linear'], /Unknown option/],
  ])('%j is refused', (argv, words) => {
    expect(() => parseNelbo(argv)).toThrow(words);
  });
});
