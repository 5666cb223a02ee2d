/** `npm run random-model`, as it is started. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toFloat32 } from '../checkpoint/half.ts';
import { openModel } from '../checkpoint/open.ts';
import { parameterCount } from '../model/parameters.ts';
import { folderSource } from '../node/folder.ts';
import { programsInOne, start as startAlone } from './testing/programs.ts';

const scratch = mkdtempSync(join(tmpdir(), 'unmask-random-'));
const start = programsInOne();

function write(name: string, ...argv: string[]) {
  return start('random-model', '--size', 'tiny', '--out', join(scratch, name), ...argv);
}

test('a random model opens like any other, and one seed gives one file', async () => {
  expect((await write('a', '--dtype', 'BF16')).code).toBe(0);
  const again = ['--size', 'tiny', '--out', join(scratch, 'b'), '--dtype', 'BF16'];
  expect((await startAlone('random-model', ...again)).code).toBe(0);
  expect((await write('c', '--dtype', 'BF16', '--seed', '2')).code).toBe(0);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => readFileSync(join(scratch, name, 'model.safetensors'))) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  expect(a.equals(b)).toBe(true);
  expect(a.equals(c)).toBe(false);

  const { weights, arch } = await openModel(await folderSource(join(scratch, 'a')), { id: 'a' });
  // Embedding, four layers of 139,264, nine norms and the head's, head and decoder bias.
  expect(weights.parameters).toBe(4096 * 128 + 4 * 139_264 + 10 * 128 + 128 * 128 + 4096);
  expect(arch.layers).toHaveLength(4);
  const values = toFloat32(await weights.read('layers.1.mlpIn'), 'BF16');
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  expect(mean).toBeCloseTo(0, 2);
  expect(spread).toBeCloseTo(1.5 / Math.sqrt(128), 2);
});

test.each(['bert', 'roberta', 'qwen3', 'a2d-qwen3', 'qwen2', 'a2d-llama', 'llama', 'Dream', 'llada'])(
  'one of the family %s opens, tokenizer and all',
  async (family) => {
    const out = join(scratch, family);
    expect((await start('random-model', '--family', family, '--dtype', 'F32', '--out', out)).code).toBe(0);
    const model = await openModel(await folderSource(out), { id: family });
    expect(model.modelType).toBe(family);
    expect(model.weights.parameters).toBe(parameterCount(model.arch));
    expect(model.arch.ids.mask).toBe(4);
  },
);

test('wrong arguments are told in one line', async () => {
  for (const [argv, words] of [
    [['--size', 'huge'], /--size must be one of tiny, base, large/],
    [['--family', 'gpt2'], /--family must be modernbert or one of bert/],
    [['--dtype', 'I8'], /--dtype must be/],
    [['--nonsense'], /Unknown option '--nonsense'/],
  ] as const) {
    const { code, stderr } = await start('random-model', ...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(/^[^\n]+\n$/);
  }
});
