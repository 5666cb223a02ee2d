import { describe, expect, test } from 'vitest';
import { checkPredict, checkScore } from './check.ts';
import { UnmaskError } from './error.ts';
import type { DrawnSequence, NetworkInfo, PredictOptions } from './network.ts';

const info: NetworkInfo = { vocabSize: 3, maxLength: 4, maskId: 2, endIds: [], causal: false, logitShift: 0 };
const text: NetworkInfo = { ...info, maskId: undefined, causal: true, logitShift: 1 };
const draw = { seed: 0, step: 0, temperature: 0 };
const ids = Int32Array.of(0, 1, 2);
const asked = (...slots: number[]): DrawnSequence => ({ ids, asked: Int32Array.from(slots), draw });
const anchored = { kind: 'anchored', anchor: ids, from: 1, to: 3 } as const;

function problem(sequence: DrawnSequence, about = info, options: Partial<PredictOptions> = {}): string | undefined {
  try {
    checkPredict([asked(0), sequence], { topK: 1, ...options }, about);
    return undefined;
  } catch (error) {
    return (error as UnmaskError).code;
  }
}

describe('what cannot be asked', () => {
  test.each([
    ['an empty canvas', { ...asked(), ids: new Int32Array(0) }],
    ['one that is too long', { ...asked(0), ids: new Int32Array(5) }],
    ['ids outside the vocabulary', { ...asked(0), ids: Int32Array.of(0, 3) }],
    ['slots outside the canvas', asked(3)],
    ['slots in another order', asked(1, 0)],
    ['guidance by a canvas of another length', { ...asked(0), guidance: { unconditional: ids.slice(1), scale: 1 } }],
    ['rows that do not hold the slots', { ...asked(0), cache: anchored }],
    ['an anchor of another length', { ...asked(1), cache: { ...anchored, anchor: ids.slice(1) } }],
  ])('%s: canvas', (_, sequence) => {
    expect(problem(sequence)).toBe('canvas');
  });

  test.each([
    ['a negative temperature', { ...asked(0), draw: { ...draw, temperature: -1 } }],
    ['guidance with a cache', { ...asked(1), guidance: { unconditional: ids, scale: 1 }, cache: anchored }],
    ['the keys of a beginning where later tokens are seen', { ...asked(1), cache: { kind: 'exact', prefix: 1 } }],
    ['a part of a block', { ...asked(1), sees: { blocks: 2, offset: 0 }, cache: { kind: 'exact', prefix: 1 } }],
    ['blocks of none', { ...asked(1), sees: { blocks: 0, offset: 0 } }],
    ['positions of its own', { ...asked(1), positions: Int32Array.of(0, 1, 3) }],
  ] as [string, DrawnSequence][])('%s: settings', (_, sequence) => {
    expect(problem(sequence)).toBe('settings');
  });

  test('too many alternatives, and suppressed ids of another vocabulary: settings', () => {
    expect(problem(asked(0), info, { topK: 65 })).toBe('settings');
    expect(problem(asked(0), info, { suppress: [3] })).toBe('settings');
  });

  test('with a logit shift the token after the text can be asked, and its row is the last', () => {
    expect(problem(asked(3))).toBe('canvas');
    expect(problem(asked(3), text)).toBeUndefined();
    expect(problem(asked(4), text)).toBe('canvas');
    expect(problem({ ...asked(3), cache: { kind: 'exact', prefix: 2 } }, text)).toBeUndefined();
    expect(problem({ ...asked(3), cache: { kind: 'exact', prefix: 4 } }, text)).toBe('canvas');
    expect(problem({ ...asked(2, 3), cache: anchored }, text)).toBeUndefined();
    expect(problem({ ...asked(1, 3), cache: anchored }, text)).toBe('canvas');
  });

  test.each([
    [[[1]], 'not in the vocabulary'],
    [[[1, 3]], 'not in the vocabulary'],
    [[], 'one list of tokens for each canvas'],
  ])('scores of the targets %j', (targets, words) => {
    const check = () =>
      checkScore(
        [asked(0, 1)],
        targets.map((each) => Int32Array.from(each)),
        {},
        info,
      );
    expect(check).toThrow(UnmaskError);
    expect(check).toThrow(words);
  });
});
