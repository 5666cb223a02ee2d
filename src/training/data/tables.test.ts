/**
 * Tables as people's programs write them. Inputs are our own, after what was reported of such files: Excel's separators,
 * quotation marks in TSV (IANA text/tab-separated-values has no quoting), labels and ids before the text.
 */
import { describe, expect, test } from 'vitest';
import { read } from '../testing/files.ts';

const PEOPLE = ['cat', 'dog', 'owl', 'hen', 'fox'];
const PLACES = ['hill', 'river', 'barn'];
const DEEDS = ['ran to', 'slept near', 'sang about', 'looked for'];
const sentence = (i: number) =>
  `The ${PEOPLE[i % 5]} ${DEEDS[i % 4]} the ${PLACES[i % 3]}, and it was day ${'one two six ten'.split(' ')[i % 4]} of many.`;
const many = (count: number, row: (i: number) => string) => Array.from({ length: count }, (_, i) => row(i)).join('\n');

describe('TSV', () => {
  test.each(['a.tsv', 'A.TSV', 'a.tab'])('a quotation mark is a character like any other: %s', async (file) => {
    const rows = many(40, (i) => `${i}\t${i % 5 === 0 ? '"Come here," said the frog. ' : ''}${sentence(i)}`);
    const { texts, column } = await read(file, `id\ttext\n${rows}\n`);
    expect(texts).toHaveLength(40);
    expect(texts[0]).toBe(`"Come here," said the frog. ${sentence(0)}\n`);
    expect(column).toBe('text');
  });

  test('what has commas in place of tabs is called so', async () => {
    const { notes } = await read('a.tsv', `id,text\n${many(40, (i) => `${i},"${sentence(i)}"`)}\n`);
    expect(notes).toEqual([expect.stringMatching(/looks like a table. Under a name that ends in .csv/)]);
    expect((await read('a.tsv', `text\n${many(40, (i) => sentence(i))}\n`)).notes).toEqual([]);
  });

  test('words about the table above it, behind #, are left out and told; a # of the first column stays', async () => {
    const rows = many(40, (i) => `${i}\t${sentence(i)}`);
    const { texts, column, notes } = await read('a.tsv', `# made by us\r\n#2024\r\nid\ttext\r\n${rows}\r\n`);
    expect([texts.length, texts[0], column]).toEqual([40, `${sentence(0)}\n`, 'text']);
    expect(notes).toEqual([expect.stringMatching(/begin with # are left out: 2/)]);
    expect(await read('a.tsv', `#\ttext\n${rows}`)).toMatchObject({ column: 'text', notes: [] });
    const csv = many(40, (i) => `${i},"${sentence(i)}"`);
    expect(await read('a.csv', `# by us, in May, for a school\nid,text\n${csv}`)).toMatchObject({ column: 'text' });
  });

  test('a lonely one swallows nothing, wherever it stands', async () => {
    for (const lonely of ['"', '" ', '""', 'x"']) {
      const rows = many(300, (i) => `${i}\t${i === 7 || i === 190 ? lonely : ''}${sentence(i)}`);
      const { texts } = await read('a.tsv', `id\ttext\r\n${rows.replaceAll('\n', '\r\n')}`);
      expect(texts).toHaveLength(300);
      expect(texts[7]).toBe(`${lonely}${sentence(7)}\n`);
    }
  });

  test('without names of columns', async () => {
    const { texts, column, columns, notes } = await read(
      'a.tsv',
      many(30, (i) => `${i}\t2024-01-0${i % 9}\t${sentence(i)}`),
    );
    expect(texts).toHaveLength(30);
    expect({ column, columns }).toEqual({ column: 'column 3', columns: ['column 3'] });
    expect(notes).toEqual([expect.stringMatching(/no names of columns/)]);
  });
});

describe('CSV', () => {
  test.each([
    ['commas', ',', '', '\n'],
    ['semicolons, a mark and CRLF, as Excel in Europe writes', ';', '\ufeff', '\r\n'],
    ['what sep= says', '|', 'sep=|\r\n', '\r\n'],
    ['what sep= says, with a mark', ';', '\ufeffsep=;\n', '\n'],
    ['tabs', '\t', '', '\n'],
    ['pairs of colons, as MovieLens has them', '::', '', '\n'],
    ['pairs of bars', '||', '', '\r\n'],
    ['the comma of Chinese', '，', '\ufeff', '\r\n'],
    ['the semicolon of Chinese', '；', '', '\n'],
    ['waves', '~', '', '\n'],
    ['the pause mark of Japanese', '、', '', '\n'],
    ['the comma of Arabic', '،', '', '\n'],
    ['three bars', '|||', '', '\n'],
    ['a sign that somebody thought of', ' +++$+++ ', '', '\n'],
    ['commas with a space behind', ', ', '', '\n'],
    ['the line ends of old Macs', ',', '', '\r'],
  ])('%s', async (_, delimiter, before, end) => {
    const rows = Array.from({ length: 40 }, (_, i) =>
      ['"1,5"', `"He said ""so"" and ${sentence(i)}"`, i % 2 === 0 ? 'good' : 'bad'].join(delimiter),
    );
    const file = `${before}${['Nr', 'Text', 'Label'].join(delimiter)}${end}${end}${rows.join(end)}${end}`;
    const { texts, column } = await read('a.csv', file);
    expect(texts).toHaveLength(40);
    expect(texts[1]).toBe(`He said "so" and ${sentence(1)}\n`);
    expect(column).toBe('Text');
  });

  test('a separator of two signs: texts that nobody quoted, no names, fields that are empty', async () => {
    const movies = many(30, (i) => `${i}::${sentence(i)}::Comedy|Drama`);
    expect(await read('a.csv', movies)).toMatchObject({ column: 'column 2', columns: ['column 2', 'column 3'] });
    const { texts, column } = await read('a.csv', `id||note||text\n${many(30, (i) => `${i}||||${sentence(i)}`)}`);
    expect({ first: texts[0], count: texts.length, column }).toEqual({
      first: `${sentence(0)}\n`,
      count: 30,
      column: 'text',
    });
    const single = await read('a.csv', `id|note|text\n${many(30, (i) => `${i}||${sentence(i)}`)}`);
    expect([single.texts[0], single.column]).toEqual([`${sentence(0)}\n`, 'text']);
  });

  test('commas of Chinese prose separate nothing, unless the first row or numbers say so', async () => {
    const chinese = (i: number) => `从前有一只小狐狸，它住在山上的树林里，那是第${i}天。`;
    for (const name of ['正文\n', ''])
      expect((await read('a.csv', `${name}${many(30, chinese)}`)).texts[1]).toBe(`${chinese(1)}\n`);
    const named = await read('a.csv', `编号，内容\n${many(30, (i) => `${i}，${chinese(i)}`)}`);
    expect([named.texts[1], named.column]).toEqual([`${chinese(1)}\n`, '内容']);
    const bare = await read(
      'a.csv',
      many(30, (i) => `${i}，第${i}天狐狸去河边喝水。`),
    );
    expect(bare.texts[1]).toBe('第1天狐狸去河边喝水。\n');
  });

  test('decimal commas are no separators', async () => {
    const { texts, column } = await read('a.csv', `Nr;Text\n${many(30, (i) => `${i},5;"${sentence(i)}"`)}`);
    expect({ count: texts.length, column }).toEqual({ count: 30, column: 'Text' });
  });

  test('line ends and delimiters within quotation marks belong to the text', async () => {
    const poem = 'Roses are red,\nviolets, too,\n\nand ""sugar"", they say,\nis sweeter than you.';
    const { texts, notes } = await read('a.csv', `id,poem\n${many(20, (i) => `${i},"${poem}"`)}\n`);
    expect(texts).toEqual(new Array(20).fill(`${poem.replaceAll('""', '"')}\n`));
    expect(notes).toEqual([]);
  });

  test.each([
    [
      'at the beginning of a field',
      (i: number) => (i === 5 || i === 150 ? `${i},"${sentence(i)}` : `${i},${sentence(i)}`),
    ],
    [
      'at both ends of rows far apart',
      (i: number) => `${i},${i === 5 ? '"' : ''}${sentence(i)}${i === 150 ? '"' : ''}`,
    ],
    ['never closed', (i: number) => `${i},${i === 199 ? '"' : ''}${sentence(i)}`],
    ['before a word in quotation marks', (i: number) => `${i},${i === 9 ? '"Yes" is what ' : ''}${sentence(i)}`],
    [
      'beside labels',
      (i: number) => `${['good', 'bad'][i % 2]},${i === 5 || i === 60 ? '"' : ''}${sentence(i)}${i === 60 ? '"' : ''}`,
    ],
    [
      'at both ends of rows far apart, the text first',
      (i: number) => `${i === 5 ? '"' : ''}${sentence(i)}${i === 150 ? '"' : ''},${i % 2}`.replace(', and', ' and'),
    ],
  ])('a stray quotation mark swallows no rows: %s', async (_, row) => {
    const { texts } = await read('a.csv', `id,text\n${many(200, row)}\n`);
    expect(texts).toHaveLength(200);
    expect(texts[100]?.replace(',', '')).toBe(`${sentence(100).replace(',', '')}\n`);
  });

  test('one column: lines like all others are rows, and verses are a text', async () => {
    const plain = (i: number) => sentence(i).replaceAll(',', '');
    const stray = many(60, (i) => `${i === 5 ? '"' : ''}${plain(i)}${i === 40 ? '"' : ''}`);
    const { texts, notes } = await read('a.csv', `text\n${stray}\n`);
    expect(texts).toHaveLength(60);
    expect(notes).toEqual([expect.stringMatching(/not closed/)]);
    const poems = await read('a.csv', `text\n${many(20, (i) => `"${plain(i)}\n${plain(i + 1)}\nThe end."`)}\n`);
    expect(poems.texts).toHaveLength(20);
    const short = await read('a.csv', `text\n${many(20, plain)}\n"Roses\nare\nred\nhe said"\n`);
    expect(short.texts.at(-1)).toBe('Roses\nare\nred\nhe said\n');
  });

  test.each([
    ['in the middle', String.raw`"\"So,\" he said, and ran"`, '"So," he said, and ran'],
    ['at the end', String.raw`"He said, \"So\""`, 'He said, "So"'],
    ['a path, which ends in one', String.raw`"C:\dir, or so\"`, 'C:\\dir, or so\\'],
  ])('quotation marks escaped by a backslash, as Spark writes them: %s', async (_, cell, text) => {
    const { texts } = await read('a.csv', `id,text\n${many(20, (i) => `${i},${cell}`)}\n`);
    expect(texts).toEqual(new Array(20).fill(`${text}\n`));
  });

  test('names of columns alone are no text', async () => {
    await expect(read('a.csv', 'id,text\n')).rejects.toMatchObject({ message: /has no rows/ });
    expect((await read('a.csv', 'It was a day, and it ended.\n')).texts).toHaveLength(1);
  });

  test.each(['NaN', 'nan', 'None', 'null', '<NA>', 'N/A'])('%s is no text', async (nothing) => {
    const csv = (cell: (i: number) => string) =>
      `id,text\nr-1,${many(20, (i) => cell(i).replaceAll(',', '')).replaceAll('\n', '\nr-2,')}`;
    const some = await read(
      'a.csv',
      csv((i) => (i % 4 === 0 ? nothing : sentence(i))),
    );
    expect(some.texts).toHaveLength(15);
    expect(some.notes).toEqual([expect.stringMatching(/Where text says NaN, null or None/)]);
    const none = csv(() => nothing);
    expect((await read('a.csv', none)).columns).toEqual(['id']);
    await expect(read('a.csv', none, 'text')).rejects.toMatchObject({ message: /The column text of a.csv holds NaN/ });
    await expect(read('a.csv', `text,n\n${many(9, (i) => `${nothing},${i}`)}`)).rejects.toMatchObject({
      message: /The column text of a.csv holds NaN/,
    });
  });

  test('commas of a text that nobody quoted stay in it, and it is said', async () => {
    const { texts, notes } = await read('a.csv', `id,text\n${many(30, (i) => `${i},${sentence(i)}`)}`);
    expect(texts).toHaveLength(30);
    expect(texts[3]).toBe(`${sentence(3)}\n`);
    expect(notes).toEqual([expect.stringMatching(/30 of 30 rows .* more or fewer fields/)]);
  });

  test('one column of sentences, with and without a name', async () => {
    const rows = many(30, (i) => sentence(i).replaceAll(',', ''));
    expect((await read('a.csv', `text\n${rows}`)).texts).toHaveLength(30);
    const bare = await read('a.csv', rows);
    expect(bare.texts).toHaveLength(30);
    expect(bare.notes).toEqual([expect.stringMatching(/no names of columns/)]);
  });

  test('names that are missing or come twice are told apart', async () => {
    const { columns } = await read('a.csv', `,note,note\n${many(30, (i) => `${i},${PEOPLE[i % 5]},"${sentence(i)}"`)}`);
    expect(columns).toEqual(['note', 'note (again)']);
  });
});

describe('the column is chosen by what stands in it', () => {
  const numbered = Array.from({ length: 60 }, (_, i) => i);
  const table = (columns: Record<string, (i: number) => string>) =>
    [
      Object.keys(columns),
      ...numbered.map((i) => Object.values(columns).map((cell) => `"${cell(i).replaceAll('"', '""')}"`)),
    ]
      .map((row) => row.join(','))
      .join('\n');
  const others = {
    label: (i: number) => (i % 2 === 0 ? 'positive' : 'negative'),
    id: (i: number) => `conv-00${i}-a`,
    date: (i: number) => `Monday, ${i} March 2024`,
    url: (i: number) => `https://example.org/a-very-long-path/with/many/words-in-it-${i}`,
    mail: (i: number) => `somebody.with.a.long.name.${i}@example.org`,
    hash: (i: number) => `9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f0${i}a0`,
    path: (i: number) => `/data/a/very/long/path/that/says/more/than/the/text/itself/and/goes/on/and/on/${i}.png`,
    price: (i: number) => `${i},50 EUR`,
    instruction: () => 'Please tell me in your own words what this story is about, and do not be brief.',
  };
  test.each(['review', 'a', 'text', 'Beschreibung', '内容'])('prose in a column named %s', async (name) => {
    const first = await read('a.csv', table({ ...others, [name]: sentence }));
    const last = await read('a.csv', table({ [name]: sentence, ...others }));
    expect([first.column, last.column]).toEqual([name, name]);
    expect(first.columns).toContain('label');
    expect(first.texts).toHaveLength(60);
  });

  test('Chinese prose, which has no spaces', async () => {
    const chinese = (i: number) => `从前有一只小狐狸，它住在山上的树林里，那是第${i}天。`;
    expect((await read('a.csv', table({ ...others, 正文: chinese }))).column).toBe('正文');
  });

  test('short prose beside long paths', async () => {
    const { column } = await read(
      'a.csv',
      table({ path: others.path, note: (i) => `The ${PEOPLE[i % 5]} of day ${i}.` }),
    );
    expect(column).toBe('note');
  });

  test('another one can be asked for, and what is not there is said with what is', async () => {
    const csv = table({ ...others, review: sentence });
    expect((await read('a.csv', csv, 'label')).texts[0]).toBe('positive\n');
    await expect(read('a.csv', csv, 'nothing')).rejects.toMatchObject({
      code: 'data',
      message: /column "nothing"/,
      remedy: /label, id, date/,
    });
  });

  test('columns of numbers alone are none', async () => {
    await expect(read('a.csv', 'a,b\n1,2\n3,4\n')).rejects.toMatchObject({ message: /no column of text/ });
  });
});
