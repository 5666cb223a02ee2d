/**
 * A look at what a run would learn, before it begins: the columns of a table, both sides of the split, and the first rows
 * with their masks. Short texts are read as the run would read them, so that the rows are those of its first batch; of long
 * ones the beginning is taken, which is said.
 */

import { parseObject } from '../../checkpoint/damage.ts';
import type { ChatTemplate, Tokenizer, Weights } from '../../checkpoint/model.ts';
import type { Store } from '../../checkpoint/store/store.ts';
import { openTokenizer } from '../../checkpoint/tokenizer.ts';
import type { Arch } from '../../model/arch.ts';
import { makeDataset } from '../../training/data/dataset.ts';
import { storedWikitext } from '../../training/data/wikitext.ts';
import { freshSurroundings } from '../../training/fresh.ts';
import { planOf } from '../../training/make-trainable.ts';
import { beginning, previewOf } from '../../training/preview.ts';
import { checkDirection, divide, notesOn, openFor, wordsOf } from '../../training/start.ts';
import type { Amount, DataLook, MemoryLook, TableLook, TrainData, TrainRequest } from '../protocol.train.ts';
import { type Origin, originOf, textsFrom } from './data.ts';
import { sourceOf } from './source.ts';

interface Looking {
  readonly signal: AbortSignal;
  /** Whether the run would learn on the graphics card. */
  readonly onCard: boolean;
  readonly onTable: (table: TableLook | undefined) => void;
  readonly onMemory: (memory: MemoryLook) => void;
}

type Wanted = Pick<NonNullable<TrainRequest['begin']>, 'settings' | 'data' | 'from'>;

/** Characters that are read of a Parquet file. */
const MOST_READ = 2 ** 22;

/**
 * Undefined while the data is not here. `onTable` hears of the columns first, so that another can be chosen where this one
 * gives nothing. Throws `UnmaskError` when nothing can be learnt from it, or the signal's reason.
 */
export async function lookAt(
  { settings, data, from }: Wanted,
  store: Store,
  { signal, onCard, onTable, onMemory }: Looking,
): Promise<DataLook | undefined> {
  if (from !== 'fresh')
    onMemory(memoryOf(settings, await readerOf({ settings, data, from }, [], store, signal), onCard));
  if (data.kind === 'wikitext' && !(await storedWikitext(store, data.name))) return undefined;
  const chats = settings.rows === 'chats';
  const reading = { column: settings.column, chats, signal, most: MOST_READ };
  const read = (column: string) =>
    readOnce(data, `${chats} ${column}`, () => originOf(data, store, { ...reading, column }));
  let origin: Origin;
  try {
    origin = await read(settings.column);
  } catch (error) {
    // What there is to choose from is told where only the column is not there.
    if (settings.column !== '' && !signal.aborted)
      await read('').then(
        (other) => onTable(tableOf(other)),
        () => undefined,
      );
    throw error;
  }
  onTable(tableOf(origin));
  const { texts, valid, cut, notes } = await textsFrom(origin, store, reading);
  signal.throwIfAborted();
  const split = divide(settings, texts, valid);
  const { train, heldOut } = split;
  const shown = beginning(train);
  const reader = await readerOf({ settings, data, from }, shown, store, signal);
  if (from === 'fresh') onMemory(memoryOf(settings, reader, onCard));
  const dataset = await makeDataset(shown, reader, settings, { signal });
  // Fails here as it would when the run begins.
  const held = heldOut.length > 0 ? await makeDataset(beginning(heldOut), reader, settings, { signal }) : undefined;
  const { vocab: vocabSize, ids } = reader.arch;
  return {
    learnt: amountOf(train),
    heldOut: amountOf(heldOut),
    more: cut,
    preview: previewOf(
      { settings, train: dataset, maskId: ids.mask ?? -1, vocabSize, words: wordsOf(reader) },
      reader.tokenizer,
    ),
    exact: shown === train && !cut,
    notes: [...notes, ...notesOn(split, dataset, held)],
    vocabSize,
  };
}

/** Characters of a text that are shown beside the choice of a column. */
const SHOWN = 160;

function tableOf(origin: Origin): TableLook | undefined {
  if (origin.kind !== 'texts' || origin.columns === undefined || origin.column === undefined) return undefined;
  const first = origin.texts
    .slice(0, 3)
    .map((text) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text).trim());
  return { columns: origin.columns, column: origin.column, first };
}

/** The file looked at last: a large one takes seconds to read, and is looked at again with every other setting. */
let file: { readonly name: string; readonly origin: Origin } | undefined;

/** Gives its memory back, because a run begins. */
export function forgetFile(): void {
  file = undefined;
}

async function readOnce(data: TrainData, column: string, read: () => Promise<Origin>): Promise<Origin> {
  if (data.kind !== 'file') {
    file = undefined;
    return read();
  }
  const { name, size, lastModified } = data.file;
  const key = JSON.stringify([name, size, lastModified, column]);
  if (file?.name !== key) {
    file = undefined;
    file = { name: key, origin: await read() };
  }
  return file.origin;
}

function memoryOf(settings: Wanted['settings'], reader: Reader, onCard: boolean): MemoryLook {
  const { fit, memory } = planOf(settings, reader, onCard ? Number.POSITIVE_INFINITY : undefined);
  return { ...memory, fit };
}

interface Reader {
  readonly tokenizer: Tokenizer;
  readonly arch: Arch;
  readonly modelType: string;
  /** What is known of them; nothing is read. */
  readonly weights: Pick<Weights, 'tensors'>;
  readonly chatTemplate?: ChatTemplate | undefined;
}

/** The shipped model looked at last, without its weights. Others may change under their names. */
let last: { readonly from: string; readonly objective: string; readonly reader: Reader } | undefined;

async function readerOf({ settings, from }: Wanted, texts: readonly string[], store: Store, signal: AbortSignal) {
  if (from === 'fresh') {
    const { around, arch } = await freshSurroundings(texts, settings, { signal });
    checkDirection(settings, arch);
    const json = around.get('tokenizer.json') as Uint8Array;
    const about = { arch, modelType: '', weights: { tensors: new Map() } };
    return { tokenizer: openTokenizer(parseObject('tokenizer.json', json)), ...about };
  }
  let reader = last?.from === from && last.objective === settings.objective ? last.reader : undefined;
  if (reader === undefined) {
    const { model } = await openFor(settings, await sourceOf(from, store), signal);
    const { tokenizer, arch, modelType, chatTemplate, weights } = model;
    reader = { tokenizer, arch, modelType, chatTemplate, weights: { tensors: weights.tensors } };
    if (typeof from === 'string') last = { from, objective: settings.objective, reader };
  }
  checkDirection(settings, reader.arch);
  return reader;
}

function amountOf(texts: readonly string[]): Amount {
  return { texts: texts.length, characters: texts.reduce((sum, text) => sum + text.length, 0) };
}
