/**
 * The shipped weights as a chat model on a hub: beside them a `tokenizer_config.json` with dLLM's chat template. They tell
 * stories whatever they are asked, and never end; what is tested is everything around that.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CHAT_MODEL = 'class/chatty';
const stories = fileURLToPath(new URL('../public/models/stories/', import.meta.url));

const TEMPLATE = `{%- for message in messages -%}
{%- set name = {'system': 'SYS', 'user': 'Question', 'assistant': 'Answer'}[message['role']] -%}
{{- '[' + name + ']\\n' + message['content'] | trim + '\\n[/' + name + ']\\n\\n' -}}
{%- endfor -%}{%- if add_generation_prompt -%}{{- '[Answer]\\n' -}}{%- endif -%}`;

export function writeChatModel(root: string): void {
  const folder = join(root, CHAT_MODEL);
  mkdirSync(folder, { recursive: true });
  for (const name of ['config.json', 'tokenizer.json', 'model.safetensors']) {
    cpSync(join(stories, name), join(folder, name));
  }
  const habits = { pad_token: '[PAD]', mask_token: '[MASK]', chat_template: TEMPLATE };
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(habits));
}
