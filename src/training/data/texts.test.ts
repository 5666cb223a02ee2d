import { describe, expect, test } from 'vitest';
import { memorySource } from '../../checkpoint/sources.ts';
import { memoryDisk } from '../../checkpoint/store/disk.ts';
import { Store } from '../../checkpoint/store/store.ts';
import { COMMIT, serveHub } from '../../checkpoint/testing/hub-server.ts';
import { parquet, read } from '../testing/files.ts';
import { readTexts, textsOf } from './texts.ts';
import { fetchWikitext } from './wikitext.ts';

describe('texts of a file', () => {
  test('a plain text that looks like a table is told, and prose is not', async () => {
    const rows = (row: (i: number) => string) => Array.from({ length: 30 }, (_, i) => row(i)).join('\n');
    const said = 'The fox, who was old, ran home.';
    for (const [content, ending] of [
      [`id,text\n${rows((i) => `${i},"${said}"`)}`, '.csv'],
      [`id\ttext\n${rows((i) => `${i}\t${said}`)}`, '.tsv'],
    ] as const) {
      expect((await read('a.txt', content)).notes).toEqual([expect.stringContaining(`ends in ${ending}`)]);
    }
    for (const content of [
      rows(() => said),
      rows(() => `"Come," she said, "${said}"`),
      rows((i) => `\t${i % 3 ? '' : '\t'}${said}`),
    ])
      expect((await read('a.txt', content)).notes).toEqual([]);
  });

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

  test('of a table, each with a line end, and empty ones left out', async () => {
    expect(await read('a.jsonl', '{"text":"one two"}\n{"text":" "}\n{"text":"three\\n"}')).toMatchObject({
      texts: ['one two\n', 'three\n'],
      characters: 14,
    });
  });

  test('an unknown ending is plain text', async () => {
    expect((await read('story', 'One.\n\nTwo.')).texts).toHaveLength(2);
  });
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
