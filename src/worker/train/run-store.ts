/**
 * Runs on the disk of the store, each under a prefix of its own: `record.json` (what it is), `journal.json` (what was
 * seen of it), the texts it learns from, the files around its weights, and the checkpoint (`training/run-files.ts`).
 */

import { isObject } from '../../checkpoint/damage.ts';
import type { FileSource } from '../../checkpoint/model.ts';
import type { Disk } from '../../checkpoint/store/disk.ts';
import { putTwice, readEither } from '../../checkpoint/store/twice.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { said, type Text } from '../../text/said.ts';
import { utf8 } from '../../training/model-files.ts';
import { checkpointFile, loadCheckpoint } from '../../training/run-files.ts';
import {
  defaultTrainSettings,
  type RunFacts,
  type RunJournal,
  type RunRecord,
  type StoredRun,
} from '../protocol.train.ts';

const CHECKPOINT = /^checkpoint-\d+[.]safetensors$/;
const NAME = /^run-([0-9a-z]+)-record[.]json$/;
export const EMPTY_JOURNAL: RunJournal = { points: [], evaluations: [], samples: [] };

/** The files of one run. Throws `UnmaskError` code `arguments` for an id that is none. */
export function runDisk(disk: Disk, id: string): Disk {
  if (!/^[0-9a-z]{1,40}$/.test(id)) {
    throw new UnmaskError({
      code: 'arguments',
      message: said`"${id}" is no run.`,
      remedy: 'Choose a run from the list.',
    });
  }
  const prefix = `run-${id}-`;
  return {
    lasting: disk.lasting,
    names: async () =>
      (await disk.names()).filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length)),
    open: (name) => disk.open(prefix + name),
    writer: (name) => disk.writer(prefix + name),
    put: (name, bytes) => disk.put(prefix + name, bytes),
    remove: (name) => disk.remove(prefix + name),
    exclusive: (name, work) => disk.exclusive(prefix + name, work),
    use: () => disk.use(),
  };
}

/** Every run whose record can be read, newest first. */
export async function listRuns(disk: Disk): Promise<StoredRun[]> {
  const ids = (await disk.names()).flatMap((name) => NAME.exec(name)?.[1] ?? []);
  const runs = await Promise.all(ids.map((id) => readRun(runDisk(disk, id)).catch(() => undefined)));
  return runs.filter((run) => run !== undefined).sort((a, b) => b.created - a.created);
}

/** Throws `UnmaskError` code `storage` when the run is not there or its record is torn. */
export async function readRun(files: Disk): Promise<StoredRun> {
  const record = wholeRecord(await readJson(files, 'record.json'));
  if (record === undefined) {
    const message = 'This run is not in the storage of this browser, or not whole any more.';
    throw new UnmaskError({ code: 'storage', message, remedy: 'Start it anew.' });
  }
  const journal = await readJson(files, 'journal.json');
  return { ...record, journal: isObject(journal) ? wholeJournal(journal) : EMPTY_JOURNAL };
}

const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 10_000;
/** A sentence, as `said` makes it. */
const isSentence = (value: unknown): value is Text =>
  isText(value) ||
  (isObject(value) &&
    isText(value['key']) &&
    Array.isArray(value['values']) &&
    value['values'].every((each) => isSentence(each) || (isNumber(each) && value['key'] !== '')));
const isList = <T>(value: unknown, is: (each: unknown) => each is T): value is readonly T[] =>
  Array.isArray(value) && value.every(is);
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
/** JSON has no word for NaN. */
const orNaN = (value: unknown): number => (isNumber(value) ? value : Number.NaN);

/**
 * The record of a run, of which views draw all: what does not make a run is refused, what only tells of one is left out.
 * Settings that are newer than the run have their defaults.
 */
function wholeRecord(value: unknown): RunRecord | undefined {
  if (!isObject(value) || value['version'] !== 1) return undefined;
  const { id, name, created, step, settings, facts } = value;
  if (!isText(id) || !isText(name) || !isNumber(step) || !isObject(settings) || !isObject(facts)) return undefined;
  const defaults = defaultTrainSettings() as unknown as Record<string, unknown>;
  const kept = Object.entries(settings).filter(
    ([key, each]) => typeof each === typeof defaults[key] && !Number.isNaN(each),
  );
  const dated = isNumber(created) && Math.abs(created) <= 8.64e15;
  return {
    ...(value as unknown as RunRecord),
    created: dated ? created : 0,
    settings: { ...defaults, ...Object.fromEntries(kept) } as unknown as RunRecord['settings'],
    facts: wholeFacts(facts),
  };
}

function wholeFacts(facts: Readonly<Record<string, unknown>>): RunFacts {
  const { references, preview, backend, device, cut, notes } = facts;
  const of = (key: string) => (isNumber(facts[key]) ? facts[key] : 0);
  const { uniform, unigram } = isObject(references) ? references : {};
  const isRow = (row: unknown): row is RunFacts['preview'][number] =>
    isObject(row) && isList(row['pieces'], isText) && isList(row['masked'], isFlag) && isList(row['scored'], isFlag);
  return {
    parameters: of('parameters'),
    vocabSize: of('vocabSize'),
    backend: isText(backend) ? backend : '',
    device: isText(device) ? device : '',
    trainRows: of('trainRows'),
    trainTokens: of('trainTokens'),
    heldOutRows: of('heldOutRows'),
    heldOutTokens: of('heldOutTokens'),
    cut: cut === true,
    ...(isList(notes, isSentence) ? { notes } : {}),
    references: { uniform: orNaN(uniform), unigram: orNaN(unigram) },
    preview: Array.isArray(preview) ? preview.filter(isRow) : [],
  };
}

/** Without the entries that are none. */
function wholeJournal({ points, evaluations, samples }: Readonly<Record<string, unknown>>): RunJournal {
  const entries = (value: unknown) =>
    (Array.isArray(value) ? value : []).filter(
      (each): each is Record<string, unknown> => isObject(each) && isNumber(each['step']),
    );
  return {
    points: entries(points).map((each) => ({
      ...(each as unknown as RunJournal['points'][number]),
      loss: orNaN(each['loss']),
      gradNorm: orNaN(each['gradNorm']),
    })),
    evaluations: entries(evaluations)
      .filter((each) => isNumber(each['nelbo']))
      .map((each) => ({
        ...(each as unknown as RunJournal['evaluations'][number]),
        standardError: orNaN(each['standardError']),
      })),
    samples: entries(samples).filter((each) => isList(each['pieces'], isText)) as unknown as RunJournal['samples'],
  };
}

export async function writeRecord(
  files: Disk,
  { version, id, name, created, step, ended, settings, facts, start }: RunRecord,
) {
  const record: RunRecord = { version, id, name, created, step, ended, settings, facts, ...(start && { start }) };
  await putTwice(files, 'record.json', utf8(JSON.stringify(record)));
}

/** What was seen up to a step, for a run that goes on from there. From its beginning it measures and samples anew. */
export function journalUpTo({ points, evaluations, samples }: RunJournal, step: number): RunJournal {
  if (step === 0) return EMPTY_JOURNAL;
  const before = (each: { readonly step: number }) => each.step <= step;
  return { points: points.filter(before), evaluations: evaluations.filter(before), samples: samples.filter(before) };
}

export async function removeRun(disk: Disk, id: string): Promise<void> {
  const files = runDisk(disk, id);
  // The record goes first: what is left of a deletion that breaks off is no run.
  await files.remove('record.json');
  for (const name of await files.names()) await files.remove(name);
}

const OF_RUN = /^run-([0-9a-z]+)-/;

/**
 * Removes what no list shows: files of runs that have no record, because a beginning or a deletion broke off, and
 * checkpoints that were never finished. A run whose record is damaged gets one from its checkpoint, so that it is listed.
 * Runs that are in use, in another tab perhaps, and those of a later version of this page are left alone.
 */
export async function sweepRuns(disk: Disk): Promise<void> {
  const names = await disk.names();
  const ids = new Set(names.flatMap((name) => OF_RUN.exec(name)?.[1] ?? []));
  for (const id of ids) {
    const files = runDisk(disk, id);
    await files.exclusive('lock', async () => {
      const own = await files.names();
      if (!own.includes('record.json')) return removeRun(disk, id);
      if ((await mended(files, id)) === 'nothing') return removeRun(disk, id);
      const named = await checkpointFile(files).catch(() => undefined);
      if (named === undefined && own.includes('checkpoint.json')) return;
      for (const name of own) if (CHECKPOINT.test(name) && name !== named) await files.remove(name);
    });
  }
}

/** Whether the record of a run is whole, now at least; `nothing` where neither it nor a checkpoint can be read. */
async function mended(files: Disk, id: string): Promise<'whole' | 'nothing'> {
  const record = await readJson(files, 'record.json');
  const later = isObject(record) && isNumber(record['version']) && record['version'] > 1;
  if (later || wholeRecord(record) !== undefined) return 'whole';
  const checkpoint = await loadCheckpoint(files).catch(() => undefined);
  if (checkpoint === undefined) return 'nothing';
  const { settings, progress } = checkpoint;
  const known = isObject(record) ? record : {};
  const rest = wholeRecord({
    ...known,
    ...{ version: 1, id, step: progress.step, settings },
    name: isText(known['name']) ? known['name'] : id,
    facts: isObject(known['facts']) ? known['facts'] : {},
  });
  await writeRecord(files, rest as RunRecord);
  return 'whole';
}

/** Bytes of everything that belongs to runs. */
export async function bytesOfRuns(disk: Disk): Promise<number> {
  const names = (await disk.names()).filter((name) => OF_RUN.test(name));
  const files = await Promise.all(names.map((name) => disk.open(name)));
  return files.reduce((bytes, file) => bytes + (file?.size ?? 0), 0);
}

/** The files of a run as those of a model. */
export function diskSource(files: Disk, label: string): FileSource {
  const read = async (name: string, start: number, end: number) => {
    const file = await files.open(name);
    if (file !== undefined && end <= file.size) return file.read(start, end);
    const message = said`${name} is missing from ${label}.`;
    throw new UnmaskError({ code: 'storage', message, remedy: 'Start the run anew.', file: name });
  };
  return {
    label,
    size: async (name) => (await files.open(name))?.size,
    read,
    async readAll(name, options) {
      const file = await files.open(name);
      if (file === undefined) return 'missing';
      if (file.size > (options?.maxBytes ?? Number.POSITIVE_INFINITY)) return 'large';
      return file.read(0, file.size);
    },
  };
}

/** A file of JSON; undefined when it is missing or torn. */
export async function readJson(files: Disk, name: string): Promise<unknown> {
  const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
  return readEither(files, name, parse).catch(() => undefined);
}
