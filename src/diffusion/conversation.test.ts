import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHAT_DEFAULTS, defaultsOf, inMode } from './chat-defaults.ts';
import { formatTurns, parseTurns } from './conversation.ts';
import { revealPlan } from './plan.ts';
import { scheduleByName } from './schedule.ts';
import { defaultSettings } from './settings.ts';
import { CHAT, FIRST, LARGE } from './shipped.ts';
import { anyTurns } from './testing/arbitrary.ts';

test('turns travel as text and come back', () => {
  fc.assert(fc.property(anyTurns, (turns) => void expect(parseTurns(formatTurns(turns))).toEqual(turns)));
  expect(formatTurns([])).toBe('');
  expect(formatTurns([{ question: 'Hi', answer: 'Ho "ho"' }])).toBe('[["Hi","Ho \\"ho\\""]]');
});

test.each(['x', '{}', '["a","b"]', '[["a"]]', '[["a",1]]', '[[1,"a"]]', `[["${'a'.repeat(2 ** 19)}","b"]]`])(
  'what is no conversation is said in words: %.20s',
  (text) => {
    expect(() => parseTurns(text)).toThrow(
      expect.objectContaining({ code: 'settings', message: expect.stringContaining('must be') }),
    );
  },
);

test('dLLM chats in four blocks of 32 passes, one token each, always the likeliest', () => {
  const chat = defaultsOf('chat');
  expect(chat).toMatchObject({
    mode: 'chat',
    length: 128,
    steps: 128,
    block: 32,
    temperature: 0,
    guidance: 0,
    topP: 1,
  });
  const { block, length, steps } = CHAT_DEFAULTS;
  expect(revealPlan(scheduleByName('linear'), block, (steps * block) / length)).toEqual(
    Array.from({ length: 32 }, (_, grid) => ({ grid, count: 1 })),
  );
  const { block: whole, orderTemperature, model, ...rest } = defaultsOf('continue');
  expect(defaultSettings()).toMatchObject(rest);
  expect([whole, orderTemperature, model]).toEqual([0, 0.1, FIRST]);
  // A link or a file that names no model means the one that it always meant.
  expect(defaultSettings().model).toBe('stories');
});

test('a change of mode brings its defaults along, and leaves alone what somebody has chosen', () => {
  const plain = defaultsOf('continue');
  expect(inMode(plain, 'chat')).toEqual(defaultsOf('chat'));
  expect(inMode(inMode(plain, 'chat'), 'fill')).toEqual({ ...plain, mode: 'fill' });
  // A repair takes the likeliest token.
  expect(inMode(plain, 'edit')).toEqual({ ...plain, mode: 'edit', temperature: 0 });
  expect(inMode(inMode(plain, 'edit'), 'continue')).toEqual(plain);
  expect(inMode({ ...plain, steps: 9 }, 'chat')).toEqual({ ...defaultsOf('chat'), steps: 9 });
  expect(inMode({ ...defaultsOf('chat'), temperature: 0.7 }, 'continue')).toEqual({ ...plain, temperature: 0.7 });
});

test('the small model that chats has a shorter canvas, and hands it back with the mode or to another model', () => {
  const plain = defaultsOf('continue');
  const tiny = inMode(plain, 'chat', CHAT);
  expect(tiny).toEqual({ ...defaultsOf('chat', CHAT), model: CHAT });
  expect(tiny.length).toBeLessThan(CHAT_DEFAULTS.length);
  expect(tiny.steps).toBe(tiny.length);
  expect(inMode(tiny, 'continue', plain.model)).toEqual(plain);
  expect(inMode(tiny, 'chat', 'a/larger-one')).toEqual({ ...defaultsOf('chat'), model: 'a/larger-one' });
  expect(inMode({ ...tiny, length: 20 }, 'continue', plain.model)).toEqual({ ...plain, length: 20 });
});

test('the larger storyteller takes a little more chance with it, and hands it back', () => {
  const plain = defaultsOf('continue');
  const large = inMode(plain, 'continue', LARGE);
  expect(large).toEqual({ ...plain, orderTemperature: 0.5, model: LARGE });
  expect(inMode(large, 'fill', plain.model)).toEqual({ ...plain, mode: 'fill' });
  expect(inMode({ ...large, orderTemperature: 1 }, 'continue', plain.model)).toEqual({ ...plain, orderTemperature: 1 });
});
