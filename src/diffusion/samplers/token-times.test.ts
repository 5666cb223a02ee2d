/** The two orders whose slots are not alike: by how common their words are, and by where they stand. */
import { expect, test } from 'vitest';
import { Slot } from '../canvas.ts';
import { predictOne } from '../network.ts';
import { scheduleByName } from '../schedule.ts';
import { situation } from '../testing/situation.ts';
import { tableNetwork } from '../testing/table-network.ts';
import { commonByRank, spindleMaskRate } from '../token-times.ts';
import { SAMPLER_TABLE } from './index.ts';
import { positionChances } from './positions.ts';
import { spindleChances } from './spindle.ts';

const WORDS = 5000;
/** What a network says that is sure of these tokens. */
async function sureOf(drawn: readonly number[]) {
  const network = tableNetwork(WORDS, WORDS - 1, (_, slot) =>
    Array.from({ length: WORDS }, (_, id) => (id === drawn[slot] ? 9 : 0)),
  );
  const ids = new Int32Array(drawn.length).fill(WORDS - 1);
  return predictOne(
    network,
    { ids, asked: Int32Array.from(ids.keys()), draw: { seed: 0, step: 0, temperature: 0 } },
    { topK: 1 },
  );
}

test('the spindle writes common words sooner, by the rates of its forward process', async () => {
  const drawn = [300, 4000];
  const chances = spindleChances(situation(2, { grid: 0, steps: 4 }), await sureOf(drawn));
  const [common, rare] = drawn.map(commonByRank) as [number, number];
  const mean = (common + rare) / 2;
  const expected = [common, rare].map((f) => 1 - spindleMaskRate(0.75, f - mean) / spindleMaskRate(1, f - mean));
  for (const [i, chance] of expected.entries()) expect(chances[i]).toBeCloseTo(chance, 12);
  expect(chances[0]).toBeGreaterThan(chances[1] as number);
  // At the end all are written.
  expect(spindleChances(situation(2, { grid: 3, steps: 4 }), await sureOf(drawn))).toEqual([1, 1]);
});

test('words that stand count in the mean', async () => {
  const prediction = await sureOf([300, 300]);
  const open = situation(2, { grid: 0, steps: 4 });
  const alone = spindleChances(open, prediction);
  const { canvas } = situation(6);
  canvas.ids.fill(WORDS - 2);
  canvas.states.fill(Slot.Revealed, 2);
  const among = spindleChances({ ...open, canvas }, prediction);
  expect(among[0]).toBeGreaterThan(alone[0] as number);
});

test('positions: the left is always further on, and what is left at the end is written', () => {
  const { layout } = situation(16, { steps: 8 });
  const schedule = scheduleByName('linear');
  // Chance still to be masked after each grid point.
  const masked = new Array<number>(16).fill(1);
  for (let grid = 0; grid < 8; grid++) {
    const chances = positionChances({ schedule, grid, layout });
    expect(chances).toHaveLength(16);
    chances.forEach((chance, place) => {
      expect(chance).toBeGreaterThanOrEqual(0);
      expect(chance).toBeLessThanOrEqual(1);
      masked[place] = (masked[place] as number) * (1 - chance);
      if (place > 0) expect(masked[place]).toBeGreaterThanOrEqual((masked[place - 1] as number) - 1e-12);
    });
    if (grid === 4) expect((masked[15] as number) - (masked[0] as number)).toBeGreaterThan(0.05);
  }
  expect(masked).toEqual(new Array(16).fill(0));
});

test.each(['spindle', 'positions'] as const)('%s leaves a coin that does not fall as it is', async (name) => {
  const prediction = await sureOf(Array(32).fill(300));
  const where = situation(32, { grid: 0, steps: 8 });
  const { reveal } = SAMPLER_TABLE[name].choose(where, prediction);
  expect(reveal.length).toBeLessThan(32);
  const last = SAMPLER_TABLE[name].choose({ ...where, grid: 7 }, prediction);
  expect(last.reveal).toHaveLength(32);
});
