/** JSON as data sets and their exporters write it. Inputs are our own, after the layouts of Alpaca, ShareGPT, SQuAD, pandas. */
import { describe, expect, test } from 'vitest';
import { readPython } from '../../text/python-literal.ts';
import { read } from '../testing/files.ts';

const SAID = ['The fox ran to the hill.', 'The owl sat in the tree.', 'A boat was on the river.'];
const json = (value: unknown) => JSON.stringify(value, null, 1);
const lines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');
const plain = SAID.map((text) => `${text}\n`);

test('of several lists the longest is read, and it is said which', async () => {
  const rows = SAID.map((text) => ({ text }));
  const { texts, notes } = await read('a.json', json({ train: rows, test: rows.slice(1) }));
  expect(texts).toEqual(plain);
  expect(notes).toEqual(['Of the lists in a.json only train is read, not test.']);
});

test.each([
  ['lines', 'a.txt', lines(SAID.map((text) => ({ text })))],
  ['an array', 'a.md', json(SAID)],
  ['conversations', 'notes', json([{ messages: [{ role: 'user', content: SAID[0] }] }])],
])('JSON under another ending is read as such, and it is said: %s', async (_, file, content) => {
  const { texts, notes } = await read(file, content);
  expect(texts.join('')).not.toMatch(/[{}"]/);
  expect(notes[0]).toBe(`${file} holds JSON and is read as such.`);
});

test('a text that begins with a bracket is a text', async () => {
  for (const content of ['[Verse 1]\nThe owl sat.', '{ Once } upon a time.', '[1] A note.\n[2] Another.']) {
    expect(await read('a.txt', content)).toMatchObject({ texts: [content], notes: [] });
  }
});

describe('the list is found', () => {
  const rows = SAID.map((text, i) => ({ id: `row-${i}`, text }));
  test.each<[string, string, string]>([
    ['an array of texts', 'a.json', json(SAID)],
    ['an array of objects', 'a.json', json(rows)],
    ['an object with one array', 'a.json', json({ version: '1.1', data: rows })],
    ['an object with an array of texts', 'a.json', json({ name: 'stories', texts: SAID })],
    ['an array two objects down', 'a.json', json({ dataset: { info: { made: 'by us' }, rows } })],
    [
      'columns of rows by number, as pandas writes',
      'a.json',
      json({ text: { ...SAID }, label: { ...['x', 'y', 'z'] } }),
    ],
    ['columns as lists', 'a.json', json({ id: ['a', 'b', 'c'], text: SAID })],
    ['rows by name', 'a.json', json(Object.fromEntries(rows.map((row) => [row.id, { text: row.text }])))],
    ['a line each, under the wrong name', 'a.json', lines(rows)],
    ['an array, under the name of lines', 'a.jsonl', lines([rows])],
    ['a line each', 'a.jsonl', `${lines(rows)}\n\n`],
    ['a text each line', 'a.ndjson', lines(SAID)],
    ['a list each line', 'a.jsonl', lines(rows.map(({ id, text }) => [id, text]))],
    [
      'names and rows apart, as pandas writes',
      'a.json',
      json({ columns: ['id', 'text'], index: [0, 1, 2], data: rows.map(({ id, text }) => [id, text]) }),
    ],
    ['values over many lines, as jq prints them', 'a.jsonl', rows.map(json).join('\n')],
    ['Windows line ends', 'a.jsonl', lines(rows).replaceAll('\n', '\r\n')],
  ])('%s', async (_, file, content) => {
    expect((await read(file, content)).texts).toEqual(plain);
  });

  test('questions and answers of SQuAD, a list of texts and a path into a row', async () => {
    const squad = {
      version: '2',
      data: SAID.map((context) => ({ title: 'T', paragraphs: [{ context, qas: [{ question: 'Who?' }] }] })),
    };
    const { texts, columns } = await read('a.json', json(squad));
    expect(texts).toEqual(plain);
    expect(columns).toContain('paragraphs.context');
    const parts = await read('a.jsonl', lines(SAID.map((text) => ({ parts: [text, text] }))));
    expect(parts.texts).toEqual(SAID.map((text) => `${text}\n${text}\n`));
  });

  test('an object without a list, and an empty list, are refused in words', async () => {
    await expect(read('a.json', '[]')).rejects.toMatchObject({ code: 'data', message: /holds no list of texts/ });
    await expect(read('a.json', '{"epochs": 3, "lr": 0.1}')).rejects.toMatchObject({ code: 'data' });
    await expect(read('a.json', '5')).rejects.toMatchObject({ code: 'data' });
    await expect(read('a.jsonl', '1\n2')).rejects.toMatchObject({ message: /no column of text/ });
  });
});

describe('conversations are written out with who speaks', () => {
  const [asked, answered] = ['Who ran to the hill?', 'The fox did.'];
  const written = `User: ${asked}\nAssistant: ${answered}\n`;
  const openai = [
    { role: 'user', content: asked },
    { role: 'assistant', content: answered },
  ];
  const sharegpt = [
    { from: 'human', value: asked },
    { from: 'gpt', value: answered },
  ];
  test.each<[string, unknown, string, string]>([
    ['messages beside an id', { id: 'conv-1', messages: openai }, 'messages', written],
    ['ShareGPT', { conversations: sharegpt }, 'conversations', written],
    [
      'parts of content',
      { messages: openai.map((each) => ({ ...each, content: [{ type: 'text', text: each.content }] })) },
      'messages',
      written,
    ],
    [
      'a system prompt and a tool',
      { messages: [{ role: 'system', content: 'Be brief.' }, ...openai, { role: 'tool', content: '42' }] },
      'messages',
      `System: Be brief.\n${written}Tool: 42\n`,
    ],
    [
      'a message that only calls a tool',
      { messages: [openai[0], { role: 'assistant', tool_calls: [] }, openai[1]] },
      'messages',
      written,
    ],
    ['messages written as JSON in a field', { id: 'a', chat: JSON.stringify(sharegpt) }, 'chat', written],
    ['speakers as keys', { conversation: [{ human: asked, assistant: answered }] }, 'conversation', written],
    ['wrapped once more', { conversations: [sharegpt] }, 'conversations', written],
    [
      'speakers as types',
      {
        chat: [
          { type: 'human', content: asked },
          { type: 'ai', content: answered },
        ],
      },
      'chat',
      written,
    ],
    [
      'as Python prints them, as DataFrame.to_csv does',
      {
        chat: `[{'role': 'user', 'content': '${asked}'}, {'role': 'assistant', 'content': "${answered}", 'tool': None}]`,
      },
      'chat',
      written,
    ],
    [
      'as NumPy prints them',
      {
        chat: `[{'from': 'human', 'value': '${asked}', 'n': 1.5}\n {'from': 'gpt', 'value': '${answered}', 'ok': True}]`,
      },
      'chat',
      written,
    ],
    ['user and assistant', { user: asked, assistant: answered }, 'user + assistant', written],
    ['within an object', { data: { turns: openai } }, 'data.turns', written],
    [
      'instruction, input, output',
      { instruction: 'Answer.', input: asked, output: answered },
      'instruction + input + output',
      `User: Answer.\n${asked}\nAssistant: ${answered}\n`,
    ],
    ['an empty input', { instruction: asked, input: '', output: answered }, 'instruction + output', written],
    ['prompt and completion', { prompt: asked, completion: answered }, 'prompt + completion', written],
    ['question and answer', { id: 'q-1', question: asked, answer: answered }, 'question + answer', written],
  ])('%s', async (_, row, column, text) => {
    for (const [file, content] of [
      ['a.jsonl', lines([row, row])],
      ['a.json', json([row, row])],
    ] as const) {
      const got = await read(file, content);
      expect(got).toMatchObject({ column, texts: [text, text] });
      expect(got.notes).toContainEqual(expect.stringMatching(/conversations are written out/));
    }
  });

  test('some inputs are empty: they are left out where they are', async () => {
    const rows = [
      { instruction: asked, input: '', output: answered },
      { instruction: 'Say it.', input: 'Loudly.', output: answered },
    ];
    const { texts, columns } = await read('a.jsonl', lines(rows));
    expect(texts).toEqual([written, `User: Say it.\nLoudly.\nAssistant: ${answered}\n`]);
    expect(columns).toEqual(['instruction + input + output', 'instruction', 'output', 'input']);
  });

  test('each part can be learnt alone', async () => {
    const rows = lines([{ instruction: asked, output: answered }]);
    expect((await read('a.jsonl', rows, 'output')).texts).toEqual([`${answered}\n`]);
  });
});

test.each<[string, string, unknown]>([
  [
    'escapes',
    String.raw`[{'content': 'it\'s\n\x41\u00e9\U0001F98A', "role": "user"}]`,
    [{ content: "it's\nAé🦊", role: 'user' }],
  ],
  ['arrays', `[{'a': array([1, 2.5, -3e2], dtype=object)}]`, [{ a: [1, 2.5, -300] }]],
  ['words', `[{'a': (None, True, False, nan), 'b': {}}]`, [{ a: [null, true, false, null], b: {} }]],
  ['a rest', `[{'a': 1}] x`, undefined],
  ['a call', `[{'a': open('x')}]`, undefined],
  ['no end', `[{'a': 'b`, undefined],
  ['no key', `[{'a'}]`, undefined],
  ['too deep', '['.repeat(5000), undefined],
])('a literal of Python: %s', (_, text, value) => {
  expect(readPython(text)).toEqual(value);
});

describe('what JSON is not', () => {
  test('NaN, as Python writes it, is read as nothing, and said; not where it is a word', async () => {
    const rows = SAID.map(
      (text) => `{"score": NaN, "low": -Infinity, "text": ${JSON.stringify(`${text} NaN, he said.`)}}`,
    );
    const wanted = SAID.map((text) => `${text} NaN, he said.\n`);
    for (const [file, content] of [
      ['a.jsonl', rows.join('\n')],
      ['a.json', `[${rows.join(',')}]`],
    ] as const) {
      const { texts, notes } = await read(file, content);
      expect(texts).toEqual(wanted);
      expect(notes).toEqual([expect.stringMatching(/NaN or Infinity/)]);
    }
    expect((await read('a.jsonl', lines(['NaN stands here.', 'And here.']))).notes).toEqual([]);
  });

  test.each([
    ['a.jsonl', `${lines(SAID)}\n{"text": "cut of`, 4],
    ['a.jsonl', `{"text":"a b"}\n\n{broken}`, 3],
    ['a.jsonl', `{'text': 'as Python prints it'}`, 1],
    ['a.json', '[\n{"text": "a"},\n{"text": oh}\n]', 3],
    ['a.json', '{\n "data": [\n  "a"', 3],
  ])('a broken line is named: %s, %j', async (file, content, line) => {
    await expect(read(file, content)).rejects.toMatchObject({
      code: 'data',
      message: `Line ${line} of ${file} is no JSON.`,
    });
  });
});
