/** Parquet in every codec, nested, without types, and damaged. Inputs are our own, made here. */
import { describe, expect, test } from 'vitest';
import { memorySource } from '../../checkpoint/sources.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { listOfTexts, MESSAGES, parquet, read, root, text, utf8 } from '../testing/files.ts';
import { readParquetRows } from './parquet.ts';
import { readRows } from './rows.ts';
import { readTexts } from './texts.ts';

const SAID = Array.from({ length: 7 }, (_, i) => `The fox ran to hill ${i}, and then it slept until the morning.`);
const plain = SAID.map((each) => `${each}\n`);

test('a column over several row groups', async () => {
  const file = parquet({
    n: [1, 2, 3, 4, 5],
    text: ['one', '', 'two', 'three', 'four'],
    other: ['a', 'b', 'c', 'd', 'e'],
  });
  const { texts, columns, cut } = await read('a.parquet', file);
  expect({ texts, columns, cut }).toEqual({
    texts: ['one\n', 'two\n', 'three\n', 'four\n'],
    columns: ['text', 'other'],
    cut: false,
  });
  expect((await read('a.parquet', file, 'other')).texts).toHaveLength(5);
  await expect(read('a.parquet', file, 'n')).rejects.toMatchObject({ code: 'data', remedy: /text, other/ });
});

test.each(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD', 'LZ4', 'LZ4_RAW'] as const)(
  'codec %s',
  async (codec) => {
    expect(
      (await read('a.parquet', parquet({ id: SAID.map((_, i) => `id-${i}`), text: SAID }, { codec }))).texts,
    ).toEqual(plain);
  },
);

describe('nested columns', () => {
  const conversation = [
    { role: 'user', content: 'Who ran to the hill?' },
    { role: 'assistant', content: 'The fox did.' },
  ];
  const written = 'User: Who ran to the hill?\nAssistant: The fox did.\n';

  test('messages beside an id are read as conversations', async () => {
    const file = parquet(
      { id: ['conv-0', 'conv-1', 'conv-2'], messages: [conversation, conversation, conversation] },
      { schema: [root(2), text('id'), ...MESSAGES] },
    );
    expect(await read('a.parquet', file)).toMatchObject({
      column: 'messages',
      columns: ['id', 'messages'],
      texts: [written, written, written],
    });
  });

  test('lists of texts are read as one text a row', async () => {
    const file = parquet(
      { sentences: [SAID.slice(0, 2), SAID.slice(2, 3)] },
      { schema: [root(1), ...listOfTexts('sentences')] },
    );
    expect((await read('a.parquet', file)).texts).toEqual([plain.slice(0, 2).join(''), plain[2]]);
  });

  test('fields of a struct are offered by their paths, and can be read', async () => {
    const file = parquet(
      { title: SAID.map((_, i) => `T${i}`), page: SAID.map((body) => ({ body, by: 'me' })) },
      {
        schema: [
          root(2),
          text('title'),
          { name: 'page', repetition_type: 'OPTIONAL', num_children: 2 },
          text('body'),
          text('by'),
        ],
      },
    );
    const { columns = [], column, texts } = await read('a.parquet', file);
    expect({ columns, column, texts }).toEqual({
      columns: ['title', 'page.body', 'page.by'],
      column: 'page.body',
      texts: plain,
    });
    for (const each of columns) expect((await read('a.parquet', file, each)).texts).toHaveLength(7);
  });
});

describe('columns of bytes', () => {
  const bytes = (values: Uint8Array[], name = 'text') =>
    parquet(
      { [name]: values, n: values.map((_, i) => i) },
      {
        schema: [
          root(2),
          { name, type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
          { name: 'n', type: 'INT32', repetition_type: 'OPTIONAL' },
        ],
      },
    );

  test('are text where they are UTF-8', async () => {
    expect((await read('a.parquet', bytes(SAID.map(utf8)))).texts).toEqual(plain);
  });

  test('are called binary where they are not', async () => {
    const pictures = bytes(
      SAID.map((_, i) => Uint8Array.of(0xff, 0xd8, 0xff, i)),
      'image',
    );
    const words = { code: 'data', message: 'The column image of a.parquet holds binary data, not text.' };
    await expect(read('a.parquet', pictures)).rejects.toMatchObject(words);
    await expect(read('a.parquet', pictures, 'image')).rejects.toMatchObject(words);
  });
});

test('no rows, no words, no Parquet: a sentence each', async () => {
  await expect(read('a.parquet', parquet({ n: [1, 2, 3] }))).rejects.toMatchObject({ message: /no column of text/ });
  await expect(read('a.parquet', 'not at all')).rejects.toMatchObject({ message: /cannot be read as Parquet/ });
  await expect(read('a.parquet', '')).rejects.toMatchObject({ message: /is empty/ });
  const whole = parquet({ text: SAID });
  await expect(read('a.parquet', whole.slice(0, 60))).rejects.toMatchObject({ code: 'data' });
});

// What a clone without Git LFS, a spreadsheet and a command that packs leave under that name.
test.each([
  ['version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n', /is a pointer of Git LFS/],
  ['PK\x03\x04\x14\x00 and what a zip goes on with', /in the format ZIP/],
  ['ARROW1\x00\x00 and what Arrow goes on with', /in the format Arrow/],
])('another format is called by its name', async (content, message) => {
  await expect(read('a.parquet', content)).rejects.toMatchObject({ code: 'data', message });
});

// A reader went backwards without end where the length of a page was negative; reported with one changed byte of a file.
test.each(['SNAPPY', 'UNCOMPRESSED', 'ZSTD', 'LZ4'] as const)(
  'any one byte changed ends in texts or a sentence, soon: %s',
  async (codec) => {
    const whole = parquet(
      { text: SAID.slice(0, 4), list: SAID.slice(0, 4).map((each) => [each]) },
      {
        codec,
        schema: [root(2), text('text'), ...listOfTexts('list')],
      },
    );
    let [read, refused] = [0, 0];
    for (let at = 4; at < whole.length; at++) {
      const damaged = whole.slice();
      damaged[at] = (damaged[at] as number) ^ ([0x01, 0x80, 0xff][at % 3] as number);
      const source = memorySource(new Map([['a.parquet', damaged]]), 'here');
      try {
        await readTexts(source, 'a.parquet', { column: at % 2 ? 'list' : 'text' });
        read++;
      } catch (error) {
        expect(error).toBeInstanceOf(UnmaskError);
        refused++;
      }
    }
    expect(read).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  },
);

test('whole rows come with all their columns, no more of them than are wanted', async () => {
  const file = parquet(
    { id: [7, 8, 9], question: ['One?', 'Two?', 'Three?'], choices: [['a', 'b'], ['c'], ['d']] },
    {
      schema: [
        root(3),
        { name: 'id', type: 'INT32', repetition_type: 'OPTIONAL' },
        text('question'),
        ...listOfTexts('choices'),
      ],
    },
  );
  const source = memorySource(new Map([['a.parquet', file]]), 'test');
  expect(await readRows(source, 'a.parquet')).toEqual([
    { id: 7, question: 'One?', choices: ['a', 'b'] },
    { id: 8, question: 'Two?', choices: ['c'] },
    { id: 9, question: 'Three?', choices: ['d'] },
  ]);
  expect((await readParquetRows(source, 'a.parquet', { most: 2 })).rows).toHaveLength(2);
});
