/**
 * The precisions that weights can be asked for. Half precision is a rounding; the others are those of `few-bits.ts`.
 * Products and sums stay in f32, so only the weights are rounded, once. Vectors, and the tables that are added to
 * embeddings, stay f32.
 */
import type { Arch } from '../model/arch.ts';
import { parameters } from '../model/parameters.ts';
import { FEW_BITS, type FewBits } from './few-bits.ts';
import { inFewBits } from './few-bits-weights.ts';
import type { Weights } from './model.ts';

/** What a user may ask for; `stored` keeps what the checkpoint holds. */
export const PRECISIONS = ['stored', 'f16', 'int8', 'int4', 'nf4'] as const;
export type Precision = (typeof PRECISIONS)[number];

export interface PrecisionOptions {
  /** As stored unless told. */
  readonly precision?: Precision | undefined;
  /**
   * Of the token table, of the decoder where it is a matrix of its own, and of insertions: eight bits where the others have
   * four, unless told, for they are what four bits harm most, and otherwise as the others.
   */
  readonly tables?: Precision | undefined;
}

/** Tables with a row for each token of the vocabulary: their rows are looked up, or multiplied with like those of a matrix. */
export const TABLES: readonly string[] = ['embeddings', 'decoder', 'insertions'];

/** Of one parameter that is a matrix. */
export function precisionOf(name: string, { precision = 'stored', tables }: PrecisionOptions): Precision {
  if (!TABLES.includes(name)) return precision;
  return tables ?? (precision === 'int4' || precision === 'nf4' ? 'int8' : precision);
}

export function fewBitsOf(precision: Precision): FewBits | undefined {
  return FEW_BITS.find((bits) => bits === precision);
}

/** Weights in the asked precision, as they are read; f16 is left to whoever packs them. */
export function inPrecision(arch: Arch, weights: Weights, options: PrecisionOptions): Weights {
  const wanted = new Map(
    parameters(arch).flatMap(({ name, kind }) => {
      if (kind !== 'matrix' && !TABLES.includes(name)) return [];
      const precision = precisionOf(name, options);
      return [[name, precision === 'f16' ? ('values' as const) : fewBitsOf(precision)]];
    }),
  );
  if ([...wanted.values()].every((bits) => bits === undefined)) return weights;
  return inFewBits(weights, (name) => wanted.get(name));
}
