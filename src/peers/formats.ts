/**
 * The number formats in which a repository offers one network for ONNX Runtime. Optimum names the files: `model.onnx`,
 * or `decoder_model_merged.onnx` in older exports, with a suffix for the format, in the folder `onnx`; weights beyond
 * two gigabytes lie beside the graph in `….onnx_data`, `….onnx_data_1` and so on.
 */

import { parseObject } from '../checkpoint/damage.ts';
import type { StoredFile } from '../checkpoint/store/store.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { said, type Text } from '../text/said.ts';

/** As transformers.js calls them, and the suffix of their files. */
const SUFFIXES = { fp32: '', fp16: '_fp16', q8: '_quantized', q4: '_q4', q4f16: '_q4f16' } as const;

export type Format = keyof typeof SUFFIXES;
export const FORMATS = Object.keys(SUFFIXES) as readonly Format[];
export const FOLDER = 'onnx';

const GRAPHS = ['model', 'decoder_model_merged'] as const;
const SMALL = ['config.json', 'generation_config.json', 'tokenizer.json'];

/** Files that make up the network in one format. */
export interface Weights {
  readonly format: Format;
  /** Name of the graph without suffix and ending, as transformers.js asks for it. */
  readonly graph: (typeof GRAPHS)[number];
  /** How many files of weights lie beside the graph. */
  readonly chunks: number;
  /** Graph, weights, configuration and tokenizer. */
  readonly files: readonly StoredFile[];
  readonly bytes: number;
}

/** The formats among the files of a repository, in the order of `FORMATS`. */
export function formatsIn(files: readonly StoredFile[]): Weights[] {
  const small = files.filter(({ name }) => SMALL.includes(name));
  return FORMATS.flatMap((format) => {
    for (const graph of GRAPHS) {
      const main = `${FOLDER}/${graph}${SUFFIXES[format]}.onnx`;
      const large = files.filter(({ name }) => name === main || /^_data(_\d+)?$/.test(rest(name, main)));
      if (!large.some(({ name }) => name === main)) continue;
      const own = [...small, ...large];
      const bytes = own.reduce((sum, { size }) => sum + size, 0);
      return [{ format, graph, chunks: large.length - 1, files: own, bytes }];
    }
    return [];
  });
}

/** What stands after `start`; empty when it does not begin so. */
function rest(name: string, start: string): string {
  return name.startsWith(start) ? name.slice(start.length) : '';
}

/** GPT-2's shape, from its `config.json`. */
export interface Gpt2Config {
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly layers: number;
  readonly width: number;
  /** What opens and ends a text: <|endoftext|>. */
  readonly end: number;
}

/** Throws `UnmaskError` code `checkpoint` for another family, or for numbers that are none. */
export function parseGpt2(bytes: Uint8Array): Gpt2Config {
  const json = parseObject('config.json', bytes);
  if (json['model_type'] !== 'gpt2')
    throw wrong(said`This is a model of type "${String(json['model_type'])}", not GPT-2.`);
  const number = (key: string) => {
    const value = json[key];
    if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
    throw wrong(said`${key} of config.json must be a whole number above 0.`);
  };
  return {
    vocabSize: number('vocab_size'),
    maxLength: number('n_positions'),
    layers: number('n_layer'),
    width: number('n_embd'),
    end: number('eos_token_id'),
  };
}

/** Token and position embeddings, L blocks of attention and MLP with biases and two norms, and the last norm. */
export function parametersOf({ vocabSize: V, maxLength: T, layers: L, width: d }: Gpt2Config): number {
  return (V + T) * d + L * (12 * d * d + 13 * d) + 2 * d;
}

function wrong(message: Text): UnmaskError {
  const remedy = 'Choose a repository of GPT-2 in ONNX format, such as Xenova/gpt2.';
  return new UnmaskError({ code: 'checkpoint', message, remedy, file: 'config.json' });
}
