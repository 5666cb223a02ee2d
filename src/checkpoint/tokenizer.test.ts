import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import { openTokenizer } from './tokenizer.ts';

/** Ids from the reference implementation; recipe in `golden/make_tokenizer.py`. */
const golden = JSON.parse(readFileSync(new URL('golden/tokenizer.json', import.meta.url), 'utf8')) as {
  texts: string[];
  stories: Golden;
  modernbert: Golden;
};
interface Golden {
  sha256: string;
  ids: number[][];
}

const read = (url: URL) => JSON.parse(readFileSync(url, 'utf8')) as Record<string, unknown>;
const shippedFile = new URL('../../public/models/stories/tokenizer.json', import.meta.url);
const shipped = read(shippedFile);
const stories = openTokenizer(shipped);
/** ModernBERT's own tokenizer has 3.6 MB and lies outside the repository; its tests run where it is. */
const published = new URL('../../../shared/data/tokenizers/modernbert/tokenizer.json', import.meta.url);

const ODD_TEXTS = [
  'Once upon a time, a small fox',
  '  two  spaces   and a tab\tand\r\nlines\n\n',
  'naïve café — “quotes” … ½',
  '日本語とÜmläute и кириллица',
  '👩‍👩‍👧‍👦 🏳️‍🌈 𝔘𝔫𝔦𝔠𝔬𝔡𝔢',
  '\u0000\u0001\u007f\u0080\u200b\u202e\ufeff\uffff',
  "don't we'll I'd they've IT'S",
  '1234567890 3.14 1,000',
];

/** Lone surrogates have no UTF-8 form; they become U+FFFD. */
const wellFormed = (text: string) =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));

function roundTrips(tokenizer: ReturnType<typeof openTokenizer>): void {
  for (const text of ODD_TEXTS) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.normalize('NFC'));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const ids = tokenizer.encode(text);
      expect(ids.every((id) => id >= 0 && id < tokenizer.size)).toBe(true);
      expect(tokenizer.decode(ids, { keepSpecial: true })).toBe(wellFormed(text).normalize('NFC'));
    }),
    { numRuns: 300 },
  );
}

function givesGoldenIds(tokenizer: ReturnType<typeof openTokenizer>, file: URL, { sha256, ids }: Golden): void {
  expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(sha256);
  golden.texts.forEach((text, i) => {
    expect({ text, ids: tokenizer.encode(text) }).toEqual({ text, ids: ids[i] });
  });
}

describe('the shipped tokenizer', () => {
  test('gives the ids of the reference implementation', () => givesGoldenIds(stories, shippedFile, golden.stories));

  test('brings every text back as its NFC form', () => roundTrips(stories));

  test('adds no special tokens', () => {
    expect(stories.encode('')).toEqual([]);
    expect(stories.encode('Hello world').map(stories.piece)).toEqual(['Hello', ' world']);
  });

  test('reads special tokens in the text as their ids', () => {
    const mask = stories.idOf('[MASK]') as number;
    expect(stories.encode('[MASK]')).toEqual([mask]);
    expect(stories.encode('[MASK][MASK].').slice(0, 2)).toEqual([mask, mask]);
    expect(stories.encode('[mask]')).not.toContain(mask);
    expect(stories.encode('[SEP]')).toEqual([stories.idOf('[SEP]')]);
  });

  test('drops special tokens in plain text and keeps them when asked', () => {
    const ids = stories.encode('a[MASK] b[SEP]');
    expect(stories.decode(ids)).toBe('a b');
    expect(stories.decode(ids, { keepSpecial: true })).toBe('a[MASK] b[SEP]');
    expect(stories.decode([])).toBe('');
  });

  // As sentence-transformers and pipelines save them.
  test.each([
    ['truncation', { truncation: { direction: 'Right', max_length: 3, strategy: 'LongestFirst', stride: 0 } }],
    [
      'truncation from the left',
      { truncation: { direction: 'Left', max_length: 1, strategy: 'OnlyFirst', stride: 0 } },
    ],
    [
      'padding to a length, and truncation',
      {
        truncation: { direction: 'Right', max_length: 4, strategy: 'LongestFirst', stride: 0 },
        padding: {
          strategy: { Fixed: 64 },
          direction: 'Right',
          pad_to_multiple_of: 8,
          pad_id: 0,
          pad_type_id: 0,
          pad_token: '[PAD]',
        },
      },
    ],
  ])('reads the whole text and nothing more where its file has %s', (_, saved) => {
    const text = 'Once upon a time, there was a little girl named Lily';
    expect(openTokenizer({ ...shipped, ...saved }).encode(text)).toEqual(stories.encode(text));
  });

  test('pieces of running text join to that text', () => {
    const text = 'The fox, who was small, ran home.';
    expect(stories.encode(text).map(stories.piece).join('')).toBe(text);
  });

  test('shows ids of a padded vocabulary by number and decodes them to nothing', () => {
    expect(stories.size).toBe(4096);
    expect(stories.piece(5000)).toBe('[5000]');
    expect(stories.decode([5000])).toBe('');
    expect(stories.idOf('no such token')).toBeUndefined();
  });
});

describe.runIf(existsSync(published))('ModernBERT’s tokenizer', () => {
  const tokenizer = existsSync(published) ? openTokenizer(read(published)) : stories;

  test('gives the ids of the reference implementation', () => givesGoldenIds(tokenizer, published, golden.modernbert));

  test('brings every text back as its NFC form', () => roundTrips(tokenizer));

  test('has the ids that ModernBERT’s config names, and a mask that swallows whitespace on its left only', () => {
    expect(['[UNK]', '[CLS]', '[SEP]', '[PAD]', '[MASK]'].map(tokenizer.idOf)).toEqual([
      50280, 50281, 50282, 50283, 50284,
    ]);
    expect(tokenizer.encode('a  [MASK]')).toEqual(tokenizer.encode('a[MASK]'));
    expect(tokenizer.encode('[MASK] [MASK]')).toEqual([50284, 50284]);
    expect(tokenizer.encode('[MASK] a')).not.toEqual(tokenizer.encode('[MASK]a'));
  });

  test('does not add its own [CLS] and [SEP]', () => {
    expect(tokenizer.encode('Hi').map(tokenizer.piece)).toEqual(['Hi']);
  });
});

describe('a broken tokenizer.json is refused in words:', () => {
  test('when a text grows without end in it', () => {
    const grow = { type: 'Replace', pattern: { String: 'a' }, content: 'a'.repeat(1000) };
    const growing = openTokenizer({
      ...shipped,
      normalizer: { type: 'Sequence', normalizers: [grow, grow, grow, grow] },
    });
    expect(growing.encode('Once')).toEqual(stories.encode('Once'));
    expect(() => growing.encode('a fox')).toThrow(expect.objectContaining({ code: 'tokenizer' }));
  });

  const model = shipped['model'] as Record<string, unknown>;
  test.each<[string, unknown]>([
    ['no object', null],
    ['a list', []],
    ['empty', {}],
    ['no model', { ...shipped, model: undefined }],
    ['another family', { ...shipped, model: { ...model, type: 'Unigram' } }],
    ['no vocabulary', { ...shipped, model: { ...model, vocab: undefined } }],
    ['empty vocabulary', { ...shipped, added_tokens: [], model: { ...model, vocab: {}, merges: [] } }],
    ['a vocabulary of texts', { ...shipped, model: { ...model, vocab: { a: 'b' } } }],
    ['an absurd id', { ...shipped, model: { ...model, vocab: { a: 1e15 } } }],
    ['a negative id', { ...shipped, model: { ...model, vocab: { a: -1 } } }],
    ['no merges', { ...shipped, model: { ...model, merges: null } }],
    ['merges of numbers', { ...shipped, model: { ...model, merges: [1, 2] } }],
    ['added tokens as a text', { ...shipped, added_tokens: 'x' }],
    ['an added token without text', { ...shipped, added_tokens: [{ id: 1 }] }],
    ['an added token of nothing', { ...shipped, added_tokens: [{ id: 1, content: '' }] }],
    ['an unknown pre-tokenizer', { ...shipped, pre_tokenizer: { type: 'Nonsense' } }],
    ['an unknown decoder', { ...shipped, decoder: { type: 'Nonsense' } }],
    [
      'tokens that nothing spells',
      { ...shipped, added_tokens: [], model: { ...model, vocab: { aa: 0, bb: 1 }, merges: [] } },
    ],
  ])('%s', (_, json) => {
    expect(() => openTokenizer(json)).toThrow(UnmaskError);
    expect(() => openTokenizer(json)).toThrow(expect.objectContaining({ code: 'tokenizer', file: 'tokenizer.json' }));
  });

  test('whatever one part of the file is replaced with', () => {
    const keys = ['added_tokens', 'normalizer', 'pre_tokenizer', 'post_processor', 'decoder', 'model'];
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
        try {
          openTokenizer({ ...shipped, [key]: value });
        } catch (error) {
          expect(error).toBeInstanceOf(UnmaskError);
        }
      }),
      { numRuns: 100 },
    );
  });
});
