import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import { folderSource } from './folder.ts';

async function folderWith(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'unmask-folder-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const text = (bytes: Uint8Array | string) => (typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes));

test('files are read whole or in parts', async () => {
  const source = await folderSource(await folderWith({ 'a.bin': 'abcdefghij', 'empty.bin': '' }));
  expect(await source.size('a.bin')).toBe(10);
  expect(text(await source.readAll('a.bin'))).toBe('abcdefghij');
  expect(text(await source.read('a.bin', 3, 6))).toBe('def');
  expect(await source.readAll('a.bin', { maxBytes: 9 })).toBe('large');
  expect(await source.readAll('empty.bin')).toHaveLength(0);
  expect(await source.size('none.bin')).toBeUndefined();
  expect(await source.readAll('none.bin')).toBe('missing');
});

test('reading past the end is refused', async () => {
  const source = await folderSource(await folderWith({ 'a.bin': 'abc' }));
  await expect(source.read('a.bin', 1, 5)).rejects.toThrow('2 bytes came where 4 were expected');
  await expect(source.read('a.bin', 9, 10)).rejects.toThrow(UnmaskError);
  await expect(source.read('none.bin', 0, 1)).rejects.toThrow('none.bin is missing');
});

test('a file of 5 GiB is read at any place, without being read whole', async () => {
  const folder = await folderWith({});
  const file = await open(join(folder, 'large.bin'), 'w');
  await file.truncate(5 * 2 ** 30); // takes no space: the file system keeps holes as holes
  await file.write('end', 5 * 2 ** 30 - 3);
  await file.close();
  const source = await folderSource(folder);
  expect(await source.readAll('large.bin', { maxBytes: 2 ** 26 })).toBe('large');
  expect(text(await source.read('large.bin', 5 * 2 ** 30 - 4, 5 * 2 ** 30))).toBe('\0end');
  await rm(folder, { recursive: true });
});

test('names cannot leave the folder', async () => {
  const folder = await folderWith({ secret: 'x' });
  await mkdir(join(folder, 'model'));
  const source = await folderSource(join(folder, 'model'));
  for (const name of ['../secret', '..', '.', join(folder, 'secret'), '..\\secret', 'a/b', '\0']) {
    await expect(source.readAll(name)).rejects.toThrow(UnmaskError);
    await expect(source.read(name, 0, 1)).rejects.toThrow(UnmaskError);
  }
});

test('links inside the folder are followed, as in the hub’s cache', async () => {
  const folder = await folderWith({ blob: 'abc' });
  await symlink(join(folder, 'blob'), join(folder, 'model.safetensors'));
  expect(text(await (await folderSource(folder)).readAll('model.safetensors'))).toBe('abc');
});

test('a folder in the place of a file is no file, and a file in the place of the folder no folder', async () => {
  const folder = await folderWith({ 'a.bin': 'abc' });
  await mkdir(join(folder, 'config.json'));
  expect(await (await folderSource(folder)).readAll('config.json')).toBe('missing');
  await expect(folderSource(join(folder, 'a.bin'))).rejects.toThrow('There is no folder');
  await expect(folderSource(join(folder, 'none'))).rejects.toMatchObject({ code: 'checkpoint' });
});
