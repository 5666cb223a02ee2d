import { describe, expect, test } from 'vitest';
import { Slot } from '../diffusion/canvas.ts';
import { formatTurns } from '../diffusion/conversation.ts';
import { readConfig } from '../model/families/index.ts';
import { chatPrompt, dllmTemplate } from './chat-template.ts';
import type { Tokenizer } from './model.ts';
import { canvasFor, messagesOf, promptIds, startId } from './prompt.ts';

const MASK = 1;
/** One token per character; `_` is the mask. */
const tokenizer: Tokenizer = {
  encode: (text) => [...text].map((char) => (char === '_' ? MASK : char.charCodeAt(0))),
  decode: (ids) => String.fromCharCode(...ids),
  piece: (id) => String.fromCharCode(id),
};
const { arch } = readConfig({
  model_type: 'modernbert',
  vocab_size: 300,
  mask_token_id: MASK,
  max_position_embeddings: 40,
});
const ask = (mode: 'continue' | 'fill' | 'chat', prompt: string, length = 3) =>
  canvasFor({ mode, prompt, length }, tokenizer, arch);
const { Given: G, Masked: M } = Slot;

test('continue puts masks after the prompt', () => {
  const canvas = ask('continue', 'ab');
  expect([...canvas.ids]).toEqual([97, 98, MASK, MASK, MASK]);
  expect([...canvas.states]).toEqual([G, G, M, M, M]);
});

test('masks typed into a prompt to be continued are open, too', () => {
  expect([...ask('continue', 'a_b', 1).states]).toEqual([G, M, G, M]);
});

test('an empty prompt gives a canvas of masks', () => {
  expect([...ask('continue', '').states]).toEqual([M, M, M]);
});

test('fill takes the text as it is and ignores the length', () => {
  expect([...ask('fill', '_b_', 999).states]).toEqual([M, G, M]);
});

test('a text to be edited begins with the token that begins every text, which alone is given', () => {
  const own = canvasFor({ mode: 'edit', prompt: 'ab_', length: 3 }, tokenizer, arch);
  expect([...own.ids]).toEqual([startId(arch), 97, 98, MASK]);
  expect([...own.states]).toEqual([G, Slot.Revealed, Slot.Revealed, M]);
  const written = canvasFor({ mode: 'continue', process: 'edits', prompt: 'a', length: 2 }, tokenizer, arch);
  expect([...written.ids]).toEqual([startId(arch), 97, MASK, MASK]);
  expect([...written.states]).toEqual([G, G, M, M]);
});

test('chat continues dLLM’s template', () => {
  expect(chatPrompt([{ role: 'user', content: ' Hi there\n' }])).toBe(
    '[Question]\nHi there\n[/Question]\n\n[Answer]\n',
  );
  const long = { ...arch, maxLength: 100 };
  const canvas = canvasFor({ mode: 'chat', prompt: 'Hi', length: 2 }, tokenizer, long, dllmTemplate);
  expect(tokenizer.decode([...canvas.ids])).toBe(`${chatPrompt([{ role: 'user', content: 'Hi' }])}\u0001\u0001`);
});

test('a canvas may be as long as the model reads, not longer', () => {
  expect(ask('continue', 'abcd', 36).ids).toHaveLength(40);
  expect(() => ask('continue', 'abcde', 36)).toThrow(
    '5 tokens and 36 more are asked for, but this model reads at most 40',
  );
  expect(() => ask('continue', 'abcde', 36)).toThrow(
    expect.objectContaining({ code: 'canvas', remedy: expect.stringContaining('at most 35') }),
  );
  expect(() => ask('continue', 'a'.repeat(50), 1)).toThrow(expect.objectContaining({ remedy: 'Shorten the prompt.' }));
  expect(() => ask('fill', '_'.repeat(41))).toThrow('at most 40');
});

test('what cannot be filled in is said in words', () => {
  expect(() => ask('fill', 'abc')).toThrow('no \u0001.');
  const { arch: causal } = readConfig({ model_type: 'modernbert-decoder', vocab_size: 300 });
  expect(() => canvasFor({ mode: 'fill', prompt: 'a', length: 1 }, tokenizer, causal)).toThrow(/left to right/);
  const maskless = { ...arch, ids: { ...arch.ids, mask: undefined } };
  expect(() => canvasFor({ mode: 'continue', prompt: 'a', length: 1 }, tokenizer, maskless)).toThrow('no mask token');
});

describe('a conversation', () => {
  const chat = { mode: 'chat', prompt: ' And you? ', length: 4, system: 'Be brief.\n' } as const;
  const turns = formatTurns([{ question: 'How are you?', answer: 'Fine.' }]);
  const wide = { ...arch, maxLength: 400 };

  test('is written down anew for every question, without special tokens', () => {
    const rendered =
      '[SYS]\nBe brief.\n[/SYS]\n\n[Question]\nHow are you?\n[/Question]\n\n[Answer]\nFine.\n[/Answer]\n\n' +
      '[Question]\nAnd you?\n[/Question]\n\n[Answer]\n';
    const canvas = canvasFor({ ...chat, turns }, tokenizer, wide, dllmTemplate);
    expect(tokenizer.decode([...canvas.ids])).toBe(`${rendered}${'\u0001'.repeat(4)}`);
    expect(promptIds({ ...chat, turns }, tokenizer, dllmTemplate)).toHaveLength(rendered.length);
    // The other modes know of no turns.
    expect(promptIds({ ...chat, turns, mode: 'continue' }, tokenizer)).toHaveLength(chat.prompt.length);
  });

  test('an empty system text is none', () => {
    expect(messagesOf({ ...chat, system: ' \n' })).toEqual([{ role: 'user', content: ' And you? ' }]);
  });

  test('too long for the model: says so, and what to drop', () => {
    const narrow = { ...arch, maxLength: 120 };
    expect(() => canvasFor({ ...chat, turns }, tokenizer, narrow, dllmTemplate)).toThrow(
      expect.objectContaining({
        code: 'canvas',
        message: expect.stringMatching(/^The conversation has 1\d\d tokens and 4 more/),
        remedy: 'Drop the oldest turns.',
      }),
    );
  });

  test('a model without a template cannot hold one', () => {
    expect(() => canvasFor(chat, tokenizer, wide)).toThrow('no chat template');
  });
});

describe('a mask that somebody speaks of in a chat', () => {
  /** `[MASK]` is one token, the rest one per character. */
  const spelling: Tokenizer = {
    encode: (text) =>
      text
        .split(/(\[MASK\])/)
        .flatMap((part) => (part === '[MASK]' ? [MASK] : [...part].map((char) => char.charCodeAt(0)))),
    decode: (ids) => ids.map((id) => (id === MASK ? '[MASK]' : String.fromCharCode(id))).join(''),
    piece: (id) => (id === MASK ? ' [MASK]' : String.fromCharCode(id)),
  };
  const chat = (asked: { prompt: string; system?: string; turns?: string }) =>
    canvasFor({ mode: 'chat', length: 2, ...asked }, spelling, { ...arch, maxLength: 400 }, dllmTemplate);

  test.each([
    ['in the question', { prompt: 'What does [MASK] mean?' }],
    ['alone', { prompt: '[MASK]' }],
    ['twice in a row', { prompt: 'a [MASK][MASK] b' }],
    [
      'in an earlier turn',
      { prompt: 'And?', turns: formatTurns([{ question: '[MASK]?', answer: 'I wrote [MASK].' }]) },
    ],
    ['in the system text', { prompt: 'Hi', system: 'Never say [MASK].' }],
  ])('%s stays words', (_, asked) => {
    const { ids, states } = chat(asked);
    expect([...states].filter((state) => state !== G)).toEqual([M, M]);
    expect(spelling.decode([...ids].slice(0, -2))).toBe(
      chatPrompt(messagesOf({ mode: 'chat', ...asked }), dllmTemplate),
    );
  });

  test('which no tokenizer of this kind can spell is refused in words', () => {
    expect(() =>
      canvasFor({ mode: 'chat', prompt: 'a_b', length: 2 }, tokenizer, { ...arch, maxLength: 400 }, dllmTemplate),
    ).toThrow('holds masks');
  });
});
