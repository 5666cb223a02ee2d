/** Random numbers of one case: a function of the seed, the reader and the number of the case, so that each can be repeated. */
import { threefry2x32 } from '../../../diffusion/rng.ts';

export interface Random {
  /** An integer from 0 to `below` − 1. */
  below(below: number): number;
  pick<T>(from: readonly T[]): T;
}

export function randomOf(seed: number, reader: number, index: number): Random {
  let draw = 0;
  const key: [number, number] = threefry2x32([seed, reader], [index, 0]) as [number, number];
  const below = (limit: number) => {
    const [word] = threefry2x32(key, [draw++, 1]);
    return Math.floor((word / 2 ** 32) * limit);
  };
  return { below, pick: (from) => from[below(from.length)] as (typeof from)[number] };
}
