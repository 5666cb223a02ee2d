/** BPE, WordPiece and Unigram against the Python library; the files and ids come from `golden/make_tokenizers.py`. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import { openTokenizer } from './tokenizer.ts';

interface Golden {
  readonly json: {
    readonly model: { readonly vocab: unknown };
    readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
  };
  readonly ids: readonly (readonly number[])[];
  readonly decoded: readonly string[];
}
const { texts, tokenizers } = JSON.parse(readFileSync(new URL('golden/tokenizers.json', import.meta.url), 'utf8')) as {
  texts: readonly string[];
  tokenizers: Readonly<Record<'bpe' | 'wordpiece' | 'unigram', Golden>>;
};

describe.each(Object.entries(tokenizers))('%s', (name, { json, ids, decoded }) => {
  const mask = name === 'wordpiece' ? '[MASK]' : '<mask>';
  const tokenizer = openTokenizer(json, { mask });
  const maskId = tokenizer.idOf(mask) as number;

  test('gives the ids of the Python library, and its texts', () => {
    texts.forEach((text, i) => {
      expect({ text, ids: tokenizer.encode(text) }).toEqual({ text, ids: ids[i] });
      expect(tokenizer.decode(ids[i] as number[], { keepSpecial: true })).toBe(decoded[i]);
    });
  });

  test('reads the mask token as a hole, or as text where that is asked for', () => {
    const text = `a${mask} fox`;
    expect(tokenizer.encode(text)).toContain(maskId);
    const plain = tokenizer.encode(text, { maskAsText: true });
    expect(plain).not.toContain(maskId);
    // The kinds that can spell it do, and each leaves other texts as they are.
    if (name !== 'wordpiece') expect(tokenizer.decode(plain)).toBe(text);
    expect(tokenizer.encode('a fox', { maskAsText: true })).toEqual(tokenizer.encode('a fox'));
  });

  test('pieces of running text join to that text', () => {
    const text = 'the little fox ran over the hill';
    const pieces = tokenizer.encode(text).map(tokenizer.piece);
    expect(pieces.join('').trim()).toBe(text);
    expect(pieces.filter((piece) => piece.startsWith(' ')).length).toBeGreaterThan(1);
  });

  test('tokens added beyond the table are left out, and read as ordinary text', () => {
    const rows = tokenizer.size;
    const extra = { id: rows + 2, content: '<extra>', special: true, normalized: false };
    const grown = { ...json, added_tokens: [...json.added_tokens, extra] };
    const narrow = openTokenizer(grown, { rows });
    expect(narrow.size).toBe(rows);
    expect(narrow.leftOut).toEqual(['<extra>']);
    expect(narrow.encode('a <extra> b').every((id) => id < rows)).toBe(true);
    expect(openTokenizer(grown).encode('<extra>')).toEqual([rows + 2]);
    expect(() => openTokenizer(json, { rows: 10 })).toThrow(/but the model knows 10 tokens/);
  });

  test('a token can be added under the next free id, as dLLM adds <|mask|>', () => {
    const added = { id: tokenizer.size, content: '<|mask|>' };
    const grown = openTokenizer(json, { added, mask: '<|mask|>' });
    expect(grown.encode('a<|mask|>')).toContain(added.id);
    expect(grown.encode('a<|mask|>', { maskAsText: true })).not.toContain(added.id);
    expect(grown.tokenOf(added.id)).toBe('<|mask|>');
  });
});

test('merges written as texts mean the same as pairs', () => {
  const json = tokenizers.bpe.json as unknown as { model: { merges: [string, string][] } };
  const merges = json.model.merges.map((pair) => pair.join(' '));
  const old = openTokenizer({ ...json, model: { ...json.model, merges } });
  texts.forEach((text, i) => {
    expect(old.encode(text)).toEqual(tokenizers.bpe.ids[i]);
  });
});

test.each([
  ['texts', ['l o', 'lo w</w>', 'o w</w>']],
  [
    'pairs',
    [
      ['l', 'o'],
      ['lo', 'w</w>'],
      ['o', 'w</w>'],
    ],
  ],
])('merges of a tokenizer that marks the ends of words, as CLIP’s does, may be %s', (_, merges) => {
  const vocab = { '<unk>': 0, l: 1, o: 2, w: 3, 'w</w>': 4, lo: 5, 'low</w>': 6, 'ow</w>': 7, 'o</w>': 8 };
  const model = { type: 'BPE', unk_token: '<unk>', end_of_word_suffix: '</w>', vocab, merges };
  const parts = { pre_tokenizer: { type: 'WhitespaceSplit' }, decoder: { type: 'BPEDecoder', suffix: '</w>' } };
  const clip = openTokenizer({ model, ...parts });
  expect(clip.encode('low ow lo')).toEqual([6, 7, 1, 8]);
  expect(clip.decode([6, 7])).toBe('low ow');
});

test.each([
  ['three words in a text', ['l o w']],
  ['two spaces in a text', ['l  o']],
  ['one word', ['lo']],
  ['a pair of three', [['l', 'o', 'w']]],
  ['a text among pairs', [['l', 'o'], 'lo w']],
  ['a pair among texts', ['l o', ['lo', 'w']]],
])('merges with %s are refused, as the Rust library refuses them', (_, merges) => {
  const model = { type: 'BPE', vocab: { l: 0, o: 1, w: 2, lo: 3, low: 4 }, merges };
  expect(() => openTokenizer({ model })).toThrow(/^The merges of tokenizer.json hold .* instead of two tokens/);
});

test('merges of or into what is no token are refused; a line with their version is none', () => {
  const vocab = { l: 0, o: 1, w: 2, lo: 3, low: 4 };
  const open = (merges: unknown) => openTokenizer({ model: { type: 'BPE', vocab, merges } });
  expect(() => open(['l o', 'x o'])).toThrow(/name "x", which its vocabulary lacks/);
  expect(() => open([['o', 'w']])).toThrow(/name "ow", which its vocabulary lacks/);
  expect(open(['#version: 0.2', 'l o', 'lo w']).encode('low')).toEqual([4]);
  // A space may be a part of a token where merges are pairs.
  const spaced = { type: 'BPE', vocab: { 'l o': 0, w: 1, 'l ow': 2, l: 3, ' ': 4, o: 5 }, merges: [['l o', 'w']] };
  expect(openTokenizer({ model: spaced }).size).toBe(6);
});

test('a tokenizer of one script need not spell English', () => {
  const vocab = Object.fromEntries(
    ['[PAD]', '[UNK]', '[MASK]', ...'אבגדהוזחטיכלמנסעפצקרשת '].map((token, id) => [token, id]),
  );
  const added = ['[PAD]', '[UNK]', '[MASK]'].map((content, id) => ({ id, content, special: true, normalized: false }));
  const model = { type: 'BPE', unk_token: '[UNK]', vocab, merges: [] };
  const hebrew = openTokenizer({ model, added_tokens: added, decoder: { type: 'Fuse' } }, { mask: '[MASK]' });
  expect(hebrew.decode(hebrew.encode('שלו[MASK]'), { keepSpecial: true })).toBe('שלו[MASK]');
  const dna = {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    vocab: { A: 0, C: 1, G: 2, T: 3, '##A': 4, '[UNK]': 5 },
  };
  expect(openTokenizer({ model: dna, decoder: { type: 'WordPiece', prefix: '##' } }).encode('A')).toEqual([0]);
  const thai = [...'กขคงจฉชซญณดตถทธนบปผพภมยรลวศษสหฬอฮะาเแโใไ'].map((sign, n) => [sign, -3 - n / 100]);
  const unigram = { type: 'Unigram', unk_id: 0, vocab: [['<unk>', 0], ['<mask>', 0], ...thai] };
  const mask = [{ id: 1, content: '<mask>', special: true, normalized: false }];
  const opened = openTokenizer({ model: unigram, added_tokens: mask, decoder: { type: 'Fuse' } }, { mask: '<mask>' });
  expect(opened.decode(opened.encode('มา<mask>'), { keepSpecial: true })).toBe('มา<mask>');
});

test.each([
  ['a kind that nobody knows', { type: 'WordLevel', vocab: { a: 0 } }, /WordLevel.*BPE, WordPiece and Unigram/],
  [
    'scores that are no numbers',
    { type: 'Unigram', unk_id: 0, vocab: [['a', 'b']] },
    /instead of a token and its score/,
  ],
  ['a Unigram without tokens', { type: 'Unigram', unk_id: 0, vocab: [] }, /empty/],
])('%s is refused in words', (_, model, words) => {
  expect(() => openTokenizer({ model })).toThrow(words);
  expect(() => openTokenizer({ model })).toThrow(UnmaskError);
});
