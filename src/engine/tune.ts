/**
 * Choosing form and tile of each kind of product by trying them on this very card: which is fastest depends on its caches,
 * its workgroup memory and its shuffles, and no table of vendors keeps up (ATLAS did so for processors: Whaley & Dongarra,
 * SC 1998). A trial is all products of one kind in a pass, on the real weights; the verdict is kept in a cache.
 */
import { FORM_FEATURE, TILES, type Tile, type TileName } from './kernels/matmul.ts';
import { ROLES, type Role, type Tiles, tileNames } from './tiles.ts';

/** Where verdicts are kept between visits; the caller decides where that is. */
export interface TuningCache {
  get(key: string): string | undefined | Promise<string | undefined>;
  set(key: string, value: string): void | Promise<void>;
}

export interface TuneOptions {
  readonly features: { has(name: string): boolean };
  readonly allowF16: boolean;
  /** What is used until something better was measured. */
  readonly usual: Tiles;
  /** Milliseconds of all products of a kind in a pass with this tile; Infinity where it cannot run. */
  time(role: Role, tile: Tile): Promise<number>;
  /** Stop trying after so many milliseconds and take the best so far. */
  readonly budget: number;
  readonly now?: () => number;
}

/** To be raised when kernels or tiles change, so that old verdicts are not believed. */
const VERSION = 2;
/** What a challenger must take less than, so that noise does not change the choice. */
const CLEARLY = 0.95;

/** What a verdict depends on. */
export function tuningKey(adapter: string, sizes: readonly (number | string | boolean)[]): string {
  return ['unmask-tiles', VERSION, adapter, ...sizes].join('|');
}

/** The tiles of a verdict, or undefined where it names what this device cannot or may not run. */
export function readVerdict(text: string | undefined, allowed: ReadonlySet<TileName>): Tiles | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',');
  if (names.length !== ROLES.length || !names.every((name) => allowed.has(name as TileName))) return undefined;
  return Object.fromEntries(ROLES.map((role, i) => [role, TILES[names[i] as TileName]])) as Tiles;
}

export function writeVerdict(tiles: Tiles): string {
  const names = tileNames(tiles);
  return ROLES.map((role) => names[role]).join();
}

/** The tiles that a device can run and a caller allows. */
export function allowedTiles({ features, allowF16 }: Pick<TuneOptions, 'features' | 'allowF16'>): Set<TileName> {
  const names = Object.keys(TILES) as TileName[];
  return new Set(
    names.filter((name) => {
      const { form } = TILES[name];
      const feature = FORM_FEATURE[form];
      return (feature === undefined || features.has(feature)) && (form !== 'half' || allowF16);
    }),
  );
}

/** The verdict that the cache holds, or a new one, which it then holds. */
export async function tuned(cache: TuningCache, key: string, options: TuneOptions): Promise<Tiles> {
  const known = readVerdict(await cache.get(key), allowedTiles(options));
  if (known) return known;
  const tiles = await tune(options);
  await cache.set(key, writeVerdict(tiles));
  return tiles;
}

/** Tries what is allowed, kind by kind. */
export async function tune(options: TuneOptions): Promise<Tiles> {
  const { usual, time, budget, now = () => performance.now() } = options;
  const began = now();
  const best: Record<Role, Tile> = { ...usual };
  // The head's product is as wide as that of the attention, and there is one in a pass: it takes the same tile.
  for (const role of ['mlpIn', 'mlpOut', 'qkv', 'attnOut'] as const) {
    let shortest = await time(role, best[role]);
    for (const name of allowedTiles(options)) {
      const tile = TILES[name];
      if (tile === usual[role] || now() - began > budget) continue;
      const taken = await time(role, tile);
      if (taken < CLEARLY * shortest) {
        best[role] = tile;
        shortest = taken;
      }
    }
  }
  return { ...best, dense: best.attnOut };
}
