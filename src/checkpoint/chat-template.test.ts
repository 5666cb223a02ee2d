import { expect, test } from 'vitest';
import { chatPrompt, dllmTemplate, openChatTemplate } from './chat-template.ts';
import type { Message } from './model.ts';

const DLLM = 'dllm-hub/ModernBERT-base-chat-v0.1';
const user = (content: string): Message => ({ role: 'user', content });
const assistant = (content: string): Message => ({ role: 'assistant', content });

/** dLLM's template as a model's files would carry it. */
const JINJA = `{%- if messages[0]['role'] == 'system' -%}{{- '[SYS]\\n' + messages[0]['content'] | trim + '\\n[/SYS]\\n\\n' -}}
{%- set loop_messages = messages[1:] -%}{%- else -%}{%- set loop_messages = messages -%}{%- endif -%}
{%- for message in loop_messages -%}
{%- if message['role'] == 'user' -%}{{- '[Question]\\n' + message['content'] | trim + '\\n[/Question]\\n\\n' -}}
{%- else -%}{{- '[Answer]\\n' + message['content'] | trim + '\\n[/Answer]\\n\\n' -}}{%- endif -%}
{%- endfor -%}{%- if add_generation_prompt -%}{{- '[Answer]\\n' -}}{%- endif -%}`;

test('one question is written as dLLM writes it', () => {
  expect(chatPrompt([user('Hi there\n')])).toBe('[Question]\nHi there\n[/Question]\n\n[Answer]\n');
});

test.each<[string, Message[]]>([
  ['one question', [user(' Hi ')]],
  ['a system text', [{ role: 'system', content: 'Be short.\n' }, user('Hi')]],
  ['several turns', [user('One?'), assistant('Two.\n'), user('Three?')]],
  ['an answer to be gone on with', [user('One?'), assistant('Tw')]],
])('dLLM as written out here and as Jinja agree: %s', async (_, messages) => {
  const jinja = await openChatTemplate('somebody/else', { chat_template: JINJA });
  expect(chatPrompt(messages, jinja)).toBe(chatPrompt(messages, dllmTemplate));
});

test('the files come before the name, and a file of its own before the configuration', async () => {
  const render = async (...given: Parameters<typeof openChatTemplate>) =>
    (await openChatTemplate(...given))?.render([user('x')], true);
  expect(await render(DLLM, {})).toBe('[Question]\nx\n[/Question]\n\n[Answer]\n');
  expect(await render(DLLM, { chat_template: 'A{{ messages[0].content }}' })).toBe('Ax');
  expect(await render(DLLM, { chat_template: 'A' }, 'B{{ messages | length }}')).toBe('B1');
  expect(await render('answerdotai/ModernBERT-base', {})).toBeUndefined();
  const named = [
    { name: 'tool_use', template: 'T' },
    { name: 'default', template: 'D{{ bos_token }}' },
  ];
  expect(await render('a/b', { chat_template: named }, undefined, { bos_token: '<s>' })).toBe('D<s>');
});

test.each([
  ['is no Jinja', '{% for %}', /cannot be read/],
  ['refuses', "{{ raise_exception('Only one turn.') }}", /refuses this conversation: Only one turn/],
  ['calls what is not there', '{{ messages.nothing() }}', /refuses this conversation/],
])('a template that %s fails in words when it is used', async (_, source, words) => {
  const template = await openChatTemplate('a/b', { chat_template: source });
  expect(() => template?.render([user('x')], true)).toThrow(words);
  expect(() => template?.render([user('x')], true)).toThrow(expect.objectContaining({ code: 'checkpoint' }));
});
