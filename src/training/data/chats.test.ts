/** Answer-only fine-tuning: which tokens of a conversation count, as dLLM has it. */
import { expect, test } from 'vitest';
import { DLLM_JINJA, dllmTemplate, openChatTemplate } from '../../checkpoint/chat-template.ts';
import type { Tokenizer } from '../../checkpoint/model.ts';
import { memorySource } from '../../checkpoint/sources.ts';
import { utf8 } from '../model-files.ts';
import { parquet } from '../testing/files.ts';
import { readMessages } from './conversations.ts';
import { makeDataset } from './dataset.ts';
import { readTexts } from './texts.ts';

/** A token a character. */
const tokenizer = { encode: (text: string) => [...text].map((each) => each.codePointAt(0) as number) } as Tokenizer;
const PAD = 0;
const arch = { ids: { mask: 1, pad: PAD, cls: 2, sep: 3, bos: undefined, eos: undefined }, maxLength: 1000 };
const shape = { rows: 'chats', length: 80, padding: 'learnt' } as const;

const talk = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: ' Hi ' },
  { role: 'assistant', content: 'Ho' },
  { role: 'user', content: 'And?' },
  { role: 'assistant', content: 'So.' },
  { role: 'user', content: 'Left open' },
];

async function textsOf(name: string, bytes: Uint8Array<ArrayBuffer>) {
  return readTexts(memorySource(new Map([[name, bytes]]), 'a folder'), name, { chats: true });
}

test('the last answer counts, with the padding behind it; what comes before is read', async () => {
  const { texts, notes } = await textsOf('a.jsonl', utf8(`${JSON.stringify({ id: 7, messages: talk })}\n`));
  expect(notes.join()).toContain('Only the last answer');
  // The question that nobody answered is left out.
  expect(readMessages(texts[0] as string).at(-1)).toEqual({ role: 'assistant', content: 'So.' });
  const asked =
    '[SYS]\nBe brief.\n[/SYS]\n\n[Question]\nHi\n[/Question]\n\n[Answer]\nHo\n[/Answer]\n\n[Question]\nAnd?\n[/Question]\n\n[Answer]\n';
  const length = asked.length + 30;
  const { ids, maskable, count } = await makeDataset(texts, { tokenizer, arch }, { ...shape, length });
  expect(count).toBe(1);
  const row = [...ids].map((id) => (id === PAD ? '·' : String.fromCodePoint(id))).join('');
  expect(row).toBe(`${asked}So.\n[/Answer]\n\n`.padEnd(length, '·'));
  expect([...maskable].join('')).toBe('1'.repeat(30).padStart(length, '0'));
  const seen = await makeDataset(texts, { tokenizer, arch }, { ...shape, length, padding: 'seen' });
  expect([...seen.maskable].join('')).toBe(
    '1'
      .repeat('So.\n[/Answer]\n\n'.length)
      .padStart(asked.length + 15, '0')
      .padEnd(length, '0'),
  );
});

test('rows are cut at their right end; a question that fills one is left out, which is counted', async () => {
  const chat = (question: string) => ({
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: 'y'.repeat(90) },
    ],
  });
  const file = [chat('short'), chat('x'.repeat(200))].map((each) => JSON.stringify(each)).join('\n');
  const { texts } = await textsOf('a.jsonl', utf8(file));
  const { count, left, maskable, ids } = await makeDataset(texts, { tokenizer, arch }, shape);
  expect([count, left]).toEqual([1, 1]);
  expect(ids.length).toBe(80);
  expect(maskable.at(-1)).toBe(1);
});

test('the template of the model is the one that is learnt, and a table of questions and answers is a chat', async () => {
  const { texts } = await textsOf('a.csv', utf8('instruction,input,output\nSay it,loud,"HEY you, there"\n'));
  const template: typeof dllmTemplate = {
    render: (messages, open) =>
      messages.map(({ role, content }) => `<${role}>${content}`).join('') + (open ? '<assistant>' : ''),
  };
  const { ids, maskable } = await makeDataset(texts, { tokenizer, arch, chatTemplate: template }, shape);
  const learnt = [...ids].filter((id, i) => maskable[i] === 1 && id !== PAD);
  expect(String.fromCodePoint(...learnt)).toBe('HEY you, there');
  expect(String.fromCodePoint(...[...ids].filter((id) => id !== PAD))).toBe(
    '<user>Say it\nloud<assistant>HEY you, there',
  );
});

test('Parquet holds nested messages; what holds none is refused in words', async () => {
  const bytes = parquet({ messages: [JSON.stringify(talk), JSON.stringify(talk)] });
  const { texts } = await textsOf('a.parquet', bytes);
  expect(texts.map((text) => readMessages(text).length)).toEqual([5, 5]);
  await expect(textsOf('a.txt', utf8('Only prose.'))).rejects.toMatchObject({ code: 'data' });
  await expect(textsOf('a.jsonl', utf8('{"text":"Only prose, and no chat at all."}'))).rejects.toThrow(
    /no conversations/,
  );
});

test('the template that a model keeps says what it has learnt', async () => {
  const kept = await openChatTemplate('mine', {}, DLLM_JINJA);
  const messages = [
    { role: 'system', content: ' Be "brief".\n' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Ho\nho' },
  ] as const;
  for (const open of [true, false]) expect(kept?.render(messages, open)).toBe(dllmTemplate.render(messages, open));
});

test('exchanges whose parts are lists of messages, and a question that the answer repeats', async () => {
  const [question, answer] = [
    { role: 'user', content: 'Hi?' },
    { role: 'assistant', content: 'Ho.' },
  ];
  for (const row of [
    { prompt: [question], completion: [answer] },
    { prompt: 'Hi?', completion: [answer] },
    { prompt: 'Hi?', chosen: [question, answer], rejected: [question, { ...answer, content: 'No.' }] },
  ]) {
    const { texts } = await textsOf('a.jsonl', utf8(`${JSON.stringify(row)}\n`));
    expect(texts.map((text) => readMessages(text))).toEqual([[question, answer]]);
  }
});

test('a conversation kept as a tree, down to its latest answer', async () => {
  const node = (parent: string | null, children: string[], role?: string, said = '') => ({
    parent,
    children,
    message: role === undefined ? null : { author: { role }, content: { content_type: 'text', parts: [said] } },
  });
  const mapping = {
    '7f-01': node('7f-00', ['7f-02', '7f-03'], 'user', 'Hi?'),
    '7f-00': node(null, ['7f-01']),
    '7f-02': node('7f-01', [], 'assistant', 'No.'),
    '7f-03': node('7f-01', [], 'assistant', 'Ho.'),
  };
  const { texts, column } = await textsOf('a.json', utf8(JSON.stringify([{ title: 'A talk about hens', mapping }])));
  expect(column).toBe('mapping');
  expect(texts.map((text) => readMessages(text).map(({ content }) => content))).toEqual([['Hi?', 'Ho.']]);
});
