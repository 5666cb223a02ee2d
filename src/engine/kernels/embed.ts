/** Token, position and type embeddings and their norm, one workgroup per token. */
import embedSource from '../../../shaders/embed.wgsl?raw';
import nf4Source from '../../../shaders/nf4.wgsl?raw';
import normSource from '../../../shaders/norm.wgsl?raw';
import rowSource from '../../../shaders/rows.wgsl?raw';
import weightsSource from '../../../shaders/weights.wgsl?raw';
import type { Norm } from '../../model/arch.ts';
import type { Constants, Kernel } from '../kernel.ts';
import { DTYPE_CODE, type PackedShape, strideOf } from '../pack.ts';
import { normConstants } from './norm.ts';

export const embed: Kernel = {
  name: 'embed',
  sources: [weightsSource, nf4Source, rowSource, normSource, embedSource],
  bindings: { 1: 'read', 2: 'read', 3: 'read', 4: 'write', 5: 'read', 6: 'read', 7: 'write' },
};

export interface EmbedOptions {
  /** The part of the token table, and the id that it begins with. */
  readonly table: PackedShape;
  readonly first: number;
  readonly norm?: Pick<Norm, 'kind' | 'eps'> | undefined;
  /** Row of the position table that position 0 reads; absent where there is no table. */
  readonly positionOffset?: number | undefined;
  readonly tokenTypes: boolean;
  /** Whether to leave moments for a norm that follows. */
  readonly stats: boolean;
}

export function embedConstants({ table, first, norm, positionOffset, tokenTypes, stats }: EmbedOptions): Constants {
  return {
    DTYPE: DTYPE_CODE[table.dtype],
    K: strideOf(table.columns),
    ...normConstants(table.columns, norm),
    FIRST_ID: first,
    ID_COUNT: table.rows,
    POSITIONS: positionOffset !== undefined,
    POSITION_OFFSET: positionOffset ?? 0,
    TOKEN_TYPES: tokenTypes,
    STATS: stats,
  };
}

/** The tables of `reference`, each `[rows, features]`. */
export interface EmbedTables {
  readonly tokens: Float32Array;
  readonly positions?: { readonly table: Float32Array; readonly offset: number } | undefined;
  readonly types?: Float32Array | undefined;
}

/** `[T, features]`: tokens[id] + types[0] + positions[position + offset], before any norm. */
export function reference(
  ids: ArrayLike<number>,
  at: ArrayLike<number>,
  { tokens, positions, types }: EmbedTables,
  features: number,
): Float32Array {
  const rows = new Float32Array(ids.length * features);
  for (let t = 0; t < ids.length; t++) {
    for (let f = 0; f < features; f++) {
      let value = tokens[(ids[t] as number) * features + f] as number;
      if (types) value += types[f] as number;
      if (positions) value += positions.table[((at[t] as number) + positions.offset) * features + f] as number;
      rows[t * features + f] = value;
    }
  }
  return rows;
}
