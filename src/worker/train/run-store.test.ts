import { expect, test } from 'vitest';
import { memoryDisk } from '../../checkpoint/store/disk.ts';
import { said } from '../../text/said.ts';
import { utf8 } from '../../training/model-files.ts';
import { defaultTrainSettings, type RunRecord } from '../protocol.train.ts';
import { readRun, runDisk, writeRecord } from './run-store.ts';

const facts = {
  ...{ parameters: 5, vocabSize: 9, backend: 'wasm', device: '', trainRows: 1, trainTokens: 9 },
  ...{ heldOutRows: 0, heldOutTokens: 0, cut: false, references: { uniform: 2, unigram: 1 }, preview: [] },
};
const record: RunRecord = {
  version: 1,
  ...{ id: 'a', name: 'cats', created: 0, step: 0, ended: undefined, facts },
  settings: defaultTrainSettings(),
};

test('what was said of the texts is kept with a run, and only what is a sentence', async () => {
  const files = runDisk(memoryDisk(), 'a');
  const notes = ['One.', said`${'a.txt'} is cut into ${400} pieces.`, said`${said`It is ${'long'}`}, so it is cut.`];
  await writeRecord(files, { ...record, facts: { ...facts, notes } });
  expect((await readRun(files)).facts.notes).toEqual(notes);
  for (const wrong of [7, 'One.', [7], [{ key: 'x' }], [{ key: 7, values: [] }], [{ key: '', values: [7] }]]) {
    await files.put('record.json', utf8(JSON.stringify({ ...record, facts: { ...facts, notes: wrong } })));
    expect((await readRun(files)).facts.notes).toBeUndefined();
  }
});
