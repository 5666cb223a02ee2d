/**
 * Tolerance: outputs are weighted means of unit-normal values; `exp` of WGSL is exact to 3 + 2|x| units in the last
 * place, which for scores spread over ±10 is 3e-6 of a weight. 5e-6 is asked.
 */
import { describe, expect, test } from 'vitest';
import { qkvRows, SEES_ALL, SEES_BEFORE } from '../../model/arch.ts';
import { strideOf } from '../pack.ts';
import { testDevice } from '../testing/gpu.ts';
import { noise, pad, unpad, worstError } from '../testing/numbers.ts';
import { runKernel } from '../testing/run.ts';
import {
  ATTENTIONS,
  type Attention,
  type AttentionForm,
  attentionConstants,
  attentionWorkgroups,
  reference,
} from './attention.ts';
import { type Span, writeSpans } from './rows.ts';

const { gpu } = await testDevice();
const TOLERANCE = 5e-6;
const FORMS: readonly AttentionForm[] = gpu.features.has('subgroups') ? ['tiled', 'subgroup'] : ['tiled'];
const window = (before: number, after: number) => ({ window: [before, after] }) as const;

/** Rows that the spans run, in one dispatch, of sequences whose queries, keys and values stand at their places. */
async function runSpans(form: AttentionForm, qkv: Float32Array, spec: Attention, spans: readonly Span[]) {
  const rows = spans.reduce((most, span) => Math.max(most, span.row0 + span.rows), 0);
  const width = spec.heads * spec.headDim;
  const data = {
    0: writeSpans(spans),
    1: pad(qkv, qkvRows(spec), strideOf(qkvRows(spec))),
    2: new Float32Array(rows * strideOf(width)),
  };
  const most = Math.max(...spans.map((span) => span.rows));
  const groups = attentionWorkgroups(form, spec, most, spans.length);
  const result = await runKernel(gpu, ATTENTIONS[form], attentionConstants(form, spec), data, groups, 2);
  return unpad(new Float32Array(result), width, strideOf(width));
}

function run(form: AttentionForm, qkv: Float32Array, spec: Attention, from = 0, end?: number): Promise<Float32Array> {
  const positions = qkv.length / qkvRows(spec);
  return runSpans(form, qkv, spec, [{ row0: 0, rows: (end ?? positions) - from, first: from, positions, place: 0 }]);
}

async function check(form: AttentionForm, rows: number, spec: Attention, gain = 1.5, tolerance = TOLERANCE) {
  const qkv = noise(rows * qkvRows(spec), rows, gain);
  expect(worstError(await run(form, qkv, spec), reference(qkv, spec))).toBeLessThan(gain * tolerance);
}

/**
 * Each way of seeing with heads of its own, so that every size of heads, every ratio of queries to keys and every way of
 * seeing comes up. All sizes are compiled into a kernel, and compiling it is what a case costs: further cases use these.
 */
const SPECS = {
  'sliding, 4 to each side': { heads: 1, kvHeads: 1, headDim: 4, sees: window(4, 4) },
  'sliding, wider than a tile': { heads: 4, kvHeads: 2, headDim: 128, sees: window(40, 40) },
  causal: { heads: 6, kvHeads: 1, headDim: 20, sees: SEES_BEFORE },
  'causal and sliding': { heads: 2, kvHeads: 2, headDim: 64, sees: window(7, 0) },
  'the query alone': { heads: 3, kvHeads: 3, headDim: 12, sees: window(0, 0) },
  lopsided: { heads: 1, kvHeads: 1, headDim: 32, sees: window(3, 19) },
  'blocks of 1': { heads: 4, kvHeads: 2, headDim: 16, sees: { blocks: 1 } },
  'blocks of 7': { heads: 1, kvHeads: 1, headDim: 48, sees: { blocks: 7 } },
  'blocks of 32': { heads: 2, kvHeads: 1, headDim: 100, sees: { blocks: 32 } },
  'noisy and clean, blocks of 4': { heads: 1, kvHeads: 1, headDim: 16, sees: { noisyAndClean: 4 } },
  'noisy and clean, blocks of 25': { heads: 3, kvHeads: 3, headDim: 20, sees: { noisyAndClean: 25 } },
  'noisy and clean, one block': { heads: 4, kvHeads: 1, headDim: 12, sees: { noisyAndClean: 50 } },
} as const satisfies Record<string, Attention>;
const ALL = { heads: 4, kvHeads: 2, headDim: 16, sees: SEES_ALL } as const;

describe.each(FORMS)('attention, %s', (form) => {
  test.each([1, 15, 16, 17, 33, 70])('%i tokens, every key visible', (rows) => check(form, rows, ALL));

  test.each(Object.entries(SPECS))('%s', (_, spec) => check(form, 100, spec));

  // Halves that begin inside a tile of queries, inside a tile of keys, and with the first of both.
  test.each([
    [2, 4],
    [66, 4],
    [134, 25],
    [206, 4],
  ] as const)('noisy and clean, %i rows in blocks of %i', (rows, block) =>
    check(form, rows, SPECS[`noisy and clean, blocks of ${block}`]),
  );

  test.each<[string, Attention, number, number]>([
    ['a block in the middle', ALL, 37, 53],
    ['a block at the edge of a window', SPECS['sliding, wider than a tile'], 64, 81],
    ['the last query of a text', SPECS.causal, 99, 100],
    ['the last queries in a window', SPECS['causal and sliding'], 95, 100],
    ['the first queries', SPECS.lopsided, 0, 17],
    ['the last block', SPECS['blocks of 32'], 96, 100],
  ])('%s, among keys of an earlier pass', async (_, spec, from, to) => {
    const qkv = noise(100 * qkvRows(spec), from, 1.5);
    const want = reference(qkv, spec, from, to);
    expect(want.length).toBe((to - from) * spec.heads * spec.headDim);
    expect(worstError(await run(form, qkv, spec, from, to), want)).toBeLessThan(1.5 * TOLERANCE);
  });

  test.each<[Attention, { blocks: number; offset: number }, number, number]>([
    [ALL, { blocks: 7, offset: 3 }, 0, 100],
    [SPECS['sliding, 4 to each side'], { blocks: 16, offset: 0 }, 0, 100],
    [SPECS['sliding, 4 to each side'], { blocks: 33, offset: 20 }, 53, 86],
    [ALL, { blocks: 1, offset: 0 }, 90, 100],
  ])('layers of %j read by %j', async (spec, sees, from, to) => {
    const qkv = noise(100 * qkvRows(spec), from, 1.5);
    const got = await runSpans(form, qkv, spec, [
      { row0: 0, rows: to - from, first: from, positions: 100, place: 0, sees },
    ]);
    expect(worstError(got, reference(qkv, { ...spec, sees }, from, to))).toBeLessThan(1.5 * TOLERANCE);
  });

  test('sequences side by side see themselves only, and get the bits that they get alone', async () => {
    for (const spec of [ALL, SPECS.lopsided, SPECS['blocks of 7']]) {
      const width = qkvRows(spec);
      const written = spec.heads * spec.headDim;
      const lengths = [33, 1, 70, 16];
      const qkv = noise(lengths.reduce((a, b) => a + b + 3, 0) * width, 5, 1.5);
      let place = 0;
      let row0 = 0;
      const spans = lengths.map((positions, i) => {
        const first = i === 2 ? 37 : 0; // of one only the last rows
        const span = { row0, rows: positions - first, first, positions, place };
        place += positions + 3;
        row0 += positions - first;
        return span;
      });
      const together = await runSpans(form, qkv, spec, spans);
      for (const span of spans) {
        const alone = qkv.slice(span.place * width, (span.place + span.positions) * width);
        const got = together.subarray(span.row0 * written, (span.row0 + span.rows) * written);
        const from = span.first;
        expect(worstError(got, reference(alone, spec, from))).toBeLessThan(1.5 * TOLERANCE);
        expect([...got]).toEqual([...(await run(form, alone, spec, from))]);
        // A query has the same bits whichever others are asked with it.
        if (from > 0) expect([...got]).toEqual([...(await run(form, alone, spec)).subarray(from * written)]);
      }
    }
  });

  // Scores of ±400 are rounded to 3e-5 in f32, and a weight inherits that as a relative error.
  test('sharp scores far apart', () => check(form, 40, ALL, 10, 1e-4));

  test('a lone token gets its own value', async () => {
    const spec = SPECS['the query alone'];
    const qkv = noise(qkvRows(spec), 1);
    expect([...(await run(form, qkv, spec))]).toEqual([...qkv.subarray(2 * spec.heads * spec.headDim)]);
  });
});
