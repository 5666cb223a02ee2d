/**
 * Both decode kernels against a softmax over written-out logits. Tolerance: logits are f32 sums of K ≤ 64 products of
 * size 8/√K (2e-6); log-sum-exp and entropy inherit it. Ids must agree; the cases have no ties but the intended ones.
 */
import { describe, expect, test } from 'vitest';
import type { Draw } from '../../diffusion/network.ts';
import { panelWords, strideOf } from '../pack.ts';
import type { PackedType } from '../precision.ts';
import { testDevice } from '../testing/gpu.ts';
import { noise, pad, storedNoise, worstError } from '../testing/numbers.ts';
import { runKernel } from '../testing/run.ts';
import {
  answerWords,
  DECODES,
  type DecodeForm,
  decodeConstants,
  decodeWorkgroups,
  merge,
  reference,
  type SlotAnswer,
  SUMMARY_BYTES,
  suppressBits,
  TILE_TOKENS,
  vocabTiles,
  widthFor,
  writeAsked,
} from './decode.ts';
import { reference as product } from './matmul.ts';

const { gpu } = await testDevice();
const TOLERANCE = 2e-5;
const FORMS: readonly DecodeForm[] = gpu.features.has('subgroups') ? ['staged', 'subgroup'] : ['staged'];
const GREEDY: Draw = { seed: 1, step: 0, temperature: 0 };
const WARM: Draw = { seed: 0xdeadbeef, step: 3, temperature: 0.8 };

interface Case {
  readonly rows?: number;
  readonly slots: readonly number[];
  readonly vocab: number;
  readonly k?: number;
  readonly dtype?: PackedType;
  readonly draw?: Draw;
  readonly topK?: number;
  readonly suppress?: readonly number[];
  /** Logits are the bias alone, and it takes few values. */
  readonly tied?: boolean;
  /** Size of the table's values; 1 unless told. */
  readonly gain?: number;
  readonly bias?: Float32Array<ArrayBuffer>;
}

/** Runs decode, then merge on what it left. */
async function run(form: DecodeForm, c: Case) {
  const { slots, vocab, k = 36, dtype = 'F16', draw = GREEDY, topK = 5, suppress = [], rows = 50 } = c;
  const hidden = noise(rows * k, 1, 8 / Math.sqrt(k));
  const table = storedNoise(vocab * k, 2, dtype, c.tied ? 0 : (c.gain ?? 1), k);
  const bias = c.bias ?? (c.tied ? noise(vocab, 3).map(Math.round) : noise(vocab, 3));
  const tiles = vocabTiles(vocab);
  const asked = slots.map((slot) => ({ slot, draw, guidance: 0, conditional: slot, unconditional: slot }));
  const part = { dtype, rows: vocab, columns: k } as const;
  const data = {
    0: Uint32Array.of(topK, 0, slots.length, 0),
    1: pad(hidden, k, strideOf(k)),
    2: packed(table.pack(part), 4 * tiles * panelWords(part)),
    3: pad(bias, vocab, tiles * 256),
    4: writeAsked(asked),
    5: suppressBits(suppress, vocab),
    6: new Float32Array((slots.length * tiles * SUMMARY_BYTES) / 4),
    7: new Float32Array(slots.length * tiles * TILE_TOKENS),
  };
  const constants = decodeConstants(part, 0, vocab, widthFor(slots.length));
  const groups = decodeWorkgroups(slots.length, vocab);
  const summaries = new Uint32Array(await runKernel(gpu, DECODES[form], constants, data, groups, 6));
  const logits = new Float32Array(await runKernel(gpu, DECODES[form], constants, data, groups, 7));
  const merged = {
    0: data[0],
    1: summaries,
    2: logits,
    3: new Uint32Array(slots.length * answerWords(topK)),
  };
  const words = await runKernel(gpu, merge, { VOCAB_TILES: tiles }, merged, [slots.length], 3);
  const wanted = product(hidden, table.values, k, bias);
  const want = slots.map((slot) =>
    reference(wanted.subarray(slot * vocab, (slot + 1) * vocab), slot, draw, topK, suppress),
  );
  return { got: slots.map((_, i) => readAnswer(words, i, topK)), want };
}

/** Panels up to the last tile's end, as the kernel may read them. */
function packed(words: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const all = new Uint32Array(length);
  all.set(words);
  return all;
}

function readAnswer(words: ArrayBuffer, i: number, topK: number): SlotAnswer {
  const ints = new Int32Array(words, 4 * i * answerWords(topK), answerWords(topK));
  const floats = new Float32Array(words, 4 * i * answerWords(topK), answerWords(topK));
  return {
    id: ints[0] as number,
    logProb: floats[1] as number,
    entropy: floats[2] as number,
    logSumExp: floats[3] as number,
    topIds: [...ints.subarray(4, 4 + topK)],
    topLogProbs: [...floats.subarray(4 + topK)],
  };
}

/** Every form of `decode`; the answers, in which all forms agree. */
async function check(c: Case): Promise<SlotAnswer[]> {
  let answers: SlotAnswer[] = [];
  for (const form of FORMS) {
    const { got, want } = await run(form, c);
    expect(got.map(({ id }) => id)).toEqual(want.map(({ id }) => id));
    expect(got.map(({ topIds }) => topIds)).toEqual(want.map(({ topIds }) => topIds));
    const numbers = (all: SlotAnswer[]) =>
      all.flatMap(({ logProb, entropy, logSumExp, topLogProbs }) => [logProb, entropy, logSumExp, ...topLogProbs]);
    expect(worstError(numbers(got), numbers(want)), form).toBeLessThan(TOLERANCE);
    answers = got;
  }
  return answers;
}

describe('decode and merge', () => {
  test.each<PackedType>(['F32', 'F16', 'BF16', 'I8'])('%s', async (dtype) => {
    await check({ slots: [0, 3, 49], vocab: 101, dtype });
  });

  test.each([1, 2, 3, 7, 8, 9, 40])('%i slots', async (count) => {
    await check({ slots: Array.from({ length: count }, (_, i) => i), vocab: 600 });
  });

  test.each([0, 1, 8, 33, 64])('the best %i of 600', async (topK) => {
    await check({ slots: [5, 6], vocab: 600, topK });
  });

  test('the best 64 of 4096', async () => {
    await check({ slots: [1, 2, 3], vocab: 4096, topK: 64 });
  });

  test('a vocabulary smaller than the list is padded with -1', async () => {
    const [answer] = await check({ slots: [2], vocab: 3, topK: 6 });
    expect(answer?.topIds.slice(3)).toEqual([-1, -1, -1]);
    expect(answer?.topLogProbs.slice(3)).toEqual([-Infinity, -Infinity, -Infinity]);
  });

  test.each<PackedType>(['F32', 'F16', 'BF16', 'I8'])('one slot and two of %s, drawn warm', async (dtype) => {
    await check({ slots: [7], vocab: 601, dtype, draw: WARM, topK: 33 });
    await check({ slots: [41, 2], vocab: 255, k: 65, dtype, draw: WARM, topK: 64 });
  });

  test('warm draws are those of the noise in rng.ts', async () => {
    await check({ slots: Array.from({ length: 50 }, (_, i) => i), vocab: 600, draw: WARM });
  });

  test('hot draws too, and they differ from step to step', async () => {
    const slots = Array.from({ length: 20 }, (_, i) => i);
    const first = await check({ slots, vocab: 600, draw: { seed: 5, step: 0, temperature: 5 } });
    const second = await check({ slots, vocab: 600, draw: { seed: 5, step: 1, temperature: 5 } });
    expect(first.map(({ id }) => id)).not.toEqual(second.map(({ id }) => id));
  });

  test.each([GREEDY, WARM])('suppressed ids are never drawn or listed (%j)', async (draw) => {
    const free = await check({ slots: [4, 5], vocab: 600, draw, topK: 8 });
    const suppress = [...new Set(free.flatMap(({ id, topIds }) => [id, ...topIds]))];
    const held = await check({ slots: [4, 5], vocab: 600, draw, topK: 8, suppress });
    for (const { id, topIds } of held) for (const found of [id, ...topIds]) expect(suppress).not.toContain(found);
  });

  test('with every id suppressed there is no answer', async () => {
    await check({ slots: [4], vocab: 30, topK: 3, suppress: Array.from({ length: 30 }, (_, id) => id) });
  });

  test('ties go to the smaller id, within a tile and across tiles', async () => {
    await check({ slots: [1], vocab: 700, topK: 40, tied: true });
  });

  // A thread of `merge` reads every 256th four. Where 40 threads read all that is large, the 64th of the threads' leaders
  // is small, and about a thousand tokens pass it.
  test.each([1, 40])('the best tokens may stand anywhere, also with %i threads alone', async (threads) => {
    const bias = noise(6000, 4).map((value, id) => (id % 1024 < 4 * threads ? value : value - 100));
    await check({ slots: [0, 1], vocab: 6000, topK: 64, gain: 0, bias });
  });

  test('a thousand tokens alike', async () => {
    const bias = new Float32Array(3000).map((_, id) => (id % 3 === 0 ? 1 : 0));
    await check({ slots: [0], vocab: 3000, topK: 64, gain: 0, bias });
  });
});

test('a vocabulary of 50,368', async () => {
  await check({ slots: [0, 2, 3, 4, 9], rows: 10, k: 32, vocab: 50_368, topK: 10, draw: WARM });
});
