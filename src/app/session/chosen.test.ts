/** Folders as training programs leave them; after reports of checkpoints and parts of a pipeline read in place of the model. */
import { expect, test } from 'vitest';

// The page reads its address as it loads.
Object.defineProperty(globalThis, 'location', { value: new URL('http://localhost/'), configurable: true });
const { chosenFrom, missing } = await import('./chosen.ts');

/** A file of a chosen folder, whose path the browser tells. */
function inFolder(path: string): File {
  const file = new File(['x'], path.split('/').at(-1) as string);
  return Object.defineProperty(file, 'webkitRelativePath', { value: path });
}

test.each([
  ['a folder of a trainer, with its checkpoints', ['run/checkpoint-500/', 'run/checkpoint-1000/']],
  ['a model of sentence-transformers, with its parts', ['run/1_Pooling/', 'run/2_Dense/']],
  ['a clone, with what git keeps', ['run/.git/', 'run/onnx/quantised/']],
])('%s: the files on top are the model', (_, deeper) => {
  const names = ['config.json', 'tokenizer.json', 'model.safetensors'];
  // Browsers give the files of a folder in any order.
  const files = [
    ...deeper.flatMap((folder) => names.map((name) => `${folder}${name}`)),
    ...names.map((n) => `run/${n}`),
  ];
  const chosen = chosenFrom(files.map(inFolder));
  expect(chosen).toMatchObject({ name: 'run', bytes: 3 });
  expect(chosen?.files.map(({ webkitRelativePath }) => webkitRelativePath)).toEqual(names.map((name) => `run/${name}`));
  expect(missing(chosen?.files ?? [])).toEqual([]);
});

test('a folder with nothing on top is none, and what is not among the files is named', () => {
  expect(chosenFrom([inFolder('run/checkpoint-500/config.json')])).toBeUndefined();
  const files = ['run/config.json', 'run/model.safetensors.index.json'].map(inFolder);
  expect(missing(files)).toEqual(['tokenizer.json']);
  expect(missing([inFolder('run/tokenizer.json')])).toEqual(['config.json', 'model.safetensors']);
});
