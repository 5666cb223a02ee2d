import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openTokenizer } from '../checkpoint/tokenizer.ts';
import { learnMerges, SPECIAL_TOKENS, tokenizerJson } from './bpe.ts';

const names = (json: object) => Object.keys((json as { model: { vocab: object } }).model.vocab);
const learn = async (texts: string[], merges: number) => {
  const found = await learnMerges(texts, { vocabulary: 261 + merges });
  const vocabulary = names(tokenizerJson(found));
  return found.map(([a, b]) => [vocabulary[a], vocabulary[b]]);
};

/** The method without its speed: counts all pairs anew for every merge. */
function slowMerges(words: readonly (readonly [string, number])[], merges: number): [string, string][] {
  let split = words.map(([word, count]) => [[...word], count] as const);
  const learnt: [string, string][] = [];
  const ids = new Map([...'abcdefghijklmnopqrstuvwxyz'].map((letter, i) => [letter, i]));
  while (learnt.length < merges) {
    const counts = new Map<string, number>();
    for (const [pieces, count] of split) {
      for (let i = 0; i + 1 < pieces.length; i++) {
        const pair = `${pieces[i]} ${pieces[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + count);
      }
    }
    const id = (pair: string) => pair.split(' ').map((piece) => ids.get(piece) as number) as [number, number];
    const order = [...counts].sort(([x, m], [y, n]) => n - m || id(x)[0] - id(y)[0] || id(x)[1] - id(y)[1]);
    const [best, count] = order[0] ?? ['', 0];
    if (count < 2) break;
    const [a, b] = best.split(' ') as [string, string];
    learnt.push([a, b]);
    ids.set(a + b, 1000 + learnt.length);
    split = split.map(([pieces, n]) => {
      const out: string[] = [];
      for (let i = 0; i < pieces.length; i++) {
        const both = pieces[i] === a && pieces[i + 1] === b;
        out.push(both ? a + b : (pieces[i] as string));
        if (both) i++;
      }
      return [out, n] as const;
    });
  }
  return learnt;
}

describe('merges', () => {
  test('of the example of the BPE paper, by hand', async () => {
    // low 5, lower 2, newest 6, widest 3, each after a line end so that no space joins in:
    // es 9 (tie with st 9: e < s), est 9, lo 7, low 7, then ne 6 = ew 6 = west …: ids decide (e w before n e).
    const text = ['low\n'.repeat(5), 'lower\n'.repeat(2), 'newest\n'.repeat(6), 'widest\n'.repeat(3)];
    expect((await learn(text, 6)).map((pair) => pair.join(' '))).toEqual(['e s', 'es t', 'l o', 'lo w', 'e w', 'n ew']);
  });

  test('are those of counting everything anew', async () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(word, fc.integer({ min: 1, max: 5 })), { maxLength: 12 }), async (list) => {
        const counts = new Map<string, number>();
        for (const [text, count] of list) counts.set(text, (counts.get(text) ?? 0) + count);
        const texts = [...counts].map(([text, count]) => `${text}\n`.repeat(count));
        // The line ends are words of their own, of one letter.
        expect(await learn(texts, 12)).toEqual(slowMerges([...counts], 12));
      }),
      { numRuns: 150, seed: 3 },
    );
  });

  test('end when no pair occurs twice', async () => {
    expect(await learn(['abc'], 10)).toEqual([]);
  });
});

describe('the tokenizer', () => {
  const texts = ['Once upon a time there was a small fox. The fox was small, and the time was once. '.repeat(20)];

  test.each([0, 30])('with %i merges reads and writes any text', async (count) => {
    const json = tokenizerJson(await learnMerges(texts, { vocabulary: 261 + count }));
    const tokenizer = openTokenizer(JSON.parse(JSON.stringify(json)));
    expect(tokenizer.size).toBe(261 + count);
    for (const [id, token] of SPECIAL_TOKENS.entries()) expect(tokenizer.idOf(token)).toBe(id);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        fc.pre(!SPECIAL_TOKENS.some((token) => text.includes(token)) && !/\p{Surrogate}/u.test(text));
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.normalize('NFC'));
      }),
      { numRuns: 200, seed: 5 },
    );
    expect(tokenizer.encode('a [MASK] b')).toContain(4);
    const tokens = tokenizer.encode(texts[0] as string).length;
    if (count === 0) expect(tokens).toBe(texts[0]?.length);
    else expect(tokens).toBeLessThan(0.35 * (texts[0]?.length ?? 0));
  });

  test('uses the merges in the order they were learnt', async () => {
    const merges = await learnMerges(texts, { vocabulary: 300 });
    const tokenizer = openTokenizer(JSON.parse(JSON.stringify(tokenizerJson(merges))));
    expect(tokenizer.encode(' was').map((id) => tokenizer.piece(id))).toEqual([' was']);
  });
});

test('is stopped by its signal', async () => {
  const controller = new AbortController();
  const many = Array.from({ length: 40_000 }, (_, i) => `word${i} other${i * 7}`);
  const work = learnMerges(many, { vocabulary: 4000, signal: controller.signal });
  controller.abort();
  await expect(work).rejects.toMatchObject({ name: 'AbortError' });
});
