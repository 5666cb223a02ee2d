import { expect, test } from 'vitest';
import { nextGeneration, type Torus } from './life.ts';

const torus = (...rows: string[]): Torus => ({
  width: rows[0]!.length,
  cells: Uint8Array.from(rows.join(''), (cell) => (cell === '#' ? 1 : 0)),
});

test('a block stands still, a blinker turns', () => {
  const block = torus('....', '.##.', '.##.', '....');
  expect(nextGeneration(block)).toEqual(block);
  expect(nextGeneration(torus('.....', '..#..', '..#..', '..#..', '.....'))).toEqual(
    torus('.....', '.....', '.###.', '.....', '.....'),
  );
});

test('a glider leaves over one edge and comes back over the other', () => {
  let glider = torus('.#...', '..#..', '###..', '.....', '.....');
  const first = glider;
  for (let generation = 0; generation < 20; generation++) glider = nextGeneration(glider);
  expect(glider).toEqual(first);
});
