import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { openChatTemplate } from '../checkpoint/chat-template.ts';
import { setGuard } from '../checkpoint/guard.ts';
import { openTokenizer } from '../checkpoint/tokenizer.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { timeLimit } from './time-limit.ts';

afterAll(() => setGuard((work) => work()));

const shipped = JSON.parse(
  readFileSync(new URL('../../public/models/stories/tokenizer.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;
/** Tries every way to cut a run of one letter into runs, which for sixty of them takes longer than anybody waits. */
const endless = '(a+)+$';
const LONG = `${'a'.repeat(60)}!`;

test('what ends in time gives its result, and fails as it fails', () => {
  const guard = timeLimit(60_000);
  expect(guard(() => guard(() => 42, 'b'), 'a')).toBe(42);
  expect(() => guard(() => JSON.parse('{'), 'a')).toThrow(SyntaxError);
});

test('a regular expression and a loop without end are stopped in words, and the next work has its own time', () => {
  const guard = timeLimit(200);
  for (const work of [
    () => new RegExp(endless).test(LONG),
    () => {
      for (;;);
    },
  ]) {
    expect(() => guard(work, 'tokenizer.json')).toThrow(
      expect.objectContaining({
        code: 'checkpoint',
        message: expect.stringContaining('tokenizer.json takes more than'),
      }),
    );
  }
  expect(guard(() => 1, 'a')).toBe(1);
});

test.each([
  ['splits', { pre_tokenizer: { type: 'Split', pattern: { Regex: endless }, behavior: 'Isolated', invert: false } }],
  ['normalises', { normalizer: { type: 'Replace', pattern: { Regex: endless }, content: 'b' } }],
])('a tokenizer whose expression without end %s is refused for the text that it meets', (_, part) => {
  // What ends has time on the busiest machine; what does not is met by less.
  setGuard(timeLimit(60_000));
  const tokenizer = openTokenizer({ ...shipped, ...part });
  expect(tokenizer.encode('Once').length).toBeGreaterThan(0);
  setGuard(timeLimit(500));
  expect(() => tokenizer.encode(LONG)).toThrow(UnmaskError);
  expect(() => tokenizer.encode(LONG)).toThrow(/tokenizer.json takes more than 0.5 s/);
});

test('a tokenizer that never opens is refused, too', () => {
  setGuard(timeLimit(500));
  const normalizer = { type: 'Replace', pattern: { Regex: '^(.*?)*?\\n$' }, content: 'b' };
  const model = { ...(shipped['model'] as object) } as { vocab: Record<string, number> };
  const last = Object.entries(model.vocab).length;
  const vocab = { ...model.vocab, [LONG]: last };
  expect(() => openTokenizer({ ...shipped, normalizer, model: { ...model, vocab } })).toThrow(/takes more than/);
});

test('a template is bounded alike', async () => {
  const template = await openChatTemplate('m', {}, "{{ messages[0]['content'] | upper }}");
  const hello = [{ role: 'user', content: 'hi' }] as const;
  setGuard(timeLimit(60_000));
  expect(template?.render(hello, false)).toBe('HI');
  // Its own bounds end every loop that is known; what they do not see meets this one.
  const slow = timeLimit(1);
  setGuard((work, what) =>
    slow(() => {
      for (;;) if (performance.now() < 0) return work();
    }, what),
  );
  expect(() => template?.render(hello, false)).toThrow(
    /refuses this conversation: chat_template.jinja takes more than/,
  );
});
