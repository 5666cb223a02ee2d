/**
 * What a model is once its files have been read: its network, its named tensors and where their bytes come from.
 * Engine and trainer know models through these types only.
 */

import type { Arch } from '../model/arch.ts';
import type { Text } from '../text/said.ts';
import type { Coded, FewBits } from './few-bits.ts';

export type DType = 'F32' | 'F16' | 'BF16';

export interface TensorInfo {
  /** Of what `read` gives: F32 where the tensor is kept in few bits. */
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Of what `read` gives. */
  readonly byteLength: number;
  /** How it is kept, where that is in few bits whose rows can be had as codes (`readCoded`). */
  readonly coded?: FewBits | undefined;
  /** Rows of each tensor of the file, where several are stacked. */
  readonly parts?: readonly number[] | undefined;
}

/**
 * Validated weights under the names of `parameters(arch)` (src/model), whatever the file calls them. Matrices are
 * `[out, in]` row-major, as stored by PyTorch.
 */
export interface Weights {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly parameters: number;
  /** The little-endian bytes of one tensor, in its stored dtype. Throws `UnmaskError`. */
  read(name: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Rows `[from, to)` of one tensor, counted along its first axis, without reading the others. Throws `UnmaskError`. */
  readRows?(name: string, from: number, to: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Rows of a tensor whose info says `coded`: the codes that `read` gives the values of. Throws `UnmaskError`. */
  readCoded?(name: string, from: number, to: number, signal?: AbortSignal): Promise<Coded>;
}

export interface Tokenizer {
  /**
   * No special tokens are added; special tokens written in the text become their ids; the mask token stays text where
   * that is asked for.
   */
  encode(text: string, options?: { maskAsText?: boolean }): number[];
  /** Plain text; special tokens are kept when asked for. */
  decode(ids: readonly number[], options?: { keepSpecial?: boolean }): string;
  /** The text of one token as it stands in running text (leading space included). */
  piece(id: number): string;
  /** What the tokenizer itself puts before a text, such as the <s> of Llama 2; nothing in most of today's. */
  readonly opening?: readonly number[];
}

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ChatTemplate {
  /** The conversation as text, with the words that begin an answer when asked. Throws `UnmaskError` code `checkpoint`. */
  render(messages: readonly Message[], addGenerationPrompt: boolean): string;
}

export interface Model {
  /** What the Trace records, such as `stories`. */
  readonly id: string;
  readonly arch: Arch;
  /** What `model_type` of its config.json says. */
  readonly modelType: string;
  readonly weights: Weights;
  readonly tokenizer: Tokenizer;
  /** How its mask token is written, such as `[MASK]` or `<|mask|>`; undefined in models that have none. */
  readonly maskText?: string | undefined;
  /** It came without a language-model head and has a new one, which has learnt nothing. */
  readonly headless?: boolean | undefined;
  /** How a conversation is written down for it; undefined when it has not learnt to chat. */
  readonly chatTemplate?: ChatTemplate | undefined;
  /** Something about its files that is good to know before it writes. */
  readonly note?: Text | undefined;
  /** True when it has a chat template, so that it understands mode chat. */
  readonly chat?: boolean;
}

export interface ReadOptions {
  /** Aborting rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes received so far of the bytes asked for; `total` is 0 when the sender does not say. */
  readonly onProgress?: ((loaded: number, total: number) => void) | undefined;
}

/** Why `readAll` has no bytes to give. `page`: an HTML page came in the file's place, as single-page hosts answer. */
export type Absence = 'missing' | 'page' | 'large';

/** Where a model's files come from: a URL, a folder on disk, dropped files. Names are plain file names. */
export interface FileSource {
  /** For messages: the URL or folder. */
  readonly label: string;
  /** Asking for a file that it lacks is a request that fails: no list says what is there. */
  readonly unlisted?: boolean;
  /** The whole file in one piece; `large` (and nothing kept) when it has more than `maxBytes`. Throws `UnmaskError`. */
  readAll(
    name: string,
    options?: ReadOptions & { readonly maxBytes?: number },
  ): Promise<Uint8Array<ArrayBuffer> | Absence>;
  /** Size in bytes, or undefined when the file does not exist. Throws `UnmaskError`. */
  size(name: string, options?: ReadOptions): Promise<number | undefined>;
  /** Bytes `[start, end)` of a file, exactly that many. Throws `UnmaskError`. */
  read(name: string, start: number, end: number, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>>;
}
