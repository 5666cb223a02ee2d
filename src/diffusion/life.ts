/** Conway's Game of Life on a torus: a cell lives on with two or three living neighbours, and is born with three. */
import { Stream, stepKey, uniform, word } from './rng.ts';

export interface Torus {
  readonly width: number;
  /** One byte per cell, row by row: 1 is alive. */
  readonly cells: Uint8Array;
}

/** About this share of the cells is alive in the first generation. */
const ALIVE = 1 / 3;

export function nextGeneration({ width, cells }: Torus): Torus {
  const height = cells.length / width;
  const at = (row: number, column: number) =>
    cells[((row + height) % height) * width + ((column + width) % width)] as number;
  const next = cells.map((alive, cell) => {
    const row = Math.floor(cell / width);
    const column = cell % width;
    let neighbours = -alive;
    for (let down = -1; down <= 1; down++) {
      for (let right = -1; right <= 1; right++) neighbours += at(row + down, column + right);
    }
    return neighbours === 3 || (alive === 1 && neighbours === 2) ? 1 : 0;
  });
  return { width, cells: next };
}

/** The torus after `generations` from a first one drawn with `seed` for `block`; at least `count` cells. */
export function lifeAfter(seed: number, block: number, width: number, count: number, generations: number): Torus {
  const key = stepKey(seed, block, Stream.Life);
  const cells = Uint8Array.from({ length: Math.ceil(count / width) * width }, (_, cell) =>
    uniform(word(key, cell, 0)) < ALIVE ? 1 : 0,
  );
  let torus: Torus = { width, cells };
  for (let generation = 0; generation < generations; generation++) torus = nextGeneration(torus);
  return torus;
}
