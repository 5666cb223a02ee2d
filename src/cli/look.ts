/** What a run would learn from, in the words of the page, before anything is learnt: `npm run train -- --look`. */
import { folderSource } from '../node/folder.ts';
import { english } from '../text/said.ts';
import { readMessages } from '../training/data/conversations.ts';
import { makeDataset } from '../training/data/dataset.ts';
import { pairOfText } from '../training/data/pairs.ts';
import { planOf } from '../training/make-trainable.ts';
import { objectiveOf } from '../training/objectives/index.ts';
import { beginning, type PreviewRow, previewOf } from '../training/preview.ts';
import { divide, openStart, wordsOf } from '../training/start.ts';
import type { TrainSettings } from '../training/train-settings.ts';
import { folderOf } from './arguments.ts';
import type { StatusLine } from './program.ts';
import { megabytes } from './teach.ts';
import type { LookArguments } from './train-arguments.ts';
import { aboutTable, readData } from './train-data.ts';

/** Characters that are shown of a text. */
const SHOWN = 200;
const FIRST = 3;

/** Throws `UnmaskError` as a run would. */
export async function look({ look: settings, hub }: LookArguments, status: StatusLine): Promise<void> {
  const data = await readData(settings, hub, status);
  const { train, heldOut, pairs = heldOut, notes } = divide(settings, data.texts, data.valid);
  const kept = pairs.length > 0 ? `keeps back ${amount(pairs)} to measure with` : 'keeps nothing back to measure with';
  const lines = [
    ...[...aboutTable(data), ...data.notes, ...notes].map(english),
    `A run learns from ${amount(train)} and ${kept}.`,
    '',
    'The first texts:',
    ...train.slice(0, FIRST).flatMap((text, i) => indented(`${i + 1}  `, readable(text, settings))),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  const rest = await firstBatch(settings, train, status);
  process.stdout.write(`\n${rest.join('\n')}\n`);
}

/** What the run takes, and the rows that its first step reads. */
async function firstBatch(settings: TrainSettings, train: readonly string[], status: StatusLine): Promise<string[]> {
  const { batch } = objectiveOf(settings);
  const shown = beginning(train);
  const init = settings.init === 'fresh' ? 'fresh' : await folderSource(folderOf(settings.init, settings.init));
  status.show('cutting the text into rows');
  const { model } = await openStart(settings, shown, init);
  const { base, learning, work } = planOf(settings, model, undefined).memory;
  const parts =
    base > 0
      ? `${megabytes(base)} for the weights that stay, ${megabytes(learning)} for what learns`
      : `${megabytes(learning)} for the weights, their gradients and moments`;
  const takes = `It takes about ${megabytes(base + learning + work)} of memory: ${parts}, ${megabytes(work)} for a step.`;
  // A pair is learnt by sets of masks that its score needs, and a prompt is gone on with first.
  if (batch !== undefined) return [takes];
  const { tokenizer, arch, chatTemplate } = model;
  const dataset = await makeDataset(shown, { tokenizer, arch, chatTemplate }, settings);
  const words = wordsOf(model);
  const preview = previewOf(
    { settings, train: dataset, maskId: arch.ids.mask ?? -1, vocabSize: arch.vocab, words },
    tokenizer,
  );
  return [
    takes,
    '',
    `The first batch${shown === train ? '' : ', cut from the beginning of the text'}. ${HELP[kindOf(settings)]}`,
    ...preview.flatMap((row, i) => rowLines(row, i, settings)),
  ];
}

const kindOf = ({ objective }: TrainSettings) =>
  objective === 'next-token' ? 'causal' : objective === 'edits' ? 'edits' : 'masks';

const HELP = {
  masks: 'Tokens in ‹ › are hidden from the network and have to be guessed.',
  causal: 'At every token the network has to guess the next one.',
  edits: 'At tokens in ‹ › something is to be exchanged, taken out, or put in after them.',
} as const;

function rowLines({ pieces, masked }: PreviewRow, row: number, settings: TrainSettings): string[] {
  const count = masked.filter(Boolean).length;
  const about = kindOf(settings) === 'masks' ? `, ${count} of ${masked.length} tokens masked` : '';
  const text = pieces.map((piece, i) => (masked[i] ? marked(piece) : piece)).join('');
  return [`Row ${row + 1}${about}:`, ...indented('  ', text)];
}

/** White space stays outside of the mark. */
function marked(piece: string): string {
  const [, before = '', word = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(piece) ?? [];
  return word === '' ? `‹${piece.replaceAll('\n', '↵')}›` : `${before}‹${word}›${after}`;
}

/** A pair and a conversation travel as JSON; here they are what they say. */
function readable(text: string, { objective, rows }: TrainSettings): string {
  if (objective === 'vrpo') {
    const { prompt, chosen, rejected } = pairOfText(text);
    return [prompt, `  chosen:   ${chosen.trim()}`, `  rejected: ${rejected.trim()}`].map(short).join('\n');
  }
  if (rows === 'chats') {
    return readMessages(text)
      .map(({ role, content }) => short(`${role}: ${content}`))
      .join('\n');
  }
  return short(text.trim());
}

const short = (text: string) => (text.length > SHOWN ? `${text.slice(0, SHOWN)} …` : text);

/** The lines of a text behind a number. */
function indented(number: string, text: string): string[] {
  const [first, ...rest] = text.split('\n');
  const before = ' '.repeat(number.length);
  return [`${number}${first}`, ...rest.map((line) => `${before}${line}`)];
}

function amount(texts: readonly string[]): string {
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  return `${texts.length} ${texts.length === 1 ? 'text' : 'texts'} of ${characters} characters`;
}
