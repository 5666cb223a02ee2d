import { describe, expect, test } from 'vitest';
import { Runs } from './runs.ts';

const NONE: ReadonlySet<never> = new Set();

function filled(size: number, ...lengths: number[]) {
  const runs = new Runs<number>();
  runs.size = size;
  lengths.forEach((rows, label) => {
    runs.take(rows, label, NONE);
  });
  return runs;
}

describe('runs of rows', () => {
  test('lie one behind the other, and those that have lain longest go first', () => {
    const runs = filled(10, 3, 4, 3);
    expect([0, 1, 2].map((label) => runs.find((other) => other === label)?.at)).toEqual([0, 3, 7]);
    expect(runs.take(5, 3, NONE)?.at).toBe(0);
    expect([0, 1, 2].map((label) => runs.find((other) => other === label)?.at)).toEqual([undefined, undefined, 7]);
  });

  test('that are held stay; where they leave no room there is none', () => {
    const runs = filled(10, 3, 4, 3);
    const held = new Set([runs.find((label) => label === 1) as NonNullable<ReturnType<typeof runs.find>>]);
    expect(runs.take(3, 3, held)?.at).toBe(0);
    expect(runs.take(3, 4, held)?.at).toBe(7);
    expect(runs.take(4, 5, held)).toBeUndefined();
    expect(runs.take(11, 6, NONE)).toBeUndefined();
  });

  test('grow where they lie, over what is not held', () => {
    const runs = filled(10, 3, 4);
    const first = runs.find((label) => label === 0) as NonNullable<ReturnType<typeof runs.find>>;
    const second = runs.find((label) => label === 1) as NonNullable<ReturnType<typeof runs.find>>;
    expect(runs.extend(first, 5, new Set([second]))).toBe(false);
    expect(runs.extend(first, 5, NONE)).toBe(true);
    expect(runs.find((label) => label === 1)).toBeUndefined();
    expect(runs.extend(first, 11, NONE)).toBe(false);
    expect(first).toMatchObject({ at: 0, rows: 5 });
  });

  test('are forgotten one by one beyond a number', () => {
    const runs = filled(1000, ...Array<number>(200).fill(1));
    expect(runs.find((label) => label === 71)).toBeUndefined();
    expect(runs.find((label) => label === 72)?.at).toBe(72);
  });
});
