import { describe, expect, test } from 'vitest';
import type { EditRates, Network } from '../diffusion/network.ts';
import { blankPrediction } from '../diffusion/network.ts';
import { repairTexts, scoreOf, stretches } from './edits.ts';

/** Letters as tokens; [START] is 1. */
const tokenizer = {
  encode: (text: string) => Array.from(text, (letter) => letter.charCodeAt(0)),
  decode: (ids: readonly number[]) => String.fromCharCode(...ids),
};

/** Takes out every letter that stands behind the same one, and nothing else. */
const unstutter: Pick<Network, 'edits' | 'info'> = {
  info: { vocabSize: 128, maxLength: 400, maskId: undefined, endIds: [], causal: false, logitShift: 0, edits: true },
  edits: async (batch) =>
    batch.map(({ ids, asked }): EditRates => {
      const none = () => new Float32Array(asked.length);
      const remove = Float32Array.from(asked, (slot) => (slot > 0 && ids[slot] === ids[slot - 1] ? 0.9 : 0.1));
      const answer = blankPrediction(asked, 0, { forwards: 1, rows: ids.length });
      return { rates: { set: none(), remove, insert: none() }, set: answer, insert: answer };
    }),
};
const words = { tokenizer, startId: 1 };
const TEXTS = ['the cat sat on a mat', 'dogs bark at cars', 'she ran home', 'birds sing in a bush'];

describe('scores of repairs', () => {
  test('what a network mends, leaves and cannot mend is counted', async () => {
    const task = { kind: 'typos', rate: 0.4, seed: 3 } as const;
    const repairs = await repairTexts(unstutter, words, TEXTS, task, { way: 'surest', above: 0.5, steps: 5 });
    const score = scoreOf(repairs);
    expect(score.texts).toBe(4);
    expect(score.mistaken.texts + score.untouched.texts).toBe(4);
    expect(score.untouched.kept).toBe(score.untouched.texts);
    for (const { given, right, made, before, after } of repairs) {
      expect(made).toBe(given.replace(/(.)\1+/g, '$1'));
      expect(before === 0).toBe(given === right);
      expect(after === 0).toBe(made === right);
    }
    expect(score.after).toBeLessThanOrEqual(score.before);
  });

  test('a network that does nothing leaves every distance as it was', async () => {
    const idle = { ...unstutter, info: { ...unstutter.info, maxLength: 400 } };
    const repairs = await repairTexts(
      idle,
      words,
      TEXTS,
      { kind: 'order', rate: 0.5, seed: 1 },
      { way: 'surest', above: 2, steps: 3 },
    );
    const { before, after, mistaken } = scoreOf(repairs);
    expect(before).toBeGreaterThan(0);
    expect(after).toBe(before);
    expect([mistaken.repaired, mistaken.better, mistaken.worse]).toEqual([0, 0, 0]);
  });

  test('leaping ends, and a text never outgrows the network', async () => {
    const [first] = await repairTexts(
      unstutter,
      words,
      ['aabb'],
      { kind: 'typos', rate: 0, seed: 1 },
      { way: 'leap', tau: 0.1 },
    );
    expect(first?.made.length).toBeLessThanOrEqual(4);
  });
});

test('stretches are whole sentences', () => {
  const text = 'One day. "Two?" she said. Three is a long one, longer than the rest!\nFour.';
  expect(stretches(text, 30)).toEqual(['One day. "Two?" she said.', 'Four.']);
  expect(stretches(text, 1000)).toEqual([text.replace('\n', ' ')]);
});
