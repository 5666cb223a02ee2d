import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import { ofFiles, withFullDisk, writeWhole } from './full-disk.ts';

async function* failing(error: unknown) {
  yield 1;
  throw error;
}

async function drained(events: AsyncIterable<number>): Promise<void> {
  for await (const _ of events);
}

async function read(error: unknown): Promise<number[]> {
  const seen: number[] = [];
  for await (const each of withFullDisk(failing(error), () => 'The checkpoint of step 40 is in out.')) seen.push(each);
  return seen;
}

test('a full disk names the last good checkpoint; other failures stay what they are', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  await expect(read(full)).rejects.toMatchObject({
    code: 'storage',
    message: 'There is no room on the disk for another checkpoint. The checkpoint of step 40 is in out.',
    remedy: /--resume/,
  });
  await expect(read(new Error('other'))).rejects.toThrow('other');
});

test('where nothing was saved there is nothing to go on with', async () => {
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  const events = withFullDisk(failing(full), () => undefined);
  await expect(drained(events)).rejects.toMatchObject({
    message: /Nothing was saved before/,
    remedy: /start it anew/,
  });
});

test('what the system says of files is said in words, and names the file', () => {
  for (const [code, words] of [
    ['ENOSPC', /no room on the disk for out/],
    ['EACCES', /out may not be/],
    ['ENOTDIR', /out is no place/],
  ] as const) {
    expect(ofFiles(Object.assign(new Error(code), { code, path: 'out' }))).toMatchObject({
      code: 'storage',
      message: words,
    });
  }
  const other = new UnmaskError({ code: 'data', message: 'a', remedy: 'b' });
  expect([ofFiles(other), ofFiles('x')]).toEqual([other, 'x']);
});

test('a file is written whole, or what stood there stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'unmask-whole-'));
  const file = join(folder, 'a.json');
  await writeWhole(file, 'one');
  await writeWhole(file, 'two');
  // Nothing can be written under a name that a folder has.
  mkdirSync(`${file}.part`);
  await expect(writeWhole(file, 'three')).rejects.toThrow();
  expect(readFileSync(file, 'utf8')).toBe('two');
  await expect(writeWhole(join(folder, 'none', 'b.json'), 'x')).rejects.toThrow();
  expect(readdirSync(folder).sort()).toEqual(['a.json', 'a.json.part']);
});
