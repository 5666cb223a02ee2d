/**
 * A model from its files in Hugging Face layout: `config.json`, `tokenizer.json` (with `tokenizer_config.json` when it
 * is there) and `model.safetensors`. A small file is fetched once and kept in memory; a large one tensor by tensor.
 */

import { UnmaskError } from '../diffusion/error.ts';
import { type Arch, isCausal } from '../model/arch.ts';
import type { Described } from '../model/families/index.ts';
import { CHAT_TEMPLATE_FILE, openChatTemplate } from './chat-template.ts';
import { CONFIG_FILE, parseConfig } from './config.ts';
import { isObject, type Json, parseObject, present } from './damage.ts';
import type { FileSource, Model, ReadOptions } from './model.ts';
import { readIndex, WEIGHTS_FILE } from './shards.ts';
import { memorySource } from './sources.ts';
import { type LoadedTokenizer, openTokenizer } from './tokenizer.ts';
import { type OpenedWeights, openWeights } from './weights.ts';

export interface DownloadProgress {
  readonly file: string;
  /** Bytes so far. */
  readonly loaded: number;
  /** Bytes in all, 0 when unknown. */
  readonly total: number;
}

export interface ReadingOptions {
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

/** Reads and checks a model; its tensors are read later. Throws `UnmaskError`: checkpoint, tokenizer or network. */
export async function openModel(source: FileSource, { id, ...options }: OpenOptions): Promise<Model> {
  const [config, tokens, [own, template]] = await Promise.all([
    readSmall(source, CONFIG_FILE, options),
    readSmall(source, TOKENIZER_FILE, options),
    readHabits(source, options),
  ]);
  const stored = parseConfig(present(config, CONFIG_FILE, source));
  const tokenizer = openTokenizer(tokenizerJson(present(tokens, TOKENIZER_FILE, source)));
  const habits = await withSpecialMap(own, tokenizer, source, options);
  const network = await readNetwork(source, stored, options);
  const chatTemplate = await openChatTemplate(id, habits, template && new TextDecoder().decode(template));
  return {
    id,
    modelType: network.modelType,
    arch: withSpecialTokens(network.arch, tokenizer, habits, chatTemplate !== undefined),
    weights: network.weights,
    tokenizer,
    chatTemplate,
    chat: chatTemplate !== undefined,
  };
}

/** The network alone, from a checkpoint that may lack a tokenizer: what a forward pass over ids needs. */
export async function openNetwork(source: FileSource, options: ReadingOptions = {}): Promise<OpenedWeights> {
  const stored = parseConfig(present(await readSmall(source, CONFIG_FILE, options), CONFIG_FILE, source));
  return readNetwork(source, stored, options);
}

async function readNetwork(source: FileSource, stored: Described, options: ReadingOptions): Promise<OpenedWeights> {
  const kept = await source.readAll(WEIGHTS_FILE, { ...watch(WEIGHTS_FILE, options), maxBytes: KEEP_IN_MEMORY });
  const files = typeof kept === 'string' ? source : memorySource(new Map([[WEIGHTS_FILE, kept]]), source.label);
  const index = await readIndex(files, { signal: options.signal });
  let loaded = 0;
  let total = 0;
  const report = (file: string, bytes: number) => {
    loaded += bytes;
    options.onProgress?.({ file, loaded: Math.min(loaded, total), total });
  };
  const opened = openWeights(files, index, stored, files === source ? report : undefined);
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

/** `tokenizer_config.json`, or nothing, and the chat template that may lie beside it or alone. */
async function readHabits(source: FileSource, options: ReadingOptions): Promise<[Json, Uint8Array | undefined]> {
  const [bytes, template] = await Promise.all([
    readOptional(source, TOKENIZER_CONFIG_FILE, options),
    readOptional(source, CHAT_TEMPLATE_FILE, options),
  ]);
  return [bytes === undefined ? {} : parseObject(TOKENIZER_CONFIG_FILE, bytes), template];
}

/** Where nothing else names the mask: what special_tokens_map.json calls the special tokens, and the habits before it. */
async function withSpecialMap(
  habits: Json,
  tokenizer: LoadedTokenizer,
  source: FileSource,
  options: ReadingOptions,
): Promise<Json> {
  if (contentOf(habits['mask_token']) !== undefined || tokenizer.idOf('[MASK]') !== undefined) return habits;
  const map = await readOptional(source, SPECIAL_TOKENS_FILE, options);
  return map === undefined ? habits : { ...parseObject(SPECIAL_TOKENS_FILE, map), ...habits };
}

function tokenizerJson(bytes: Uint8Array): unknown {
  try {
    return parseObject(TOKENIZER_FILE, bytes);
  } catch (cause) {
    const { message, remedy } = UnmaskError.from(cause);
    throw new UnmaskError({ code: 'tokenizer', message, remedy, file: TOKENIZER_FILE }, { cause });
  }
}

/** The tokenizer's own ids of special tokens, because typed text uses them; the vocabulary may be padded larger. */
function withSpecialTokens(arch: Arch, tokenizer: LoadedTokenizer, habits: Json, chat: boolean): Arch {
  const file = TOKENIZER_FILE;
  if (tokenizer.size > arch.vocab) {
    const message = `tokenizer.json has ids up to ${tokenizer.size - 1}, but the model knows ${arch.vocab} tokens.`;
    throw new UnmaskError({ code: 'tokenizer', message, remedy: 'Use the tokenizer of this very model.', file });
  }
  const id = (key: string, usual: string) => tokenizer.idOf(contentOf(habits[key]) ?? usual);
  // A causal model never sees what is to the right, so its padding can stand in the slots it has yet to write.
  const spare = isCausal(arch) ? arch.ids.pad : undefined;
  const eosText = contentOf(habits['eos_token']);
  const ids = {
    ...arch.ids,
    mask: id('mask_token', '[MASK]') ?? arch.ids.mask ?? tokenizer.maskLike ?? spare,
    // A chat's answer ends where its tokenizer says. ModernBERT's names no end token, and dLLM then pads (get_tokenizer),
    // whatever config.json calls eos.
    eos: chat ? (eosText === undefined ? undefined : tokenizer.idOf(eosText)) : arch.ids.eos,
  };
  if (ids.mask === undefined) {
    const message =
      'The tokenizer has no [MASK] token and config.json names none: this model cannot write on a canvas.';
    throw new UnmaskError({ code: 'tokenizer', message, remedy: 'Choose a masked-language-model checkpoint.', file });
  }
  return { ...arch, ids };
}

/** `"[MASK]"` or `{ "content": "[MASK]", … }`. */
function contentOf(token: unknown): string | undefined {
  const text = isObject(token) ? token['content'] : token;
  return typeof text === 'string' ? text : undefined;
}
