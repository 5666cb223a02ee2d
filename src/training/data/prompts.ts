/** Beginnings that a model goes on with while it learns by reward: the prompt, and room for what it writes. */
import type { Tokenizer } from '../../checkpoint/model.ts';
import type { Arch } from '../../model/arch.ts';
import { said } from '../../text/said.ts';
import type { Dataset } from './dataset.ts';
import { dataError } from './problem.ts';

/** Tokens that there is to be room for. */
const LEAST_ROOM = 4;

/**
 * A row for each prompt, filled up with masks, which alone are maskable. A long prompt loses its beginning, so that half of
 * the row is left to write. Throws `UnmaskError` code `data`.
 */
export function promptRows(
  prompts: readonly string[],
  { tokenizer, arch }: { readonly tokenizer: Tokenizer; readonly arch: Pick<Arch, 'ids' | 'maxLength'> },
  { length }: { readonly length: number },
): Dataset {
  if (length > arch.maxLength || length < 2 * LEAST_ROOM) {
    const message = said`Rows of ${length} tokens do not fit this model, or leave no room to write.`;
    throw dataError(message, said`Choose a length from ${2 * LEAST_ROOM} to ${arch.maxLength}.`);
  }
  const all = prompts.map((prompt) => prompt.trim()).filter((prompt) => prompt !== '');
  if (all.length === 0) throw dataError('There is no text yet.', 'Give beginnings to go on with.');
  const ids = new Int32Array(all.length * length).fill(arch.ids.mask as number);
  const maskable = new Uint8Array(ids.length).fill(1);
  let tokens = 0;
  for (const [row, prompt] of all.entries()) {
    const own = tokenizer.encode(prompt, { maskAsText: true }).slice(-Math.floor(length / 2));
    ids.set(own, row * length);
    maskable.fill(0, row * length, row * length + own.length);
    tokens += own.length;
  }
  return { ids, maskable, length, count: all.length, tokens };
}
