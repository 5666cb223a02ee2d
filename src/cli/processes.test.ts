/** The real programs, started as `npm run generate` and `npm run forward` start them. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { programsInOne, ROOT, start } from './testing/programs.ts';

const shipped = join(ROOT, 'public/models/stories');
const scratch = mkdtempSync(join(tmpdir(), 'unmask-cli-'));
const startHere = programsInOne();

/** The shipped model with some files replaced. */
function modelWith(changes: Record<string, string | Uint8Array | undefined>): string {
  const folder = mkdtempSync(join(scratch, 'model-'));
  for (const name of ['config.json', 'tokenizer.json', 'model.safetensors']) {
    const change = changes[name];
    if (!(name in changes)) copyFileSync(join(shipped, name), join(folder, name));
    else if (change !== undefined) writeFileSync(join(folder, name), change);
  }
  return folder;
}

const oneLine = /^[^\n]+\n$/;
const out = join(scratch, 'out.npy');

describe('wrong arguments end with code 2 and one line on stderr:', () => {
  test.each<[string, 'generate' | 'forward', string[], RegExp]>([
    ['an unknown option', 'generate', ['--nonsense'], /Unknown option '--nonsense'/],
    ['a value that is no number', 'generate', ['--temperature', 'hot'], /temperature must be a number from 0 to 2/],
    ['a model that is not there', 'generate', ['--model', join(scratch, 'none')], /There is no folder/],
    ['more tokens than the model reads', 'generate', ['--length', '1024'], /this model reads at most 1024/],
    ['nothing to fill in', 'generate', ['--mode', 'fill', '--prompt', 'nothing missing'], /no \[MASK\]/],
    ['no file to write', 'forward', ['--ids', '1,2'], /--out is missing/],
    [
      'an id outside the vocabulary',
      'forward',
      ['--ids', '1,4096', '--out', out],
      /--ids holds 4096, but the vocabulary has 4096 tokens/,
    ],
    [
      'too many ids',
      'forward',
      ['--ids', Array(1025).fill(5).join(','), '--out', out],
      /1025 tokens, but the model reads at most 1024/,
    ],
  ])('%s', async (_, script, argv, words) => {
    const { code, stdout, stderr } = await startHere(script, ...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(words);
    expect(existsSync(out)).toBe(false);
  });
});

describe('a model that cannot be used ends with code 1 and one line on stderr:', () => {
  test.each<[string, Record<string, string | Uint8Array | undefined>, RegExp]>([
    ['no config', { 'config.json': undefined }, /has no config.json/],
    ['another family', { 'config.json': '{"model_type":"gpt2"}' }, /model type is "gpt2"/],
    ['no tokenizer', { 'tokenizer.json': undefined }, /has no tokenizer.json/],
    ['a broken tokenizer', { 'tokenizer.json': '{}' }, /tokenizer.json has no model/],
    ['no weights', { 'model.safetensors': undefined }, /has no model.safetensors/],
    ['weights cut short', { 'model.safetensors': new Uint8Array(9) }, /is not JSON|cut short/],
    [
      'weights cut in the middle',
      { 'model.safetensors': readFileSync(join(shipped, 'model.safetensors')).subarray(0, 2_000_000) },
      /cut short/,
    ],
  ])('%s', async (_, changes, words) => {
    const { code, stdout, stderr } = await startHere('generate', '--trace', out, '--model', modelWith(changes));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(oneLine);
    expect(stderr).toMatch(words);
    expect(existsSync(out)).toBe(false);
  });
});

test('as a process of its own a program ends with the same code and line', async () => {
  const argv = ['--ids', '1,4096', '--out', out];
  const { code, stdout, stderr } = await start('forward', ...argv);
  expect({ code, stdout, stderr }).toEqual(await startHere('forward', ...argv));
  expect(code).toBe(2);
});

test('--help prints the options on stdout', async () => {
  const { code, stdout, stderr } = await start('generate', '--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/--order-temperature +0 to 2; default 0/);
});
