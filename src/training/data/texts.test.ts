import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import { memorySource } from '../../checkpoint/sources.ts';
import { memoryDisk } from '../../checkpoint/store/disk.ts';
import { Store } from '../../checkpoint/store/store.ts';
import { COMMIT, serveHub } from '../../checkpoint/testing/hub-server.ts';
import { readTexts, textsOf } from './texts.ts';
import { fetchWikitext } from './wikitext.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const utf16 = (text: string) => new Uint8Array(Uint16Array.from(text, (letter) => letter.charCodeAt(0)).buffer);
const read = (file: string, content: string | Uint8Array<ArrayBuffer>, column?: string) =>
  readTexts(memorySource(new Map([[file, typeof content === 'string' ? utf8(content) : content]]), 'here'), file, {
    column,
  });
const parquet = (columns: Record<string, unknown[]>) =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: Object.entries(columns).map(([name, data]) => ({ name, data })),
      rowGroupSize: 2,
    }),
  );

describe('texts of a file', () => {
  test('paragraphs of a plain text, with their line ends', async () => {
    const { texts, characters } = await read('a.txt', 'One\ntwo\r\n\r\nThree\n\n\nFour');
    expect(texts).toEqual(['One\ntwo\n\n', 'Three\n\n\n', 'Four']);
    expect(characters).toBe(texts.join('').length);
    expect((await read('a.md', '\ufeff# Head\n\nBody')).texts).toEqual(['# Head\n\n', 'Body']);
  });

  test('stories between end marks', () => {
    expect(textsOf('One.\n\nStill one.\n<|endoftext|>\nTwo.\n<|endoftext|>\n').texts).toEqual([
      'One.\n\nStill one.',
      'Two.',
    ]);
  });

  test('a field of JSON lines: text, the one asked for, or the first of words', async () => {
    const lines = '{"id":1,"title":"A","text":"one"}\n\n{"id":2,"title":"B","text":"two"}\n{"text":""}';
    expect(await read('a.jsonl', lines)).toMatchObject({ texts: ['one', 'two'], columns: ['title', 'text'] });
    expect(await read('a.jsonl', lines, 'title')).toMatchObject({ texts: ['A', 'B'], column: 'title' });
    expect((await read('a.ndjson', '"just"\n"words"')).texts).toEqual(['just', 'words']);
    await expect(read('a.jsonl', lines, 'id')).rejects.toMatchObject({ code: 'data', remedy: /title, text/ });
    await expect(read('a.jsonl', '{"text":"a"}\n{broken')).rejects.toMatchObject({ message: /Line 2 of a.jsonl/ });
    await expect(read('a.jsonl', '{"id":1}')).rejects.toMatchObject({ message: /no column of text/ });
  });

  test('a column of CSV, with quotes, commas and line ends in it', async () => {
    const csv = 'id,title,body\n1,"a, b","one\ntwo ""three"""\n2,c,four\n';
    expect(await read('a.csv', csv, 'body')).toMatchObject({
      texts: ['one\ntwo "three"', 'four'],
      columns: ['title', 'body'],
    });
    expect((await read('a.csv', csv)).texts).toEqual(['a, b', 'c']);
    expect((await read('a.tsv', 'n\ttext\n1\tone, two\n')).texts).toEqual(['one, two']);
    await expect(read('a.csv', csv, 'nothing')).rejects.toMatchObject({ message: /column "nothing"/ });
    await expect(read('a.csv', 'text\n"never closed\n')).rejects.toMatchObject({ message: /not closed/ });
  });

  test('a column of Parquet, over several row groups', async () => {
    const file = parquet({
      n: [1, 2, 3, 4, 5],
      text: ['one', '', 'two', 'three', 'four'],
      other: ['a', 'b', 'c', 'd', 'e'],
    });
    const { texts, columns, cut } = await read('a.parquet', file);
    expect({ texts, columns, cut }).toEqual({
      texts: ['one', 'two', 'three', 'four'],
      columns: ['text', 'other'],
      cut: false,
    });
    expect((await read('a.parquet', file, 'other')).texts).toHaveLength(5);
    await expect(read('a.parquet', file, 'n')).rejects.toMatchObject({ code: 'data', remedy: /text, other/ });
    await expect(read('a.parquet', 'not at all')).rejects.toMatchObject({ message: /cannot be read as Parquet/ });
    await expect(read('a.parquet', file.slice(0, 60))).rejects.toMatchObject({ code: 'data' });
  });
});

test.each<[string, string, Uint8Array<ArrayBuffer>, RegExp]>([
  ['empty', 'a.txt', utf8(''), /is empty/],
  ['white space', 'a.txt', utf8(' \n\n '), /only white space/],
  ['UTF-16 with a mark', 'a.txt', new Uint8Array([0xff, 0xfe, ...utf16('words')]), /UTF-16/],
  ['UTF-16 without a mark', 'a.txt', utf16('Words in wide letters.'), /UTF-16/],
  ['Latin-1', 'a.txt', latin1('Fünf hübsche Mädchen lächelten.'), /Latin-1/],
  ['an image', 'a.txt', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]), /binary/],
  ['an archive', 'a.txt', new Uint8Array([0x50, 0x4b, 3, 4, 20, 0, 8, 0]), /binary/],
  ['noise', 'a.csv', Uint8Array.from({ length: 500 }, (_, i) => 128 + ((i * 97) % 128)), /binary/],
  ['empty Parquet', 'a.parquet', utf8(''), /is empty/],
])('%s is refused in a sentence', async (_, file, bytes, words) => {
  await expect(read(file, bytes)).rejects.toMatchObject({ code: 'data', message: words, file });
});

test('a file beyond the limit is refused before it is read', async () => {
  const source = { ...memorySource(new Map(), 'here'), readAll: async () => 'large' as const };
  await expect(readTexts(source, 'a.txt')).rejects.toMatchObject({ code: 'data', message: /larger than 256 MB/ });
});

test('WikiText comes from the hub by ranges, stays in the store, and its two sizes stay apart', async () => {
  const part = (words: string) => parquet({ text: [` = ${words} = \n`, '', ` ${'more '.repeat(900)}\n`] });
  const files = new Map([
    ['wikitext-2-raw-v1/train-00000-of-00001.parquet', part('Train')],
    ['wikitext-2-raw-v1/validation-00000-of-00001.parquet', part('Valid')],
    ['wikitext-103-raw-v1/train-00000-of-00002.parquet', part('First')],
    ['wikitext-103-raw-v1/train-00001-of-00002.parquet', part('Second')],
    ['wikitext-103-raw-v1/validation-00000-of-00001.parquet', part('Valid')],
  ]);
  await using hub = await serveHub('Salesforce/wikitext', files);
  const store = new Store(memoryDisk());
  const from = { endpoint: hub.endpoint, revision: COMMIT };
  const shares: number[] = [];
  const onProgress = ({ loaded, total }: { loaded: number; total: number }) => shares.push(loaded / total);
  const { source, train, heldOut } = await fetchWikitext(store, 'wikitext-2', from, { onProgress });
  expect(shares.at(-1)).toBe(1);
  expect((await readTexts(source, train[0]!)).texts[0]).toBe(' = Train = \n');
  expect((await readTexts(source, heldOut)).texts[0]).toBe(' = Valid = \n');
  expect((await fetchWikitext(store, 'wikitext-103', from)).train).toHaveLength(2);

  // What is here needs no network.
  await hub.stop();
  expect((await fetchWikitext(store, 'wikitext-2', from)).train).toEqual(train);
  expect((await store.list()).map(({ kind, name, complete }) => [kind, name, complete])).toEqual(
    expect.arrayContaining([
      ['dataset', 'wikitext-2', true],
      ['dataset', 'wikitext-103', true],
    ]),
  );
});
