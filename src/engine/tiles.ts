/**
 * Which form and tile each of the five kinds of products of a pass takes. It depends on the number of rows only through
 * its class, so that a canvas gets the same bits whenever it is asked.
 */
import type { Adapter } from './adapter.ts';
import { TILES, type Tile, type TileName, tileFor } from './kernels/matmul.ts';

export const ROLES = ['qkv', 'attnOut', 'mlpIn', 'mlpOut', 'dense'] as const;
export type Role = (typeof ROLES)[number];

export type Tiles = Readonly<Record<Role, Tile>>;

/** Largest rows of each class but the last. */
const CLASSES = [1, 16, 64, 256, 1024];

/** The class of a pass of this many rows: the largest number of rows that is treated alike. */
export function rowClass(rows: number): number {
  return CLASSES.find((most) => rows <= most) ?? 8192;
}

/** Where nothing was measured on this device. */
export function usualTiles(rows: number, hiddenSize: number, adapter: Adapter): Tiles {
  const tile = tileFor(rows, hiddenSize, adapter);
  // On a processor the caches do the sharing, unless a norm has to be done again at every read (`npm run tiles`).
  const withoutNorm = adapter === 'processor' && rows > 16 ? TILES.plainTall : tile;
  return { qkv: tile, attnOut: withoutNorm, mlpIn: tile, mlpOut: withoutNorm, dense: tile };
}

export function tileNames(tiles: Tiles): Readonly<Record<Role, TileName>> {
  const nameOf = (tile: Tile) => (Object.keys(TILES) as TileName[]).find((name) => TILES[name] === tile) as TileName;
  return Object.fromEntries(ROLES.map((role) => [role, nameOf(tiles[role])])) as Record<Role, TileName>;
}
