/** Tiny causal chat models with seeded random weights, as the files of a folder. */
import { readFileSync } from 'node:fs';
import { threefry2x32 } from '../../diffusion/rng.ts';
import { readConfig, tensorsOf } from '../../model/families/index.ts';
import type { Json } from '../../model/json.ts';
import { fromFloat32 } from '../half.ts';
import { writeSafetensors } from '../write-safetensors.ts';

const TEMPLATE =
  "{% for message in messages %}{{ '[CLS]' + message['role'] + ' ' + message['content'] + '[SEP]' }}{% endfor %}{% if add_generation_prompt %}{{ '[CLS]assistant ' }}{% endif %}";

const FAMILIES = {
  llama: { model_type: 'llama', num_key_value_heads: 1 },
  qwen3: { model_type: 'qwen3', num_key_value_heads: 2, head_dim: 32, tie_word_embeddings: true },
} as const satisfies Readonly<Record<string, Json>>;

export type CausalFamily = keyof typeof FAMILIES;
export const CAUSAL_FAMILIES = Object.keys(FAMILIES) as CausalFamily[];
const SIZE = { vocab_size: 4096, hidden_size: 64, intermediate_size: 96, num_hidden_layers: 2, num_attention_heads: 2 };

/** The shipped tokenizer without its mask token; [SEP] ends an answer. */
export function causalFiles(family: CausalFamily): Map<string, Uint8Array<ArrayBuffer>> {
  const config = { ...SIZE, ...FAMILIES[family], max_position_embeddings: 256, bos_token_id: 2, eos_token_id: 3 };
  let word = 0;
  const random = () => threefry2x32([family.length, 0], [word++, 0])[0] / 2 ** 32;
  const tensors = tensorsOf(readConfig(config))
    .flatMap(({ parts }) => parts)
    .map(({ name, shape }) => {
      const count = shape.reduce((product, dim) => product * dim, 1);
      const flat = shape.length === 1;
      const values = Float32Array.from(
        { length: count },
        () => (flat ? 1 : 0) + (flat ? 0.1 : 0.3) * (2 * random() - 1),
      );
      return [name, { dtype: 'F32' as const, shape, bytes: fromFloat32(values, 'F32') }] as const;
    });
  const path = new URL('../../../public/models/stories/tokenizer.json', import.meta.url);
  const tokenizer = JSON.parse(readFileSync(path, 'utf8'));
  tokenizer.added_tokens = tokenizer.added_tokens.filter(({ content }: { content: string }) => content !== '[MASK]');
  delete tokenizer.model.vocab['[MASK]'];
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return new Map([
    ['config.json', json(config)],
    ['tokenizer.json', json(tokenizer)],
    ['tokenizer_config.json', json({ eos_token: '[SEP]', chat_template: TEMPLATE })],
    ['model.safetensors', writeSafetensors(tensors)],
  ]);
}
