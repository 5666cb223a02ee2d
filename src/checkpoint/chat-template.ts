/**
 * How a conversation is written down for a chat model: the Jinja template that comes with it (`chat_template` of
 * tokenizer_config.json, or chat_template.jinja), rendered by Hugging Face's own library within bounds
 * (`bounded-jinja.ts`), or dLLM's for dLLM's chat models (dllm/utils: markers are plain text, no special tokens, every text trimmed).
 */

import { UnmaskError } from '../diffusion/error.ts';
import { said } from '../text/said.ts';
import { isObject, type Json } from './damage.ts';
import { guarded } from './guard.ts';
import type { ChatTemplate, Message } from './model.ts';

export const CHAT_TEMPLATE_FILE = 'chat_template.jinja';

/** dLLM's BERT-Chat models under the names they have had. */
const DLLM_CHAT = /^(dllm-hub|dllm-collection)\/ModernBERT-(base|large)-chat/;

/** Of what a template says itself; it may say anything. */
const LONGEST_REASON = 300;

const DLLM_MARKERS = {
  system: ['[SYS]\n', '\n[/SYS]\n\n'],
  user: ['[Question]\n', '\n[/Question]\n\n'],
  assistant: ['[Answer]\n', '\n[/Answer]\n\n'],
} as const;

/** The same as Jinja, for a model that has learnt to chat so and had no template. */
export const DLLM_JINJA = [
  '{%- for message in messages -%}',
  ...(['system', 'user', 'assistant'] as const).flatMap((role, i) => {
    const [before, after] = DLLM_MARKERS[role].map((marker) => JSON.stringify(marker));
    return [
      `{%- ${i === 0 ? 'if' : 'elif'} message['role'] == '${role}' -%}`,
      `{{- ${before} + message['content'] | trim + ${after} -}}`,
    ];
  }),
  '{%- endif -%}',
  '{%- endfor -%}',
  `{%- if add_generation_prompt -%}{{- ${JSON.stringify(DLLM_MARKERS.assistant[0])} -}}{%- endif -%}`,
].join('\n');

/** dLLM's template, written out. */
export const dllmTemplate: ChatTemplate = {
  render(messages, addGenerationPrompt) {
    const turns = messages.map(({ role, content }) => DLLM_MARKERS[role].join(content.trim()));
    return turns.join('') + (addGenerationPrompt ? DLLM_MARKERS.assistant[0] : '');
  },
};

/**
 * The template of model `id`, which is given `tokens`, its special tokens by name: the one in its files, dLLM's for
 * dLLM's chat models, or none. One that is not valid Jinja throws when it is rendered.
 */
export async function openChatTemplate(
  id: string,
  habits: Json,
  file?: string,
  tokens: Readonly<Record<string, string>> = {},
): Promise<ChatTemplate | undefined> {
  const source = file ?? templateIn(habits['chat_template']);
  if (source === undefined) return DLLM_CHAT.test(id) ? dllmTemplate : undefined;
  const { openTemplate } = await import('./bounded-jinja.ts');
  let template: ReturnType<typeof openTemplate>;
  try {
    template = openTemplate(source);
  } catch (cause) {
    // The model is still good for everything but chat.
    return {
      render: () => {
        throw unusable('cannot be read', cause);
      },
    };
  }
  const named = { ...specialTokens(habits), ...tokens };
  return {
    render(messages, addGenerationPrompt) {
      try {
        const given = {
          ...named,
          messages: messages.map(({ role, content }) => ({ role, content })),
          add_generation_prompt: addGenerationPrompt,
          // Qwen3's template would begin an answer that thinks; dLLM's models were trained without.
          enable_thinking: false,
        };
        const text = guarded(() => template.render(given), CHAT_TEMPLATE_FILE);
        const isSaid = messages.some(({ content }) => content.trim() !== '');
        if (isSaid && text.trim() === '') throw new Error('it writes nothing of it');
        return text;
      } catch (cause) {
        throw unusable('refuses this conversation', cause);
      }
    },
  };
}

/**
 * All special tokens, as transformers gives them to a template (`PreTrainedTokenizerBase.special_tokens_map`). The three
 * that templates write without asking are there in any case.
 */
function specialTokens(habits: Json): Record<string, string | string[]> {
  const named = Object.keys(habits).filter((key) => /^[a-z]{1,40}_token$/.test(key));
  const tokens = [...new Set(['bos_token', 'eos_token', 'pad_token', ...named])].map((key) => [
    key,
    textOf(habits[key]),
  ]);
  const extra = habits['extra_special_tokens'];
  const more = habits['additional_special_tokens'] ?? extra;
  return {
    // transformers 4 and 5 let a model name more of them, as of images.
    ...(isObject(extra) && Object.fromEntries(Object.entries(extra).map(([key, token]) => [key, textOf(token)]))),
    ...(Object.fromEntries(tokens) as Record<string, string>),
    ...(Array.isArray(more) ? { additional_special_tokens: more.map(textOf).filter((text) => text !== '') } : {}),
  };
}

/** A template, or the default one of a list of named ones. */
function templateIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const named = value.filter(isObject);
  const chosen = named.find(({ name }) => name === 'default') ?? named[0];
  return typeof chosen?.['template'] === 'string' ? chosen['template'] : undefined;
}

function textOf(token: unknown): string {
  const text = isObject(token) ? token['content'] : token;
  return typeof text === 'string' ? text : '';
}

function unusable(what: string, cause: unknown): UnmaskError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).slice(0, LONGEST_REASON);
  return new UnmaskError(
    {
      code: 'checkpoint',
      message: said`The model's chat template ${what}: ${reason}`,
      remedy: 'Use the mode continue, or another model.',
      file: CHAT_TEMPLATE_FILE,
    },
    { cause },
  );
}

/** The text before the answer: the whole conversation, and the words that begin an answer unless it ends with one. */
export function chatPrompt(messages: readonly Message[], template: ChatTemplate = dllmTemplate): string {
  return template.render(messages, messages.at(-1)?.role !== 'assistant');
}
