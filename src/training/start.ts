/** What a run starts from: the texts on both sides of the split as rows of tokens, and a model to teach them to. */

import { CHAT_TEMPLATE_FILE, DLLM_JINJA } from '../checkpoint/chat-template.ts';
import { CONFIG_FILE, parseConfig } from '../checkpoint/config.ts';
import { parseObject, present } from '../checkpoint/damage.ts';
import { asEditNetwork } from '../checkpoint/edit-model.ts';
import type { FileSource, Model } from '../checkpoint/model.ts';
import { openModel } from '../checkpoint/open.ts';
import { startId } from '../checkpoint/prompt.ts';
import { memorySource } from '../checkpoint/sources.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { type Arch, isCausal } from '../model/arch.ts';
import { writeConfig } from '../model/families/index.ts';
import { said, type Text } from '../text/said.ts';
import { type Converted, isAutoregressive, openConverted, withConfig } from './a2d.ts';
import { rowsOf, shuffled } from './data/batches.ts';
import { type Dataset, makeDataset, type TokeniseOptions } from './data/dataset.ts';
import { joined, pairOfText, pairRows } from './data/pairs.ts';
import { promptRows } from './data/prompts.ts';
import { type Split, splitTexts } from './data/split.ts';
import { freshModel } from './fresh.ts';
import { unigramEntropy } from './held-out.ts';
import { initialWeights, MODERNBERT_START, PLAIN_START } from './initial-weights.ts';
import { modelFiles, readSurroundings, type Surroundings, utf8 } from './model-files.ts';
import { objectiveOf } from './objectives/index.ts';
import type { WordsOfModel } from './objectives/objective.ts';
import type { TrainSettings } from './train-settings.ts';

export interface Start {
  readonly model: Model;
  /** The files that training does not change. */
  readonly around: Surroundings;
}

/** A fresh model for these texts, or the one in `source`. Throws `UnmaskError`. */
export async function openStart(
  settings: TrainSettings,
  texts: readonly string[],
  source: FileSource | 'fresh',
  options: TokeniseOptions = {},
): Promise<Start> {
  const from =
    source === 'fresh' ? memorySource(await freshModel(texts, settings, options), 'the fresh model') : source;
  const { model, source: opened } = await openFor(settings, from, options.signal);
  const around = await readSurroundings(opened);
  // What learns to chat without a template of its own learns dLLM's, and keeps it.
  const learnsToChat = settings.rows === 'chats' && model.chatTemplate === undefined;
  const template = learnsToChat ? [[CHAT_TEMPLATE_FILE, utf8(DLLM_JINJA)] as const] : [];
  return checked(settings, { model, around: new Map([...around, ...template]) });
}

/**
 * A model as the objective needs it: an autoregressive one that is to diffuse is converted (`a2d.ts`). Throws
 * `UnmaskError`.
 */
export async function openFor(settings: TrainSettings, source: FileSource, signal?: AbortSignal): Promise<Converted> {
  const options = { id: settings.init, signal, newHead: true };
  const converts = !objectiveOf(settings).causal && (await isAutoregressive(source, options));
  const found = converts ? await openConverted(source, options) : { model: await openModel(source, options), source };
  const { model, source: opened } =
    objectiveOf(settings).edits && !found.model.arch.edits ? await withEditHeads(found, settings.seed) : found;
  if (!settings.forget) return { model, source: opened };
  const { arch, modelType } = model;
  const how = modelType.startsWith('modernbert') ? MODERNBERT_START : PLAIN_START;
  return { model: { ...model, weights: initialWeights(arch, settings.seed, how) }, source: opened };
}

/** The same with heads for edits, and a configuration that says so. */
async function withEditHeads({ model, source }: Converted, seed: number): Promise<Converted> {
  const edits = asEditNetwork(model, seed);
  const json = parseObject(CONFIG_FILE, present(await source.readAll(CONFIG_FILE), CONFIG_FILE, source));
  const { model_type, architectures } = writeConfig(edits);
  return { model: edits, source: withConfig(source, { ...json, model_type, architectures }) };
}

/** What an objective that changes words is told of a model. */
export function wordsOf({ tokenizer, arch }: Pick<Model, 'tokenizer' | 'arch'>): WordsOfModel {
  const { maxLength, ids } = arch;
  const { sep, eos, pad } = ids;
  return { tokenizer, startId: startId(arch), padId: pad ?? eos ?? sep ?? 0, maxLength };
}

/** The model of a checkpoint: its weights, and the files beside them in `source`. Throws `UnmaskError`. */
export async function reopenStart(
  settings: TrainSettings,
  source: FileSource,
  weights: ReadonlyMap<string, Float32Array>,
): Promise<Start> {
  const around = await readSurroundings(source);
  const { arch } = parseConfig(present(around.get(CONFIG_FILE), CONFIG_FILE, source));
  const files = modelFiles(around, { ...arch, tied: !weights.has('decoder') }, weights, '');
  return checked(settings, {
    model: await openModel(memorySource(files, source.label), { id: settings.init }),
    around,
  });
}

function checked(settings: TrainSettings, start: Start): Start {
  checkDirection(settings, start.model.arch);
  return start;
}

/** Throws `UnmaskError` code `settings` for a model that cannot learn the objective. */
export function checkDirection(
  settings: TrainSettings,
  arch: Pick<Arch, 'layers' | 'ids' | 'logitShift' | 'edits'>,
): void {
  const { causal, block, edits = false } = objectiveOf(settings);
  if (settings.firstTime > settings.lastTime) {
    const message = said`Times from ${settings.firstTime} to ${settings.lastTime} are none.`;
    throw new UnmaskError({ code: 'settings', message, remedy: 'Let the first time be the smaller one.' });
  }
  if (!causal && arch.ids.mask === undefined) {
    const message = said`This model has no mask token, which the objective ${settings.objective} puts in place of what is to be guessed.`;
    throw new UnmaskError({ code: 'settings', message, remedy: 'Choose another model, or predict the next token.' });
  }
  if (block !== undefined && arch.logitShift === 1) {
    // The first token of a block would be answered by the block before, which has its masks while this one is learnt.
    const message =
      'Each row of this model speaks of the token after it, which leaves the first token of a block without one.';
    throw new UnmaskError({ code: 'settings', message, remedy: 'Choose another objective or another model.' });
  }
  if (edits && settings.adapter !== 'none') {
    const message = 'An adapter leaves the heads as they are, and those for edits have learnt nothing yet.';
    throw new UnmaskError({ code: 'settings', message, remedy: 'Let the whole network learn.' });
  }
  if (edits && (arch.ids.bos ?? arch.ids.cls) === undefined) {
    const message = 'This model has no token that begins a text, before which nothing could be inserted.';
    throw new UnmaskError({ code: 'settings', message, remedy: 'Choose another model.' });
  }
  if (!edits && arch.edits) {
    const message = said`This model edits; the objective ${settings.objective} has nothing to say to that.`;
    throw new UnmaskError({ code: 'settings', message, remedy: 'Choose the objective edits, or another model.' });
  }
  if (isCausal(arch) === causal) return;
  const message = causal
    ? 'Next-token prediction needs a model that sees to the left only; this one sees both sides.'
    : said`This model sees to the left only; the objective ${settings.objective} needs one that sees both sides.`;
  throw new UnmaskError({ code: 'settings', message, remedy: 'Choose another objective or another model.' });
}

export interface Material {
  readonly train: Dataset;
  readonly heldOut: Dataset;
  /** Pairs that are held out, where those are learnt from. */
  readonly pairs?: Dataset;
  /** Nats per token that say where a loss stands: a uniform guess, and the unigram entropy of the training rows. */
  readonly references: { readonly uniform: number; readonly unigram: number };
  /** What a person should know about the split and the rows, one sentence each. */
  readonly notes: readonly Text[];
}

/**
 * The texts that are learnt and those that are held out: another file's, or a share; none where nothing is to be measured
 * on them, so that a run can learn from a single text. Throws `UnmaskError` code `data`.
 */
export function divide(settings: TrainSettings, texts: readonly string[], valid?: readonly string[]): Split {
  const { batch } = objectiveOf(settings);
  if (batch === 'pairs') return dividePairs(settings, texts, valid);
  // All prompts are written after; what is measured is how likely other texts stay.
  if (batch === 'groups') return { train: texts, heldOut: valid ?? [], notes: [] };
  if (valid !== undefined) return { train: texts, heldOut: valid, notes: [] };
  if (settings.evalEvery === 0) return { train: texts, heldOut: [], notes: [] };
  return splitTexts(texts, settings.heldOut, settings.seed, { whole: settings.rows === 'chats' });
}

/** Pairs on both sides, and texts to measure the likelihood on: those given, or the chosen answers that are held out. */
function dividePairs(
  { heldOut: share, seed }: TrainSettings,
  pairs: readonly string[],
  valid?: readonly string[],
): Split {
  if (pairs.length < 2) {
    const message = 'A taste is learnt from two pairs at least: one to learn from, one to measure on.';
    throw new UnmaskError({ code: 'data', message, remedy: 'Give more pairs.' });
  }
  const groups = pairs.map((text, at) => pairOfText(text).group ?? at);
  const names = [...new Set(groups)];
  const order = [...shuffled(names.length, seed, 0)].map((at) => names[at]);
  const kept = new Set(order.slice(0, Math.min(names.length - 1, Math.max(1, Math.round(share * names.length)))));
  const [train, heldOut] = [false, true].map((held) =>
    pairs.filter((_, at) => kept.has(groups[at] as string) === held),
  ) as [string[], string[]];
  const chosen = heldOut.map(pairOfText).map((pair) => joined(pair, pair.chosen));
  return { train, heldOut: valid ?? chosen, pairs: heldOut, notes: [] };
}

/** Tokenises both sides. Throws `UnmaskError` code `data`, or the signal's reason. */
export async function prepare(
  settings: TrainSettings,
  split: Split,
  { tokenizer, arch, chatTemplate }: Model,
  { signal, onProgress }: TokeniseOptions = {},
): Promise<Material> {
  const all = split.train.length + split.heldOut.length;
  const part = (done: number, count: number) => ({
    signal,
    onProgress: (share: number) => onProgress?.((done + share * count) / all),
  });
  const writes = objectiveOf(settings).batch === 'groups';
  const rows = split.pairs
    ? pairRows(split.train, { tokenizer, arch }, settings)
    : writes
      ? promptRows(split.train, { tokenizer, arch }, settings)
      : await makeDataset(split.train, { tokenizer, arch, chatTemplate }, settings, part(0, split.train.length));
  const held = part(split.train.length, split.heldOut.length);
  const heldOut =
    split.heldOut.length > 0
      ? await makeDataset(split.heldOut, { tokenizer, arch, chatTemplate }, settings, held)
      : { ids: new Int32Array(0), maskable: new Uint8Array(0), length: settings.length, count: 0, tokens: 0 };
  const train = split.pairs || writes ? rows : repeated(rows, settings);
  // Prompts have no tokens to learn; and rows that are few have fewer words than the text they are of.
  const unigram = unigramEntropy(writes ? heldOut : rows, arch.vocab);
  const notes = [...notesOn(split, train, heldOut), ...notesOnRepeats(train, settings)];
  const pairs = split.pairs && { pairs: pairRows(split.pairs, { tokenizer, arch }, settings) };
  return { train, heldOut, ...pairs, references: { uniform: Math.log(arch.vocab), unigram }, notes };
}

/** So few rows, drawn by the seed, that the steps learn each of them `repeats` times; all where there are no more. */
export function repeated(rows: Dataset, settings: TrainSettings): Dataset {
  const count = Math.ceil(learntRows(settings) / settings.repeats);
  if (settings.repeats === 0 || count >= rows.count) return rows;
  const { length } = rows;
  const kept = rowsOf(rows, [...shuffled(rows.count, settings.seed, 0)].slice(0, count), length);
  return { ...rows, ...kept, count, tokens: count * length };
}

function learntRows({ steps, batch, accumulation }: TrainSettings): number {
  return steps * batch * accumulation;
}

function notesOnRepeats({ count }: Dataset, settings: TrainSettings): readonly Text[] {
  const times = learntRows(settings) / count;
  if (settings.repeats === 0 || times <= settings.repeats + 1) return [];
  return [said`The text has ${count} rows only, so each is learnt ${Math.round(times)} times.`];
}

/** What is said of a split once it is cut into rows, or its beginning is. */
export function notesOn(split: Split, train: Dataset, heldOut: Dataset | undefined): readonly Text[] {
  const notes = [...split.notes];
  const { length } = train;
  if (train.short)
    notes.push(said`The text fills ${train.tokens} of the ${length} tokens of a row; the rest is padding.`);
  if (train.left) notes.push(said`${train.left} conversations are left out: their questions alone fill a row.`);
  if (heldOut?.short) {
    notes.push(said`Only ${heldOut.tokens} tokens are kept back, so what is measured on them is rough.`);
  }
  return notes;
}
