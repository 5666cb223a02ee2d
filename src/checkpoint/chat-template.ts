/**
 * How a conversation is written down for a chat model: the Jinja template that comes with it (`chat_template` of
 * tokenizer_config.json, or chat_template.jinja), rendered by Hugging Face's own library, or dLLM's for dLLM's chat
 * models (dllm/utils; facts: markers are plain text, no special tokens, every text trimmed).
 */
import { UnmaskError } from '../diffusion/error.ts';
import { isObject, type Json } from './damage.ts';
import type { ChatTemplate, Message } from './model.ts';

export const CHAT_TEMPLATE_FILE = 'chat_template.jinja';

/** dLLM's BERT-Chat models under the names they have had. */
const DLLM_CHAT = /^(dllm-hub|dllm-collection)\/ModernBERT-(base|large)-chat/;

const DLLM_MARKERS = {
  system: ['[SYS]\n', '\n[/SYS]\n\n'],
  user: ['[Question]\n', '\n[/Question]\n\n'],
  assistant: ['[Answer]\n', '\n[/Answer]\n\n'],
} as const;

/** dLLM's template, written out. */
export const dllmTemplate: ChatTemplate = {
  render(messages, addGenerationPrompt) {
    const turns = messages.map(({ role, content }) => DLLM_MARKERS[role].join(content.trim()));
    return turns.join('') + (addGenerationPrompt ? DLLM_MARKERS.assistant[0] : '');
  },
};

/**
 * The template of model `id`, which is given `tokens`, its special tokens by name: the one in its files, dLLM's for dLLM's chat models, or none. One that is not valid Jinja
 * throws when it is rendered.
 */
export async function openChatTemplate(
  id: string,
  habits: Json,
  file?: string,
  tokens: Readonly<Record<string, string>> = {},
): Promise<ChatTemplate | undefined> {
  const source = file ?? templateIn(habits['chat_template']);
  if (source === undefined) return DLLM_CHAT.test(id) ? dllmTemplate : undefined;
  const { Template } = await import('@huggingface/jinja');
  let template: InstanceType<typeof Template>;
  try {
    template = new Template(source);
  } catch (cause) {
    // The model is still good for everything but chat.
    return {
      render: () => {
        throw unusable('cannot be read', cause);
      },
    };
  }
  return {
    render(messages, addGenerationPrompt) {
      try {
        return template.render({
          messages: messages.map(({ role, content }) => ({ role, content })),
          add_generation_prompt: addGenerationPrompt,
          // Qwen3's template would begin an answer that thinks; dLLM's models were trained without.
          enable_thinking: false,
          ...tokens,
        });
      } catch (cause) {
        throw unusable('refuses this conversation', cause);
      }
    },
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

function unusable(what: string, cause: unknown): UnmaskError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UnmaskError(
    {
      code: 'checkpoint',
      message: `The model's chat template ${what}: ${reason}`,
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
