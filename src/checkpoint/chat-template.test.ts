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

// transformers marks what an assistant says, for training; to whoever writes a conversation down the tag says nothing.
test.each([
  ['{% generation %}', '{% endgeneration %}'],
  ['{%- generation -%}', '{%- endgeneration -%}'],
  ['{%generation%}', '{%endgeneration%}'],
])('the tag %s is read over', async (open, close) => {
  const source = `{% for m in messages %}{% if m.role == 'assistant' %}A:${open}{{ m.content }}${close};{% else %}U:{{ m.content }};{% endif %}{% endfor %}{% if add_generation_prompt %}A:{% endif %}`;
  const template = await openChatTemplate('a/b', { chat_template: source });
  expect(template?.render([user('hi'), assistant('hello'), user('Who?')], true)).toBe('U:hi;A:hello;U:Who?;A:');
});

/** Templates without an end, of the kinds that were tried on chat models: Jinja bounds none of them by itself. */
const ENDLESS: readonly (readonly [string, string])[] = [
  ['a loop of 10¹⁰', '{% for i in range(10000000000) %}x{% endfor %}'],
  [
    'loops in loops',
    '{% for i in range(99999) %}{% for j in range(99999) %}{% for k in range(99999) %}x{% endfor %}{% endfor %}{% endfor %}',
  ],
  ['loops without a body', '{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}'],
  ['a range downwards', '{% for i in range(0, -10000000000, -1) %}x{% endfor %}'],
  ['a range of no steps', '{% for i in range(0, 9, 0) %}x{% endfor %}'],
  ['a range of endless numbers', '{% for i in range(10 ** 400) %}x{% endfor %}'],
  [
    'a text that doubles',
    `{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}`,
  ],
  [
    'a text that multiplies by replacing',
    `{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(20) %}{% set ns.x = ns.x | replace('a', ns.x) %}{% endfor %}`,
  ],
  [
    'a list that doubles',
    '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x | length }}',
  ],
  [
    'a list of itself twice',
    '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}',
  ],
  [
    'an object of itself twice',
    `{% set ns = namespace(x={}) %}{% for i in range(60) %}{% set ns.x = {'a': ns.x, 'b': ns.x} %}{% endfor %}{{ ns.x | tojson }}`,
  ],
  ['a macro that calls itself', '{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}'],
  [
    'macros that call each other twice',
    '{% macro f(n) %}{{ g(n) }}{{ g(n) }}{% endmacro %}{% macro g(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}',
  ],
  [
    'a macro that forks',
    '{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}',
  ],
  ['an indent of 10⁹', `{{ 'a\nb' | indent(1000000000) }}`],
  ['JSON with an indent of 10⁹', '{{ [1, [2]] | tojson(indent=1000000000) }}'],
  ['a namespace in itself', '{% set ns = namespace() %}{% set ns.x = [ns] %}{{ ns.x | tojson }}{{ ns.x }}'],
  [
    'a search in a long list, again and again',
    '{% set l = range(99999) | list %}{% for i in range(99999) %}{% if -1 in l %}x{% endif %}{% endfor %}',
  ],
  ...Object.entries({
    'put into capitals': 'ns.x | title',
    'cut into its letters': 'ns.x[1:]',
  }).map(
    ([what, work]) =>
      [
        `a text of a million characters ${what} again and again`,
        `{% set ns = namespace(x='ab ') %}{% for i in range(19) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{% for i in range(99999) %}{% set y = ${work} %}{% endfor %}`,
      ] as const,
  ),
  [
    'long texts put in order again and again',
    `{% set ns = namespace(x='ab') %}{% for i in range(12) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{% set l = [ns.x + 'b', ns.x + 'a'] %}{% for i in range(99999) %}{% set y = l | sort | join %}{% endfor %}`,
  ],
  ['brackets in brackets', `{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`],
  ['conditions in conditions', `${'{% if true %}'.repeat(50_000)}${'{% endif %}'.repeat(50_000)}`],
  ['a megabyte of source', 'x'.repeat(2_000_000)],
];

test.each(ENDLESS)('a template with %s ends with a sentence', async (_, source) => {
  const began = process.cpuUsage();
  const template = await openChatTemplate('a/b', { chat_template: source });
  let said: unknown;
  try {
    template?.render([user('x')], true);
  } catch (error) {
    said = error;
  }
  expect(said).toMatchObject({
    code: 'checkpoint',
    message: expect.stringMatching(/^The model's chat template (?:refuses this conversation|cannot be read): \S/),
  });
  // Of the processor, whatever else has it besides: microseconds.
  expect(process.cpuUsage(began).user).toBeLessThan(20e6);
});

test('a macro that calls itself without end is called that, and one that ends is not', async () => {
  const until = (n: number) => `{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{% endif %}.{% endmacro %}{{ f(${n}) }}`;
  const rendered = async (source: string) =>
    (await openChatTemplate('a/b', { chat_template: source }))?.render([user('x')], true);
  await expect(rendered(until(20))).resolves.toBe('.'.repeat(21));
  for (const source of [until(1e9), '{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}'])
    await expect(rendered(source)).rejects.toThrow(/calls itself without end/);
});

test('what published templates do is within the bounds', async () => {
  const source = `{% set ns = namespace(found=false) %}{% for m in messages %}{% for i in range(100) %}{% if i == 3 %}{% set ns.found = true %}{% endif %}{% endfor %}{{ m.role | upper }}: {{ m.content | trim | indent(2) }}\n{% endfor %}{{ strftime_now('%Y') | length }}{{ {'a': [1, 2]} | tojson(indent=4) | length }}`;
  const template = await openChatTemplate('a/b', { chat_template: source });
  const many = Array.from({ length: 200 }, (_, i) => (i % 2 ? assistant('b'.repeat(250)) : user('a'.repeat(250))));
  expect(template?.render(many, true)).toMatch(/^USER: a{250}\nASSISTANT: b{250}\n[\s\S]*4\d+$/);
});

test('a template is given all special tokens, as transformers gives them', async () => {
  const template = await openChatTemplate('a/b', {
    chat_template:
      '{{ cls_token }}{{ messages[0].content }}{{ sep_token }}{{ eos_token }}|{{ mask_token }}{{ additional_special_tokens | join }}',
    cls_token: '[CLS]',
    sep_token: { content: '[SEP]' },
    mask_token: '[MASK]',
    additional_special_tokens: ['<a>', { content: '<b>' }],
  });
  expect(template?.render([user('x')], true)).toBe('[CLS]x[SEP]|[MASK]<a><b>');
});

test('a template is given tokens that a model names itself', async () => {
  const template = await openChatTemplate('a/b', {
    chat_template: '{{ image_token }}{{ eos_token }}{{ messages | length }}',
    eos_token: '</s>',
    extra_special_tokens: { image_token: '<image>', messages: 'no list', 'a b': 7 },
  });
  expect(template?.render([user('x')], true)).toBe('<image></s>1');
});

test.each([
  ['{{ raise_exception() }}', /refuses this conversation: it gives no reason$/],
  ['{{ messages[9].content }}', /refuses this conversation: it writes nothing of it$/],
  ["{% for m in messages if m.role == 'tool' %}{{ m.content }}{% endfor %}\n", /it writes nothing of it$/],
])('%s is told as a refusal', async (source, words) => {
  const template = await openChatTemplate('a/b', { chat_template: source });
  expect(() => template?.render([user('x')], true)).toThrow(words);
});

test('a conversation that has not begun may be written as nothing', async () => {
  const template = await openChatTemplate('a/b', { chat_template: '{{ messages[0].content }}' });
  expect(template?.render([user('')], false)).toBe('');
});

test('what a template says itself is told, but not all of a long speech', async () => {
  const template = await openChatTemplate('a/b', {
    chat_template: "{{ raise_exception('no ' * 1) }}{{ raise_exception(messages[0].content) }}",
  });
  const long = await openChatTemplate('a/b', { chat_template: '{{ raise_exception(messages[0].content) }}' });
  expect(() => template?.render([user('x')], true)).toThrow(/refuses/);
  expect(() => long?.render([user('x'.repeat(9000))], true)).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/^.{1,400}$/) }),
  );
});
