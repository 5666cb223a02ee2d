/**
 * How large the buffers of a model are. A token table that no single binding can hold is cut by rows, at whole tiles of
 * the decoder.
 */
import { type Arch, qkvRows } from '../model/arch.ts';
import { TILE_TOKENS } from './kernels/decode.ts';
import { alignUp, PANEL, type PackedShape, paddedHead, panelWords } from './pack.ts';

export interface PartRows {
  readonly first: number;
  readonly rows: number;
}

/** Parts of at most `limit` bytes; one tile is never cut, even where it is larger. */
export function partRows(vocabSize: number, table: Omit<PackedShape, 'rows'>, limit: number): PartRows[] {
  const step = TILE_TOKENS * Math.max(1, Math.floor(limit / tokenBytes(TILE_TOKENS, table)));
  const parts: PartRows[] = [];
  for (let first = 0; first < vocabSize; first += step) parts.push({ first, rows: Math.min(step, vocabSize - first) });
  return parts;
}

/** Bytes of a part of this many tokens, padded to whole tiles. */
export function tokenBytes(tokens: number, table: Omit<PackedShape, 'rows'>): number {
  return ((Math.ceil(tokens / TILE_TOKENS) * TILE_TOKENS) / PANEL) * 4 * panelWords(table);
}

/** Zeros stand for any bias, also for that of the widest product. */
export function zerosLength({ vocab, width, layers }: Arch): number {
  const rows = layers.flatMap(({ attention, mlp }) => [
    qkvRows({ ...attention, headDim: paddedHead(attention.headDim) }),
    2 * alignUp(mlp.width, 2),
  ]);
  return alignUp(Math.max(vocab, 2 * width, ...rows), TILE_TOKENS);
}
