/** Against numbers of dLLM's own evaluation (shared golden eval_likelihood, commit ca17675) where they lie beside the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Network, Sequence } from '../diffusion/network.ts';
import { tableNetwork, tableTextNetwork } from '../diffusion/testing/table-network.ts';
import { combine, copiesOf, isGreedy, type Likelihoods, logLikelihoods, roundedCounts } from './likelihood.ts';

const how = (some: Partial<Likelihoods> = {}): Likelihoods => ({
  samples: 128,
  batch: 32,
  seed: 1,
  exact: false,
  ...some,
});

describe('mask counts of a batch', () => {
  test('to the letter are uneven where length/batch has a half', () => {
    const all = [1, 2, 3, 4, 5].flatMap((first) => roundedCounts(first, 5, 2));
    expect([1, 2, 3, 4, 5].map((count) => all.filter((each) => each === count).length)).toEqual([3, 1, 2, 3, 1]);
  });

  test('are otherwise spread once over 1 … L', () => {
    const copies = copiesOf(16, how({ samples: 16, batch: 16 }));
    expect(copies.map(({ masked }) => masked.length).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 16 }, (_, i) => i + 1),
    );
    for (const { masked, weight } of copies) expect(weight * masked.length).toBeCloseTo(16, 12);
  });
});

const golden = new URL('../../../shared/golden/eval_likelihood.json', import.meta.url);
describe.skipIf(!existsSync(golden))('dLLM’s likelihood', () => {
  const { cases, greedy } = existsSync(golden) ? JSON.parse(readFileSync(golden, 'utf8')) : { cases: [], greedy: [] };

  test.each([...cases.keys()])('case %i: its counts, canvases and value', (number) => {
    const {
      prefix,
      target,
      batch,
      k0,
      permutations,
      batches,
      cross_entropies: entropies,
      loglikelihood,
    } = cases[number];
    const flat: { masked: number[]; weight: number; share: number }[] = [];
    k0.forEach((first: number, at: number) => {
      const counts = roundedCounts(first, target.length, batch);
      counts.forEach((count, i) => {
        const ranks = permutations[at * batch + i];
        const masked = ranks.flatMap((rank: number, place: number) => (rank < count ? [place] : []));
        const ids = [...prefix, ...target.map((id: number, place: number) => (masked.includes(place) ? 4 : id))];
        expect(ids).toEqual(batches[at].inputs[i]);
        expect(count / target.length).toBeCloseTo(batches[at].p_mask[i], 6);
        flat.push({ masked, weight: target.length / count, share: 1 / (k0.length * batch) });
      });
    });
    // The original sums a batch over its copies; each of ours is given its own part.
    const sums: number[] = [];
    let place = 0;
    batches.forEach((_batch: unknown, at: number) => {
      let from = 0;
      for (let i = 0; i < batch; i++) {
        const count = flat[place++]?.masked.length as number;
        sums.push(entropies[at].slice(from, from + count).reduce((sum: number, x: number) => sum + x, 0));
        from += count;
      }
      expect(from).toBe(entropies[at].length);
    });
    expect(combine(flat, sums).value).toBeCloseTo(loglikelihood, 4);
  });

  test.each([...greedy.keys()])('greedy %i: what is asked, and the verdict', async (number) => {
    const { prefix, canvases, target, is_greedy: is, other_target: other, other_is_greedy: otherIs } = greedy[number];
    // The next canvas says which slot was the surest, and of what.
    const network = tableNetwork(64, 4, (ids, slot) => {
      const at = canvases.findIndex((canvas: number[]) => canvas.join() === ids.join());
      const id = canvases[at + 1]?.[slot];
      const filled = canvases[at + 1] !== undefined && ids[slot] !== id;
      const last = canvases.at(-1)[slot];
      return Array.from({ length: 64 }, (__, candidate) => (candidate === last ? (filled ? 20 : 2) : 0));
    });
    expect(await isGreedy(network, { prefix, target }, { exact: true })).toBe(is);
    expect(await isGreedy(network, { prefix, target: other }, { exact: true })).toBe(otherIs);
  });
});

/** Three words; the guess of a slot depends on how many masks there are. */
const masked = tableNetwork(4, 3, (ids, slot) => {
  const masks = ids.filter((id) => id === 3).length;
  return [0, masks, 0.3 * slot, 1];
});

/** All orders of writing, by hand: the mean of log p over permutations of the target. */
function byOrders(
  network: Network & { logits(ids: Int32Array, slot: number): ArrayLike<number> },
  prefix: number[],
  target: number[],
) {
  const orders = (left: number[]): number[][] =>
    left.length === 0
      ? [[]]
      : left.flatMap((one) => orders(left.filter((x) => x !== one)).map((rest) => [one, ...rest]));
  const logProb = (ids: number[], slot: number, id: number) => {
    const row = Array.from(network.logits(Int32Array.from(ids), slot)).slice(0, 3);
    return (row[id] as number) - Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
  };
  const all = orders(target.map((_, i) => i)).map((order) => {
    const ids = [...prefix, ...target.map(() => 3)];
    let sum = 0;
    for (const place of order) {
      sum += logProb(ids, prefix.length + place, target[place] as number);
      ids[prefix.length + place] = target[place] as number;
    }
    return sum;
  });
  return all.reduce((sum, x) => sum + x, 0) / all.length;
}

describe('the likelihood of a continuation', () => {
  test('short enough is summed up over all sets of masks, and has no error', async () => {
    const target = [1, 2, 0, 1];
    const [found] = await logLikelihoods(masked, [{ prefix: [0, 1], target }], how());
    expect(found?.value).toBeCloseTo(byOrders(masked, [0, 1], target), 5);
    expect(found?.error).toBe(0);
  });

  test('estimated lies within its error of the sum, and choices of one item share their draws', async () => {
    const target = [1, 2, 0, 1];
    const pairs = [
      { prefix: [0, 1], target },
      { prefix: [0, 1], target },
    ];
    const [one, other] = await logLikelihoods(masked, pairs, how({ exact: false, samples: 14, batch: 7 }));
    expect(one).toEqual(other);
    expect(one?.error).toBeGreaterThan(0);
    expect(Math.abs((one?.value as number) - byOrders(masked, [0, 1], target))).toBeLessThan(
      4 * (one?.error as number),
    );
  });

  test('to the letter keeps the mask token among what could stand there', async () => {
    const pair = { prefix: [0], target: [1] };
    const [plain] = await logLikelihoods(masked, [pair], how());
    const [letter] = await logLikelihoods(masked, [pair], how({ exact: true }));
    expect(letter?.value).toBeLessThan(plain?.value as number);
  });

  test('of a causal network is exact; the first token of all has none', async () => {
    const network = tableTextNetwork(3, (ids) => [ids.length, 0, 1]);
    const [found] = await logLikelihoods(
      network,
      [
        { prefix: [0], target: [1, 2] },
        { prefix: [], target: [1, 2] },
      ],
      how(),
    );
    const at = (length: number, id: number) => [length, 0, 1][id]! - Math.log(Math.exp(length) + 1 + Math.E);
    expect(found?.value).toBeCloseTo(at(1, 1) + at(2, 2), 5);
    expect(found?.error).toBe(0);
    expect(await isGreedy(network, { prefix: [0, 0], target: [0, 0] }, { exact: false })).toBe(true);
    expect(await isGreedy(network, { prefix: [0, 0], target: [0, 1] }, { exact: false })).toBe(false);
  });

  test('in blocks is the sum over them, each after all that stands before it', async () => {
    const target = [1, 2, 0, 1, 2];
    const [found] = await logLikelihoods(masked, [{ prefix: [0, 1], target }], how({ block: 2 }));
    const parts = [0, 2, 4].map((from) =>
      byOrders(masked, [0, 1, ...target.slice(0, from)], target.slice(from, from + 2)),
    );
    expect(found?.value).toBeCloseTo(
      parts.reduce((sum, each) => sum + each, 0),
      5,
    );
    // Blocks of one token: no order is left to chance.
    const [single] = await logLikelihoods(masked, [{ prefix: [0], target }], how({ block: 1, samples: 1, batch: 1 }));
    expect(single?.error).toBe(0);
  });

  test('in blocks reads nothing behind a block, and what stands before from the cache', async () => {
    const asked: Sequence[] = [];
    const network: Network = {
      ...masked,
      score: (batch, targets, options) => {
        asked.push(...batch);
        return masked.score(batch, targets, options);
      },
    };
    await logLikelihoods(network, [{ prefix: [0, 1, 2], target: [1, 2, 0] }], how({ block: 2 }));
    expect(new Set(asked.map(({ ids, sees, cache }) => JSON.stringify([ids.length, sees, cache])))).toEqual(
      new Set([
        JSON.stringify([5, { blocks: 2, offset: 1 }, { kind: 'exact', prefix: 3 }]),
        JSON.stringify([6, { blocks: 2, offset: 1 }, { kind: 'exact', prefix: 5 }]),
      ]),
    );
  });

  test('stops between two questions when it is told to', async () => {
    const signal = AbortSignal.abort('enough');
    await expect(logLikelihoods(masked, [{ prefix: [0], target: [1] }], how(), signal)).rejects.toBe('enough');
  });
});
