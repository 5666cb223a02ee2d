/**
 * Which samplers draw from the model's own joint distribution: those that choose the slot without looking at the token
 * drawn for it, one token at a time (MDLM; "order-agnostic"). Measured on a joint of 3 slots × 3 tokens that is known,
 * by Pearson's χ² with 26 degrees of freedom; seeds are fixed, so the numbers are, too.
 */
import { expect, test } from 'vitest';
import { fillCanvas } from './canvas.ts';
import { generate } from './generate.ts';
import { applyStep } from './replay.ts';
import { SAMPLER_TABLE } from './samplers/index.ts';
import { defaultSettings, SAMPLERS, type SamplerName, type Settings } from './settings.ts';
import { indexOf, type Joint, jointNetwork, textOf } from './testing/joint-network.ts';

const RUNS = 600;
/** χ² exceeds this with probability 10⁻⁶ when a sampler is exact. */
const LIMIT = 77;

// Slot 2 is the surest at first; what it turns out to be decides which of the others is the next surest.
const shape: Joint = { slots: 3, tokens: 3, probabilities: Array<number>(27).fill(0) };
const weights = shape.probabilities.map((_, index) => {
  const [a, b, c] = textOf(shape, index) as [number, number, number];
  return (c === 2 ? 5 : 1) * (c === 2 ? (b === 1 ? 5 : 1) : a === 0 ? 5 : 1) * (a === b ? 4 : 1);
});
const total = weights.reduce((sum, w) => sum + w, 0);
const joint: Joint = { ...shape, probabilities: weights.map((w) => w / total) };

async function chiSquare(changes: Partial<Settings>): Promise<number> {
  const counts = Array<number>(27).fill(0);
  const net = jointNetwork(joint);
  const start = fillCanvas([3, 3, 3], 3);
  for (let seed = 0; seed < RUNS; seed++) {
    const settings = {
      ...defaultSettings(),
      mode: 'fill',
      block: 0,
      temperature: 1,
      topP: 1,
      ...changes,
      seed,
    } as const;
    let canvas = start;
    for await (const step of generate(net, start, settings)) canvas = applyStep(canvas, step, 3);
    counts[indexOf(joint, canvas.ids)]!++;
    net.requests.length = 0;
  }
  return counts.reduce((sum, count, index) => {
    const want = RUNS * joint.probabilities[index]!;
    return sum + (count - want) ** 2 / want;
  }, 0);
}

/** One token a step: three steps of a plan; of chance, so many that two in one step are rare. */
function oneByOne(sampler: SamplerName): Partial<Settings> {
  const steps = SAMPLER_TABLE[sampler].followsTime ? 30 : 3;
  return { sampler, steps, gamma: 0, eta: 0.01, pattern: 'centre-out' };
}

const exact = SAMPLERS.filter((name) => SAMPLER_TABLE[name].exactFor);

test.each(exact)('%s draws from the joint distribution', async (sampler) => {
  expect(await chiSquare(oneByOne(sampler))).toBeLessThan(LIMIT);
});

test('blocks change nothing about that', async () => {
  expect(await chiSquare({ ...oneByOne('random'), block: 2, steps: 4 })).toBeLessThan(LIMIT);
  expect(await chiSquare({ ...oneByOne('ancestral'), block: 1, steps: 30 })).toBeLessThan(LIMIT);
});

// What it takes to fail: an order that looks at the drawn token, or tokens that cannot see each other.
test('surest first does not, though it writes one at a time', async () => {
  expect(await chiSquare(oneByOne('confidence'))).toBeGreaterThan(4 * LIMIT);
});

test('nor does any order that writes everything at once', async () => {
  expect(await chiSquare({ sampler: 'random', steps: 1 })).toBeGreaterThan(4 * LIMIT);
  expect(await chiSquare({ sampler: 'ancestral', steps: 1 })).toBeGreaterThan(4 * LIMIT);
});
