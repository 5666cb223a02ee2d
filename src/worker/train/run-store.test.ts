import { expect, test } from 'vitest';
import { memoryDisk } from '../../checkpoint/store/disk.ts';
import { said } from '../../text/said.ts';
import { utf8 } from '../../training/model-files.ts';
import { loadCheckpoint, saveCheckpoint } from '../../training/run-files.ts';
import { defaultTrainSettings, type RunRecord } from '../protocol.train.ts';
import { listRuns, readRun, runDisk, sweepRuns, writeRecord } from './run-store.ts';

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

test.each<[string, unknown]>([
  ['no JSON', undefined],
  ['a number', 5],
  ['without facts', { version: 1, name: 'cats', step: 3, settings: {} }],
  ['a name that is none', { ...record, name: 7, step: 3 }],
  ['a step that is none', { ...record, step: '3' }],
])('a run whose record is damaged is listed by its checkpoint: %s', async (_, value) => {
  const disk = memoryDisk();
  const files = runDisk(disk, 'a');
  const damaged = utf8(value === undefined ? '{"version": 1, "id"' : JSON.stringify(value));
  for (const name of ['record.json', 'record.json.copy']) await files.put(name, damaged);
  const moments = { steps: 3, first: new Map(), second: new Map() };
  const progress = { step: 3, tokens: 9, milliseconds: 1, evaluations: [] };
  const settings = { ...defaultTrainSettings(), steps: 7 };
  await saveCheckpoint(files, {
    settings,
    progress,
    weights: new Map([['w', Float32Array.of(1)]]),
    optimiser: moments,
  });
  expect(await listRuns(disk)).toEqual([]);
  await sweepRuns(disk);
  expect(await listRuns(disk)).toMatchObject([{ id: 'a', step: 3, settings: { steps: 7 } }]);
  expect((await loadCheckpoint(files))?.weights.get('w')).toEqual(Float32Array.of(1));
});

test('a damaged record without a checkpoint is swept, one of a later version stays', async () => {
  const disk = memoryDisk();
  await runDisk(disk, 'a').put('record.json', utf8('{'));
  await runDisk(disk, 'a').put('data.json', utf8('{}'));
  await runDisk(disk, 'b').put('record.json', utf8('{"version": 2}'));
  await sweepRuns(disk);
  expect(await disk.names()).toEqual(['run-b-record.json']);
});
