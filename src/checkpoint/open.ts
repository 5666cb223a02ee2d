/**
 * A model from its files in Hugging Face layout: `config.json`, `tokenizer.json` (with `tokenizer_config.json` when it
 * is there) and `model.safetensors`. A small file is fetched once and kept in memory; a large one tensor by tensor.
 */

import { UnmaskError } from '../diffusion/error.ts';
import { isCausal, type SpecialIds } from '../model/arch.ts';
import type { Described } from '../model/families/index.ts';
import { said, type Text } from '../text/said.ts';
import { CHAT_TEMPLATE_FILE, openChatTemplate } from './chat-template.ts';
import { CONFIG_FILE, parseConfig } from './config.ts';
import { type Json, parseObject, present } from './damage.ts';
import type { ChatTemplate, FileSource, Model, ReadOptions } from './model.ts';
import { readIndex, WEIGHTS_FILE } from './shards.ts';
import { memorySource } from './sources.ts';
import { idsOf, type SpecialFiles, specialTokens } from './special-tokens.ts';
import { type LoadedTokenizer, openTokenizer, tokensIn } from './tokenizer.ts';
import { type BindOptions, type OpenedWeights, openWeights } from './weights.ts';

export interface DownloadProgress {
  readonly file: string;
  /** Bytes so far. */
  readonly loaded: number;
  /** Bytes in all, 0 when unknown. */
  readonly total: number;
}

export interface ReadingOptions extends Pick<BindOptions, 'newHead'> {
  /** Aborting rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called while files arrive; for a large model also later, whenever the engine reads a tensor. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

export interface OpenOptions extends ReadingOptions {
  /** What the Trace records, such as `stories`. */
  readonly id: string;
}

/** Weights up to this size are fetched whole; f16 ModernBERT-base has 299 MB. */
const KEEP_IN_MEMORY = 64 * 2 ** 20;
const SMALL_FILE = 64 * 2 ** 20;
const TOKENIZER_FILE = 'tokenizer.json';
const TOKENIZER_CONFIG_FILE = 'tokenizer_config.json';
const SPECIAL_TOKENS_FILE = 'special_tokens_map.json';
const ADDED_TOKENS_FILE = 'added_tokens.json';
const GENERATION_FILE = 'generation_config.json';

/** Reads and checks a model; its tensors are read later. Throws `UnmaskError`: checkpoint, tokenizer or network. */
export async function openModel(source: FileSource, { id, ...options }: OpenOptions): Promise<Model> {
  const own = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, own.signal]) : own.signal;
  // Over a network the weights are on their way while the small files are still coming.
  const weights = source.unlisted ? readWeights(source, { ...options, signal }) : undefined;
  weights?.catch(() => undefined);
  // One progress at a time is told.
  const small = weights ? { ...options, onProgress: undefined } : options;
  try {
    const stored = parseConfig(present(await readSmall(source, CONFIG_FILE, small), CONFIG_FILE, source));
    const speech = await readSpeech(source, stored, { id, ...small });
    return modelOf(id, speech, await readNetwork(source, stored, options, weights));
  } catch (cause) {
    own.abort();
    throw cause;
  }
}

function modelOf(id: string, { tokenizer, chatTemplate, maskText, ids }: Speech, network: OpenedWeights): Model {
  return {
    id,
    modelType: network.modelType,
    arch: { ...network.arch, ids },
    weights: network.weights,
    headless: network.headless,
    tokenizer,
    maskText,
    chatTemplate,
    chat: chatTemplate !== undefined,
    note: noteOn(tokenizer.leftOut),
  };
}

/** Transformers opens such a model, too; only these tokens cannot be read, and stay ordinary text. */
function noteOn(leftOut: readonly string[]): Text | undefined {
  if (leftOut.length === 0) return undefined;
  const shown = leftOut.slice(0, 3).join(', ');
  return leftOut.length > 3
    ? said`tokenizer.json adds ${leftOut.length} tokens that the model has no rows for, such as ${shown}: they are read as ordinary text.`
    : said`tokenizer.json adds ${shown}, which the model has no rows for: read as ordinary text.`;
}

interface Speech {
  readonly tokenizer: LoadedTokenizer;
  readonly ids: SpecialIds;
  readonly maskText: string | undefined;
  readonly chatTemplate: ChatTemplate | undefined;
}

/** What a model reads and writes with, from its small files alone. Throws `UnmaskError` code tokenizer or checkpoint. */
export async function readSpeech(
  source: FileSource,
  described: Described,
  { id, ...options }: OpenOptions,
): Promise<Speech> {
  const [tokens, { template, ...files }] = await Promise.all([
    readSmall(source, TOKENIZER_FILE, options),
    readSurroundings(source, options),
  ]);
  const { arch } = described;
  const json = tokenizerJson(present(tokens, TOKENIZER_FILE, source));
  const special = specialTokens(files, tokensIn(json), described);
  const { mask, isNew, texts } = special;
  const tokenizer = openTokenizer(json, {
    rows: arch.vocab,
    mask: mask?.text,
    added: mask !== undefined && isNew ? { id: mask.id, content: mask.text } : undefined,
  });
  const named = { ...files.map, ...files.habits };
  const chatTemplate = await openChatTemplate(id, named, template && new TextDecoder().decode(template), texts);
  const ids = idsOf(arch, special, tokenizer.idOf, chatTemplate !== undefined);
  if (ids.mask === undefined && !isCausal(arch)) {
    const message =
      'None of its files names a mask token (tokenizer.json, tokenizer_config.json, special_tokens_map.json, added_tokens.json): this model cannot write on a canvas.';
    const remedy = 'Add tokenizer_config.json if the model has one, or choose a masked language model.';
    throw new UnmaskError({ code: 'tokenizer', message, remedy, file: TOKENIZER_FILE });
  }
  return { tokenizer, ids, maskText: mask?.text, chatTemplate };
}

/** The network alone, from a checkpoint that may lack a tokenizer: what a forward pass over ids needs. */
export async function openNetwork(source: FileSource, options: ReadingOptions = {}): Promise<OpenedWeights> {
  const stored = parseConfig(present(await readSmall(source, CONFIG_FILE, options), CONFIG_FILE, source));
  return readNetwork(source, stored, options);
}

const readWeights = (source: FileSource, options: ReadingOptions) =>
  source.readAll(WEIGHTS_FILE, { ...watch(WEIGHTS_FILE, options), maxBytes: KEEP_IN_MEMORY });

/** `weights`: the whole file, where it has been asked for already. */
async function readNetwork(
  source: FileSource,
  stored: Described,
  options: ReadingOptions,
  weights = readWeights(source, options),
): Promise<OpenedWeights> {
  const kept = await weights;
  const files = typeof kept === 'string' ? source : memorySource(new Map([[WEIGHTS_FILE, kept]]), source.label);
  const index = await readIndex(files, { signal: options.signal });
  let loaded = 0;
  let total = 0;
  const report = (file: string, bytes: number) => {
    loaded += bytes;
    options.onProgress?.({ file, loaded: Math.min(loaded, total), total });
  };
  const opened = await openWeights(files, index, stored, {
    onRead: files === source ? report : undefined,
    newHead: options.newHead,
    signal: options.signal,
  });
  for (const { byteLength } of opened.weights.tensors.values()) total += byteLength;
  return opened;
}

function watch(file: string, { signal, onProgress }: ReadingOptions): ReadOptions {
  return { signal, onProgress: onProgress && ((loaded, total) => onProgress({ file, loaded, total })) };
}

function readSmall(source: FileSource, file: string, options: ReadingOptions) {
  return source.readAll(file, { ...watch(file, options), maxBytes: SMALL_FILE });
}

/** A file that a model may lack: some hosts refuse (403) what they do not have instead of saying so. */
async function readOptional(source: FileSource, file: string, options: ReadingOptions) {
  const bytes = await readSmall(source, file, options).catch(() => {
    options.signal?.throwIfAborted();
    return 'missing' as const;
  });
  return bytes instanceof Uint8Array ? bytes : undefined;
}

interface SurroundingFiles extends SpecialFiles {
  /** chat_template.jinja, or nothing. */
  readonly template: Uint8Array | undefined;
}

/** Files that a model may lack. Where none is listed, only those are asked for that come with tokenizer_config.json. */
async function readSurroundings(source: FileSource, options: ReadingOptions): Promise<SurroundingFiles> {
  const json = async (file: string): Promise<Json | undefined> => {
    const bytes = await readOptional(source, file, options);
    return bytes && parseObject(file, bytes);
  };
  const habits = await json(TOKENIZER_CONFIG_FILE);
  if (habits === undefined && source.unlisted)
    return { habits: {}, map: {}, added: {}, generation: {}, template: undefined };
  const [map, added, generation, template] = await Promise.all([
    source.unlisted ? undefined : json(SPECIAL_TOKENS_FILE),
    source.unlisted ? undefined : json(ADDED_TOKENS_FILE),
    source.unlisted ? undefined : json(GENERATION_FILE),
    readOptional(source, CHAT_TEMPLATE_FILE, options),
  ]);
  return { habits: habits ?? {}, map: map ?? {}, added: added ?? {}, generation: generation ?? {}, template };
}

function tokenizerJson(bytes: Uint8Array): Json {
  try {
    return parseObject(TOKENIZER_FILE, bytes);
  } catch (cause) {
    const { message, remedy } = UnmaskError.from(cause);
    throw new UnmaskError({ code: 'tokenizer', message, remedy, file: TOKENIZER_FILE }, { cause });
  }
}
