import { describe, expect, test } from 'vitest';
import { TILES, type Tile, type TileName } from './kernels/matmul.ts';
import { type Role, usualTiles } from './tiles.ts';
import { allowedTiles, readVerdict, tune, writeVerdict } from './tune.ts';

const usual = usualTiles(64, 768, 'card');
const nothing = { features: new Set<string>(), allowF16: false, budget: 5000 };
const everything = { features: new Set(['subgroups', 'shader-f16']), allowF16: true, budget: 5000 };

/** A card on which this tile takes 1 ms in this kind of product, and all else 2. */
const card = (role: Role, name: TileName) => (asked: Role, tile: Tile) =>
  Promise.resolve(asked === role && tile === TILES[name] ? 1 : 2);

describe('tune', () => {
  test('takes for each kind of product what is fastest there, and the usual tile where nothing is', async () => {
    const tiles = await tune({ ...everything, usual, time: card('mlpIn', 'subgroup') });
    expect(tiles).toEqual({ ...usual, mlpIn: TILES.subgroup });
  });

  test('the head takes what the attention takes', async () => {
    const tiles = await tune({ ...everything, usual, time: card('attnOut', 'half') });
    expect(tiles).toEqual({ ...usual, attnOut: TILES.half, dense: TILES.half });
  });

  test('a gain within the noise changes nothing', async () => {
    const time = (_: Role, tile: Tile) => Promise.resolve(tile === TILES.plain ? 1.92 : 2);
    expect(await tune({ ...everything, usual, time })).toEqual(usual);
  });

  test('f16 arithmetic is never tried unless allowed, nor shuffles where there are none', async () => {
    const tried = new Set<string>();
    const time = (_: Role, tile: Tile) => {
      tried.add(tile.form);
      return Promise.resolve(1);
    };
    await tune({ ...nothing, usual, time });
    expect([...tried].sort()).toEqual(['plain', 'staged']);
    expect(allowedTiles({ ...everything, allowF16: false }).has('half')).toBe(false);
  });

  test('stops when its time is over', async () => {
    let clock = 0;
    const time = () => {
      clock += 100;
      return Promise.resolve(1);
    };
    await tune({ ...everything, usual, time, budget: 1000, now: () => clock });
    expect(clock).toBeLessThanOrEqual(1000 + 4 * 100 + 100);
  });
});

test('a verdict survives being written and read, and one of another device is not believed', () => {
  const tiles = { ...usual, mlpIn: TILES.half, qkv: TILES.subgroup };
  const text = writeVerdict(tiles);
  expect(readVerdict(text, allowedTiles(everything))).toEqual(tiles);
  expect(readVerdict(text, allowedTiles(nothing))).toBeUndefined();
  expect(readVerdict('many,many', allowedTiles(everything))).toBeUndefined();
  expect(readVerdict('a,b,c,d,e', allowedTiles(everything))).toBeUndefined();
  expect(readVerdict(undefined, allowedTiles(everything))).toBeUndefined();
});
