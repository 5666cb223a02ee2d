/** Adapters as people pack them. */
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { unzipped } from './unzipped.ts';

const zipOf = (...paths: string[]) =>
  new File([zipSync(Object.fromEntries(paths.map((path) => [path, new TextEncoder().encode(path)])))], 'mine.zip');

test.each([
  ['as the page saves it', ''],
  ['a folder', 'my adapter/'],
  ['a folder in a folder', 'out/my adapter/'],
])('%s: the files of the adapter, and not those of its checkpoints', async (_, folder) => {
  const names = ['adapter_config.json', 'adapter_model.safetensors'];
  const deeper = names.map((name) => `${folder}checkpoint-500/${name}`);
  const files = await unzipped(zipOf(...deeper, ...names.map((name) => folder + name)));
  expect(await Promise.all(files.map(async (file) => [file.name, await file.text()]))).toEqual(
    names.map((name) => [name, folder + name]),
  );
});

test('a zip cut short, or none at all, is refused by its name', async () => {
  const whole = zipOf('adapter_config.json');
  for (const broken of [whole.slice(0, 100), new Blob(['PK'])]) {
    await expect(unzipped(new File([broken], 'mine.zip'))).rejects.toThrow('mine.zip is not a zip that can be read.');
  }
});
