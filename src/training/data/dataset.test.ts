import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openTokenizer } from '../../checkpoint/tokenizer.ts';
import { Batches, shuffled } from './batches.ts';
import { makeDataset } from './dataset.ts';

const tokenizer = openTokenizer(
  JSON.parse(readFileSync(new URL('../../../public/models/stories/tokenizer.json', import.meta.url), 'utf8')),
);
const ids = { pad: 0, cls: 2, sep: 3, mask: 4, bos: 2, eos: 3 };
const model = { tokenizer, arch: { ids, maxLength: 64 } };
const texts = ['The cat sat.\n\nOn a mat.\n', 'A dog ran far away, and then it came back home.\n', '\n'];

describe('rows', () => {
  test('lines: empty ones dropped, the rest tokenised, concatenated and cut (Barry)', async () => {
    const data = await makeDataset(texts, model, { rows: 'lines', length: 8, padding: 'learnt' });
    const lines = ['The cat sat.\n', 'On a mat.\n', 'A dog ran far away, and then it came back home.\n'];
    const all = lines.flatMap((line) => tokenizer.encode(line));
    expect([...data.ids]).toEqual(all.slice(0, Math.floor(all.length / 8) * 8));
    expect(data).toMatchObject({ tokens: all.length, count: Math.floor(all.length / 8), length: 8 });
    expect(data.maskable.every((each) => each === 1)).toBe(true);
  });

  test('blocks keep the empty lines; special tokens in a text are not maskable', async () => {
    const data = await makeDataset(['[MASK]', ...texts], model, {
      rows: 'blocks',
      length: 8,
      padding: 'learnt',
    });
    expect(tokenizer.decode([...data.ids])).toMatch(/^The cat sat.\n\nOn a mat/);
    const mask = data.ids.indexOf(4);
    expect(mask).toBe(0);
    expect(data.maskable[mask]).toBe(0);
    expect(data.maskable.filter((each) => each === 0)).toHaveLength(1);
  });

  test('documents that are learnt by blocks: the end token fills the last block and is learnt, padding is as asked', async () => {
    const words = tokenizer.encode('Hi.');
    const shape = { rows: 'documents', length: 16, padding: 'seen', objective: 'bd3lm' } as const;
    for (const block of [4, 16]) {
      const data = await makeDataset(['Hi.'], model, { ...shape, block });
      const ends = block - words.length;
      expect([...data.ids]).toEqual([...words, ...Array(ends).fill(3), ...Array(16 - block).fill(0)]);
      expect([...data.maskable]).toEqual([...Array(block).fill(1), ...Array(16 - block).fill(0)]);
    }
    const other = await makeDataset(['Hi.'], model, { ...shape, block: 4, objective: 'mdlm' });
    expect(other.ids.filter((id) => id === 3)).toHaveLength(1);
  });

  test.each(['learnt', 'seen'] as const)(
    'documents: one a row, cut or ended and padded; padding %s',
    async (padding) => {
      const data = await makeDataset(['Hi.', 'A very long text that does not fit at all, I fear.'], model, {
        rows: 'documents',
        length: 8,
        padding,
      });
      const [short, long] = ['Hi.', 'A very long text that does not fit at all, I fear.'].map((text) =>
        tokenizer.encode(text),
      );
      expect([...data.ids.subarray(0, 8)]).toEqual([...short!, 3, ...new Array(7 - short!.length).fill(0)]);
      expect([...data.ids.subarray(8)]).toEqual(long!.slice(0, 8));
      const pads = padding === 'learnt' ? 1 : 0;
      expect([...data.maskable]).toEqual(
        Array.from({ length: 16 }, (_, i) => (i <= short!.length || i >= 8 ? 1 : pads)),
      );
    },
  );

  test('a long text is tokenised in pieces, whose tokens are those of the whole', async () => {
    const parts = [
      'One day \n  a cat, \n\n',
      'and\n',
      'the café\u0301\t\n',
      'sat [SEP] \nthere.\n',
      ' 3\n',
      '\u0301x\n',
    ];
    let text = '';
    for (let i = 0; text.length < 100_000; i++) text += parts[(i * i + (i >> 3)) % parts.length];
    const shape = { rows: 'blocks', length: 8, padding: 'learnt' } as const;
    const sizes: number[] = [];
    const counting = {
      ...tokenizer,
      encode(piece: string) {
        sizes.push(piece.length);
        return tokenizer.encode(piece);
      },
    };
    const { ids: got, tokens } = await makeDataset([text], { ...model, tokenizer: counting }, shape);
    const whole = tokenizer.encode(text);
    expect(Math.max(...sizes)).toBeLessThan(text.length);
    expect(tokens).toBe(whole.length);
    expect(got.every((id, i) => id === whole[i])).toBe(true);

    // One that puts something in front of every text gets it whole.
    const prefixing = { ...tokenizer, encode: (piece: string) => [7, ...tokenizer.encode(piece)] };
    const prefixed = await makeDataset([text], { ...model, tokenizer: prefixing }, shape);
    expect(prefixed.tokens).toBe(whole.length + 1);
  });

  test('a text shorter than a row is one row, the rest of it padding that is not learnt', async () => {
    for (const rows of ['blocks', 'lines'] as const) {
      const data = await makeDataset(['A cat.\n'], model, { rows, length: 16, padding: 'learnt' });
      const tokens = tokenizer.encode('A cat.\n');
      expect(data).toMatchObject({ count: 1, tokens: tokens.length, short: true });
      expect([...data.ids]).toEqual([...tokens, ...new Array(16 - tokens.length).fill(ids.pad)]);
      expect([...data.maskable]).toEqual(Array.from({ length: 16 }, (_, i) => Number(i < tokens.length)));
    }
  });

  test('too little text, too long rows and a model without an end are said', async () => {
    const shape = { rows: 'blocks', length: 64, padding: 'learnt' } as const;
    await expect(makeDataset([''], model, shape)).rejects.toMatchObject({
      code: 'data',
      message: /do not fill one row of 64/,
    });
    const padless = { tokenizer, arch: { ids: { ...ids, pad: undefined }, maxLength: 64 } };
    await expect(makeDataset(['short'], padless, shape)).rejects.toMatchObject({ code: 'data' });
    await expect(makeDataset(texts, model, { ...shape, length: 65 })).rejects.toMatchObject({
      message: /longer than the model reads/,
    });
    const endless = { tokenizer, arch: { ids: { ...ids, sep: undefined, eos: undefined }, maxLength: 64 } };
    await expect(makeDataset(texts, endless, { ...shape, rows: 'documents' })).rejects.toMatchObject({ code: 'data' });
  });

  test('lets others work meanwhile, says how far it is, and stops when asked to', async () => {
    const many = Array.from({ length: 6000 }, (_, i) => `A story about number ${i}, and how it was told to everybody.`);
    const controller = new AbortController();
    const shares: number[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const shape = { rows: 'blocks', length: 16, padding: 'learnt' } as const;
    await makeDataset(many, model, shape, { onProgress: (share) => shares.push(share) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    expect(shares.length).toBeGreaterThan(1);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    const stopped = makeDataset(many, model, shape, { signal: controller.signal });
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('batches', () => {
  const data = {
    ids: Int32Array.from({ length: 14 }, (_, i) => i),
    maskable: new Uint8Array(14).fill(1),
    length: 2,
    count: 7,
    tokens: 14,
  };
  test('every row once an epoch, in another order each time, also across the edge', () => {
    const batches = new Batches(data, 3, 5);
    const rows = Array.from({ length: 14 }, (_, step) => batches.at(step)).flatMap(({ ids }) => [
      ids[0]! / 2,
      ids[2]! / 2,
      ids[4]! / 2,
    ]);
    const epochs = Array.from({ length: 6 }, (_, epoch) => rows.slice(7 * epoch, 7 * epoch + 7));
    for (const epoch of epochs) expect(epoch.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(new Set(epochs.map(String)).size).toBeGreaterThan(4);
  });

  test('a step reads the same rows whatever was read before', () => {
    const there = new Batches(data, 3, 5);
    for (let step = 0; step < 9; step++) there.at(step);
    expect(new Batches(data, 3, 5).at(9)).toEqual(there.at(9));
    expect(new Batches(data, 3, 6).at(9)).not.toEqual(there.at(9));
  });

  test('all places are equally likely', () => {
    const counts = new Array<number>(5).fill(0);
    for (let epoch = 0; epoch < 2000; epoch++) counts[shuffled(5, 1, epoch)[0]!]!++;
    for (const count of counts) expect(Math.abs(count - 400)).toBeLessThan(80);
  });
});
