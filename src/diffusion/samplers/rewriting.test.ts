/** Samplers that change what they wrote, step by step, by hand. */

import { describe, expect, test } from 'vitest';
import { fillCanvas, Slot } from '../canvas.ts';
import { coins } from '../chance.ts';
import { generate } from '../generate.ts';
import { lifeAfter } from '../life.ts';
import { maskedIn, writtenIdsIn, writtenIn, writtenSlotsIn } from '../ops.ts';
import { applyStep } from '../replay.ts';
import { defaultSettings, type Settings } from '../settings.ts';
import { hashNetwork, MASK } from '../testing/arbitrary.ts';
import { situation } from '../testing/situation.ts';
import { type TableNetwork, tableNetwork } from '../testing/table-network.ts';
import type { Step } from '../trace.ts';
import { SAMPLER_TABLE } from './index.ts';

async function run(net: TableNetwork, ids: readonly number[], changes: Partial<Settings>): Promise<Step[]> {
  const steps: Step[] = [];
  const settings = { ...defaultSettings(), mode: 'fill', block: 0, temperature: 0, ...changes } as const;
  for await (const step of generate(net, fillCanvas(ids, net.info.maskId), settings)) steps.push(step);
  return steps;
}

/** Three words and [MASK] = 3; `rows` gives each slot's probabilities. */
const net = (rows: (ids: Int32Array, slot: number) => readonly number[]) =>
  tableNetwork(4, 3, (ids, slot) => [...rows(ids, slot).map(Math.log), -Infinity]);

describe('token editing', () => {
  test('replaces a written token when it is sure enough of another, and goes on after the end until nothing changes', async () => {
    // Slot 0 is 0 while slot 1 is open, then surely 1; slot 1 is 2 once slot 0 is written.
    const changing = net((ids, slot) => {
      if (slot === 0) return ids[1] === 3 ? [0.97, 0.02, 0.01] : [0.02, 0.95, 0.03];
      return [0.3, 0.3, 0.4];
    });
    const steps = await run(changing, [3, 3], { sampler: 'token-editing', threshold: 0.95, editThreshold: 0.9 });
    expect(steps.map((step) => [writtenSlotsIn(step), writtenIdsIn(step)])).toEqual([
      [[0], [0]],
      [[1], [2]],
      [[0], [1]],
      // It is asked once more, and has nothing to change.
      [[], []],
    ]);
    // Written slots are judged as they stand: the network sees them.
    expect(Array.from(changing.requests[2]!.ids)).toEqual([0, 2]);
    expect(Array.from(changing.requests[2]!.asked)).toEqual([0, 1]);
  });

  test('leaves a token when the other is not sure enough', async () => {
    const unsure = net((ids, slot) => (slot === 0 && ids[0] === 0 ? [0.2, 0.8, 0] : [0.96, 0.03, 0.01]));
    const steps = await run(unsure, [3], { sampler: 'token-editing', editThreshold: 0.9 });
    expect(steps.map(writtenIdsIn)).toEqual([[0], []]);
  });

  test('stops after 16 steps when it cannot make up its mind', async () => {
    const fickle = net((ids) => (ids[0] === 0 ? [0, 1, 0] : [1, 0, 0]));
    const steps = await run(fickle, [3], { sampler: 'token-editing' });
    expect(steps.length).toBe(1 + 16);
    expect(steps.every((step) => writtenSlotsIn(step).length === 1)).toBe(true);
  });

  test('writes by the threshold, and the best one when none is above it', async () => {
    const rows = [
      [0.96, 0.04, 0],
      [0.5, 0.3, 0.2],
      [0.97, 0.03, 0],
      [0.6, 0.4, 0],
    ];
    const steps = await run(
      net((_ids, slot) => rows[slot]!),
      [3, 3, 3, 3],
      { sampler: 'token-editing', threshold: 0.95 },
    );
    expect(steps.map(writtenSlotsIn)).toEqual([[2, 0], [3], [1], []]);
  });

  test('never touches the prompt', async () => {
    const contrary = net((ids, slot) => (ids[slot] === 0 ? [0, 1, 0] : [1, 0, 0]));
    const steps = await run(contrary, [0, 3, 1], { sampler: 'token-editing' });
    expect(steps.flatMap(writtenSlotsIn).every((slot) => slot === 1)).toBe(true);
  });
});

describe('iterative refinement', () => {
  const settings: Partial<Settings> = { sampler: 'iterative-refinement', steps: 10, temperature: 1, topP: 1 };

  test('masks 0.9, 0.8, … 0 of the text again, by chance', async () => {
    const shares = Array<number>(10).fill(0);
    for (let seed = 0; seed < 60; seed++) {
      let canvas = fillCanvas(Array<number>(50).fill(MASK), MASK);
      const steps = await run(hashNetwork(seed), Array<number>(50).fill(MASK), { ...settings, seed });
      expect(steps).toHaveLength(10);
      steps.forEach((step, j) => {
        canvas = applyStep(canvas, step, MASK);
        shares[j]! += canvas.ids.filter((id) => id === MASK).length / 3000;
      });
    }
    // Five standard errors of a share of 3000 coins.
    shares.forEach((share, j) => {
      expect(Math.abs(share - (0.9 - j / 10))).toBeLessThan(0.046);
    });
  });

  test('writes what is drawn wherever the coin lets it stand, written slots included', () => {
    const where = situation(4, { candidates: [0, 2], rewritable: [1, 3], steps: 2, settings: { seed: 5 } });
    where.canvas.ids.set([9, 7, 9, 8]);
    const ids = Int32Array.of(7, 7, 7, 7);
    const choice = SAMPLER_TABLE['iterative-refinement'].choose(where, {
      slots: Int32Array.of(0, 1, 2, 3),
      ids,
    } as never);
    const stays = [0, 1, 2, 3].filter((slot) => coins(where, 'remask')(slot) >= 0.5);
    // Slot 1 holds a 7 already.
    expect(choice.reveal).toEqual(stays.filter((slot) => slot !== 1).map((slot) => ({ slot, id: 7 })));
    expect(choice.remask).toEqual([1, 3].filter((slot) => !stays.includes(slot)));
  });

  test('changes tokens without masking them in between', async () => {
    const steps = await run(hashNetwork(1), Array<number>(30).fill(MASK), settings);
    let canvas = fillCanvas(Array<number>(30).fill(MASK), MASK);
    let rewritten = 0;
    for (const step of steps) {
      for (const [i, slot] of writtenSlotsIn(step).entries()) {
        if (canvas.states[slot] !== Slot.Revealed) continue;
        expect(writtenIdsIn(step)[i]).not.toBe(canvas.ids[slot]);
        rewritten++;
      }
      canvas = applyStep(canvas, step, MASK);
    }
    expect(rewritten).toBeGreaterThan(0);
    expect(canvas.ids).not.toContain(MASK);
  });
});

test('remdm-conf masks the least sure more often: softmax(−ψ) times the bound', () => {
  // Linear, t = .5, s = .25 of four steps: σ_max = min(1, .25 / .5) = .5. Weights e^−.9 and e^−.1.
  const weights = [Math.exp(-0.9), Math.exp(-0.1)];
  const counts = [0, 0];
  const tries = 8000;
  for (let seed = 0; seed < tries; seed++) {
    const where = situation(2, {
      candidates: [],
      rewritable: [0, 1],
      grid: 2,
      steps: 4,
      settings: { seed },
      writtenLogProbs: Float32Array.of(Math.log(0.9), Math.log(0.1)),
    });
    const prediction = { slots: new Int32Array(0), ids: new Int32Array(0) } as never;
    for (const slot of SAMPLER_TABLE['remdm-conf'].choose(where, prediction).remask) counts[slot]!++;
  }
  counts.forEach((count, slot) => {
    expect(count / tries).toBeCloseTo((0.5 * weights[slot]!) / (weights[0]! + weights[1]!), 1.7);
  });
});

describe('game of life', () => {
  const settings: Partial<Settings> = { sampler: 'game-of-life', steps: 4, width: 4, generations: 5, seed: 3 };

  test('writes the text, then masks what lives, one generation after the other', async () => {
    const steps = await run(hashNetwork(1), Array<number>(16).fill(MASK), settings);
    expect(steps.slice(0, 4).map((step) => writtenSlotsIn(step).length)).toEqual([4, 4, 4, 4]);
    const generations = steps.filter((step) => maskedIn(step).length > 0);
    expect(generations.every((step) => writtenIn(step).length === 0 && step.forwards === 0)).toBe(true);
    const lives = Array.from({ length: 5 }, (_, g) =>
      [...lifeAfter(3, 0, 4, 16, g).cells].flatMap((alive, cell) => (alive ? [cell] : [])),
    );
    expect(lives[0]!.length).toBeGreaterThan(0);
    expect(generations.map(maskedIn)).toEqual(lives.filter((cells) => cells.length > 0));
    // What was masked is written at the mean pace, 16 / 4 slots a step.
    expect(writtenSlotsIn(steps[5]!)).toHaveLength(Math.min(4, lives[0]!.length));
  });

  test('without generations is surest first', async () => {
    const none = await run(hashNetwork(1), Array<number>(16).fill(MASK), { ...settings, generations: 0 });
    const plain = await run(hashNetwork(1), Array<number>(16).fill(MASK), { ...settings, sampler: 'confidence' });
    expect(none.map(writtenSlotsIn)).toEqual(plain.map(writtenSlotsIn));
  });
});
