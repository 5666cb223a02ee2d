/** The self-test passes on a device that computes rightly, and says so when something is wrong. */
import { expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { getGpu } from '../node/dawn.ts';
import { openDevice } from './device.ts';
import { MATMULS } from './kernels/matmul.ts';
import { type Check, rounded, selfTest, type Trial } from './self-test.ts';
import { testDevice } from './testing/gpu.ts';

const device = await testDevice();

async function run(trials: readonly Trial[], on = device): Promise<Check[]> {
  const found: Check[] = [];
  for await (const check of selfTest(on, trials)) found.push(check);
  return found;
}

const single: Trial = { name: 'single', open: () => openGolden('single') };

test('logits, answers and few bits agree with the second program and the references', async () => {
  const few = (['int8', 'int4'] as const).map(
    (precision): Trial => ({
      name: precision,
      precision,
      open: async () => rounded(await openGolden('odd'), precision),
    }),
  );
  const named = (name: 'odd' | 'decoder'): Trial => ({ name, open: () => openGolden(name) });
  const found = await run([named('odd'), named('decoder'), ...few]);
  expect(found.map(({ trial, what }) => `${trial} ${what}`)).toEqual([
    'odd logits',
    'odd answers',
    'decoder logits',
    'decoder answers',
    'int8 logits',
    'int8 answers',
    'int4 logits',
    'int4 answers',
  ]);
  for (const check of found) {
    expect(check).toMatchObject({ passed: true });
    expect(check.worst).toBeLessThan(check.tolerance / 2);
    expect(check.worst).toBeGreaterThan(0); // f32 is not f64: an exact zero would mean that nothing was compared
  }
});

test('on a card, every form of the products is tried', async () => {
  const found = await run([{ ...single, everyTile: true }], { ...device, software: false });
  const tiles = found.flatMap(({ tile }) => tile ?? []);
  expect(tiles).toEqual(expect.arrayContaining(['few', 'some', 'many', 'plain']));
  expect(found.filter(({ passed }) => !passed)).toEqual([]);
});

test('one expected logit that is off by a thousandth of the range is found', async () => {
  const off: Trial = {
    name: 'off',
    async open() {
      const golden = await openGolden('single');
      const logits = golden.logits.map((row) => [...row]);
      const row = logits[0] as number[];
      row[17] = (row[17] as number) + 0.001 * (Math.max(...row) - Math.min(...row));
      return { ...golden, logits };
    },
  };
  expect((await run([off]))[0]).toMatchObject({ what: 'logits', passed: false });
});

test('a kernel with another activation is found, and one that does not compile', async () => {
  // A device keeps what it has compiled, so that every source wants one of its own.
  const fresh = async () => run([single], await openDevice(await getGpu()));
  const { staged } = MATMULS;
  const sources = staged.sources as string[];
  const at = sources.findIndex((source) => source.includes('fn gelu('));
  const right = sources[at] as string;
  const tanh = 'fn gelu(x: vec2f) -> vec2f { return 0.5 * x * (1 + tanh(0.7978846 * (x + 0.044715 * x * x * x))); }';
  try {
    sources[at] = tanh;
    expect((await fresh())[0]).toMatchObject({ what: 'logits', passed: false });
    sources[at] = 'fn gelu(';
    const [check] = await fresh();
    expect(check).toMatchObject({ passed: false, worst: Number.NaN, error: { code: 'device' } });
  } finally {
    sources[at] = right;
  }
  expect((await fresh()).every(({ passed }) => passed)).toBe(true);
});
