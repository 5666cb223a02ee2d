/** `npm run train` as it is started, and what it leaves behind: a run that goes on, and a model that others can load. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setBackend, transpose } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, test } from 'vitest';
import { openAdapter } from '../checkpoint/adapter/open.ts';
import { openModel } from '../checkpoint/open.ts';
import { folderSource } from '../node/folder.ts';
import { writeNpy } from '../node/npy.ts';
import { Geometry } from '../training/geometry.ts';
import { decode, encode } from '../training/network.ts';
import { loadParameters } from '../training/parameters.ts';
import { presetSettings } from '../training/presets.ts';
import type { TrainEvent } from '../training/trainer-events.ts';
import { type Ended, programsInOne, ROOT, start as startAlone } from './testing/programs.ts';
import { parseTrain, trainHelp } from './train-arguments.ts';

const scratch = mkdtempSync(join(tmpdir(), 'unmask-train-'));
const text = join(scratch, 'text.txt');
const sentences = ['The fox saw a bird.', 'The bird saw a fox.', 'A small fox sat on a mat.', 'Nobody saw the mat.'];
const paragraphs = Array.from({ length: 60 }, (_, i) => `${sentences[i % 4]} ${sentences[(i * 7) % 3]} Day ${i}.`);
writeFileSync(text, paragraphs.join('\n\n'));

const start = programsInOne();
const fresh = [
  '--data',
  text,
  '--init',
  'fresh',
  '--size',
  'mini',
  '--vocabulary',
  '280',
  '--length',
  '16',
  '--batch',
  '2',
];
const often = ['--steps', '4', '--eval-every', '2', '--eval-texts', '4', '--sample-every', '4', '--save-every', '2'];

type Line =
  | TrainEvent
  | { kind: 'started'; step: number; rows: number; references: { uniform: number; unigram: number } };
const lines = ({ stdout }: Ended) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const curve = (all: readonly Line[]) =>
  all.flatMap((line) => {
    if (line.kind === 'step') return [[line.step, line.loss, line.gradNorm]];
    return line.kind === 'evaluated' ? [[line.step, line.nelbo, line.standardError]] : [];
  });

/** Kills a run at the first event of this kind. */
async function stopAt(event: string, ...options: string[]): Promise<void> {
  const words = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    .scripts.train.split(' ')
    .slice(1);
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, [...words, ...options], { cwd: ROOT });
  await new Promise<void>((killed) => {
    child.stdout.on('data', (chunk) => String(chunk).includes(event) && child.kill('SIGKILL'));
    child.on('close', () => killed());
  });
}

const out = join(scratch, 'run');
let whole: Ended;
beforeAll(async () => {
  whole = await startAlone('train', ...fresh, ...often, '--out', out);
});

test('says on stdout, a line of JSON each, what happens', () => {
  expect({ code: whole.code, stderr: whole.stderr.split('\n').at(-2) }).toEqual({
    code: 0,
    stderr: `done after step 4; ${out}`,
  });
  const all = lines(whole);
  expect(all.map(({ kind }) => kind)).toEqual(
    'started evaluated sample step step evaluated saved step step evaluated sample saved ended'.split(' '),
  );
  const [begin] = all;
  if (begin?.kind !== 'started') throw new Error('no start');
  expect(begin.references.uniform).toBeCloseTo(Math.log(280), 6);
  expect(begin.references.unigram).toBeLessThan(begin.references.uniform);
  // The first guess of a fresh model is nearly uniform.
  expect(Math.abs((curve(all)[0]?.[1] ?? 0) - Math.log(280))).toBeLessThan(0.3);
});

test('goes on where it was broken off, along the same curve', async () => {
  const other = join(scratch, 'broken');
  // Killed as soon as the first checkpoint is there: no time to tidy up.
  await stopAt('"saved"', ...fresh, ...often, '--out', other);
  const resumed = await start('train', '--resume', '--out', other);
  expect(resumed.code).toBe(0);
  const all = lines(resumed);
  const from = all[0]?.kind === 'started' ? all[0].step : -1;
  expect([2, 4]).toContain(from);
  const rest = curve(lines(whole)).filter(([step]) => (step as number) > from);
  expect(curve(all)).toEqual(rest);
  const weights = (folder: string) => readFileSync(join(folder, 'model.safetensors'));
  expect(weights(other).equals(weights(out))).toBe(true);
});

test('an adapter beside four bits is learnt, kept as PEFT keeps it, and goes on along the same curve', async () => {
  const [one, other] = [join(scratch, 'adapter'), join(scratch, 'adapter-2')];
  const low = ['--adapter', 'lora', '--rank', '4', '--alpha', '8', '--bits', '4', '--lr', '0.01'];
  const about = ['--data', text, '--init', out, ...low, '--length', '16', '--batch', '2', '--eval-every', '0'];
  const steps = (most: number) => [
    '--steps',
    String(most),
    '--save-every',
    '2',
    '--sample-every',
    '0',
    '--decay',
    'constant',
  ];
  const whole = await start('train', ...about, ...steps(4), '--warmup', '0', '--out', one);
  expect(whole.stderr.split('\n').at(-2)).toBe(`done after step 4; ${one}`);
  const [begin] = lines(whole);
  expect(begin).toMatchObject({
    kind: 'started',
    learns: 4 * 4 * (64 + 192 + 64 + 64 + 64 + 192 + 96 + 64) + 4 * 128,
  });
  expect(readdirSync(one).sort()).toEqual(
    'README.md adapter_config.json adapter_model.safetensors checkpoint-4.safetensors checkpoint.json checkpoint.json.copy'.split(
      ' ',
    ),
  );
  const base = await openModel(await folderSource(out), { id: 'run' });
  const adapter = await openAdapter(await folderSource(one), base, { id: 'adapter' });
  expect(adapter).toMatchObject({ base: out, spec: { rank: 4, alpha: 8, targets: { names: 'all-linear' } } });
  expect(adapter.lowRank.every(({ b }) => b.some((value) => value !== 0))).toBe(true);
  // The run as it stood after its second step, with the checkpoint of that step.
  await stopAt('"saved"', ...about, ...steps(4), '--warmup', '0', '--out', other);
  expect((await start('train', '--resume', '--out', other)).code).toBe(0);
  const files = (folder: string) => readFileSync(join(folder, 'adapter_model.safetensors'));
  expect(files(other).equals(files(one))).toBe(true);
});

describe('the exported folder', () => {
  const ids = [9, 40, 4, 77, 4, 270, 12, 4];

  test('opens as a model, with a card that says what was measured', async () => {
    const model = await openModel(await folderSource(out), { id: 'run' });
    expect(model.arch).toMatchObject({ vocab: 280, width: 64 });
    expect(model.tokenizer.decode(model.tokenizer.encode('The fox.'))).toBe('The fox.');
    const card = readFileSync(join(out, 'README.md'), 'utf8');
    const last = lines(whole).findLast((line) => line.kind === 'evaluated');
    expect(card).toContain(`| 4 | ${last?.nelbo.toFixed(4)} ± ${last?.standardError.toFixed(4)} |`);
    expect(card).toContain('| objective | mdlm |');
  });

  // Needs PyTorch and NumPy; PYTHON names an interpreter that has them.
  const python = process.env['PYTHON'] ?? 'python3';
  const hasTorch = spawnSync(python, ['-c', 'import torch, numpy']).status === 0;
  test.skipIf(!hasTorch)('gives the same logits in an independent PyTorch ModernBERT', async () => {
    await setBackend('cpu');
    const { arch, weights } = await openModel(await folderSource(out), { id: 'run' });
    const parameters = await loadParameters(arch, weights);
    const geometry = new Geometry(ids.length);
    const hidden = encode(arch, parameters, geometry, Int32Array.from(ids));
    const logits = transpose(decode(arch, parameters, hidden, Int32Array.from(ids.keys())));
    const file = join(out, 'logits.npy');
    await writeNpy(file, [ids.length, arch.vocab], [(await logits.data()) as Float32Array]);
    const golden = join(ROOT, 'src/engine/golden/make_golden.py');
    const checked = spawnSync(python, [golden, '--check', out, '--ids', ids.join(','), '--logits', file], {
      encoding: 'utf8',
    });
    expect({ status: checked.status, stderr: checked.stderr }).toMatchObject({ status: 0 });
    expect(checked.stdout).toMatch(/largest difference \d/);
  });
});

const nowhere = join(scratch, 'nowhere');

describe('wrong arguments are told in a sentence:', () => {
  test.each<[string, string[], RegExp]>([
    ['no folder to write', ['--data', text], /--out is missing/],
    ['an unknown option', ['--nonsense', '--out', 'x'], /Unknown option '--nonsense'/],
    ['an unknown objective', ['--objective', 'guess', '--out', 'x'], /objective must be one of mdlm/],
    ['an unknown preset', ['--preset', 'guess', '--out', 'x'], /--preset must be one of barry-roberta/],
    ['a preset without its text', ['--preset', 'shakespeare-characters', '--out', 'x'], /--data is missing/],
    ['a folder with a run', [...fresh, '--out', out], /holds a run already/],
    ['nothing to go on with', ['--resume', '--out', nowhere], /holds no run/],
    ['a change of a run', ['--resume', '--out', out, '--lr', '1'], /--lr cannot change/],
    ['a change beside what is the same', [...fresh, '--resume', '--out', out, '--lr', '1'], /--lr cannot change/],
    ['another preset', ['--resume', '--out', out, '--preset', 'barry-roberta'], /--preset cannot change/],
  ])('%s', (_, argv, words) => {
    expect(() => parseTrain(argv)).toThrow(words);
  });

  test('the command that began a run may be given again to go on with it', () => {
    const given = parseTrain([...fresh, ...often, '--resume', '--out', out]);
    expect(given).toMatchObject({ settings: undefined, out });
  });

  test('options beside a preset win', () => {
    const given = parseTrain(['--preset', 'barry-roberta', '--steps', '7', '--out', nowhere]);
    if (given === 'help' || 'look' in given || 'cluster' in given) throw new Error('no run');
    expect(given.settings).toEqual({ ...presetSettings('barry-roberta'), steps: 7 });
  });
});

describe('a look before anything is learnt', () => {
  const chat = join(scratch, 'chat.jsonl');
  const rows = paragraphs.map((content, i) => ({ id: `conv-${i}`, messages: [{ role: 'user', content }] }));
  writeFileSync(chat, rows.map((row) => JSON.stringify(row)).join('\n'));

  test('says which column is taken, how it is read and divided, what it takes, and shows the first texts and rows; nothing is written', async () => {
    const { code, stdout } = await start('train', '--data', chat, '--length', '16', '--look');
    expect(code).toBe(0);
    expect(stdout).toContain('The text is the column "messages"; --column takes another: id.');
    expect(stdout).toContain('Its conversations are written out');
    expect(stdout).toMatch(/^A run learns from \d+ texts of \d+ characters and keeps back \d+ texts? of/m);
    expect(stdout).toContain(`\n1  User: ${paragraphs[0]}\n`);
    expect(stdout).toMatch(
      /^It takes about \d+ MB of memory: \d+ MB for the weights, their gradients and moments, \d+ MB/m,
    );
    // As many marks as are said.
    const rows = [...stdout.matchAll(/^Row \d+, (\d+) of 16 tokens masked:\n(( {2}.*\n)+)/gm)];
    expect(rows.length).toBe(4);
    for (const [, masked, text = ''] of rows) expect(text.match(/‹/g)?.length ?? 0).toBe(Number(masked));
    const other = await start('train', '--data', chat, '--column', 'id', '--length', '16', '--look');
    expect(other.stdout).toContain('\n1  conv-0\n');
  });

  test('conversations and pairs are shown as what they say', async () => {
    const talk = join(scratch, 'talk.jsonl');
    const messages = paragraphs.slice(0, 4).map((content) => [
      { role: 'user', content: 'What did you see?' },
      { role: 'assistant', content },
    ]);
    writeFileSync(talk, messages.map((each) => JSON.stringify({ messages: each })).join('\n'));
    const chats = await start('train', '--data', talk, '--rows', 'chats', '--length', '64', '--look');
    expect(chats.stdout).toContain(`\n1  user: What did you see?\n   assistant: ${paragraphs[0]}\n`);
    expect(chats.stdout).not.toContain('{"role"');
    const pairs = join(scratch, 'look-pairs.jsonl');
    const pair = { prompt: 'The cat sat', chosen: 'and was glad.', rejected: 'and was sad.' };
    writeFileSync(pairs, [pair, { ...pair, prompt: 'The fox ran' }].map((each) => JSON.stringify(each)).join('\n'));
    const taste = await start('train', '--objective', 'vrpo', '--pairs', pairs, '--held-out', '0.5', '--look');
    expect(taste.stdout).toMatch(
      /\n1 {2}The (cat sat|fox ran)\n {5}chosen: {3}and was glad.\n {5}rejected: and was sad.\n/,
    );
    expect(taste.stdout).toMatch(/^It takes about \d+ MB/m);
  });

  test('the same is said before a run begins, and little text is learnt without measuring', async () => {
    const tiny = join(scratch, 'tiny.csv');
    writeFileSync(tiny, 'label;text\ngood;The fox saw a bird.\nbad;A bird saw the fox.\n');
    const little = join(scratch, 'little');
    const { code, stdout, stderr } = await start(
      ...(['train', ...fresh, ...often, '--data', tiny, '--length', '64', '--out', little] as const),
    );
    expect(code).toBe(0);
    expect(stderr).toContain('The text is the column "text"; --column takes another: label.');
    expect(stderr).toContain('so nothing is measured');
    expect(stdout).toContain('"column":"text"');
    expect(stdout).not.toContain('"evaluated"');
  });
});

describe('what cannot be learnt from ends with code 2, one line on stderr and no folder:', () => {
  const picture = join(scratch, 'picture.txt');
  writeFileSync(picture, Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]));
  test.each<[string, string[], RegExp]>([
    ['a picture', ['--data', picture], /format PNG/],
    ['a masked model for next tokens', ['--data', text, '--objective', 'next-token'], /sees to the left only/],
  ])('%s', async (_, argv, words) => {
    const { code, stdout, stderr } = await start('train', ...argv, '--out', nowhere);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toMatch(words);
    expect(existsSync(nowhere)).toBe(false);
  });
});

test('a damaged checkpoint ends with code 1', async () => {
  const damaged = mkdtempSync(join(scratch, 'damaged-'));
  const manifest = readFileSync(join(out, 'checkpoint.json'));
  writeFileSync(join(damaged, 'checkpoint.json'), manifest);
  writeFileSync(join(damaged, 'checkpoint-4.safetensors'), 'cut');
  const { code, stderr } = await start('train', '--resume', '--out', damaged);
  expect(code).toBe(1);
  expect(stderr).toMatch(/checkpoint-4.safetensors is damaged/);
});

test('--help lists every setting', () => {
  expect(parseTrain(['--help'])).toBe('help');
  for (const key of ['objective', 'mask-rates', 'eval-every', 'preset', 'resume'])
    expect(trainHelp()).toContain(`--${key}`);
});
