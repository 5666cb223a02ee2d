/**
 * Which texts are kept back to measure with: those whose hash falls below a share. A text is on the same side wherever it
 * stands in a file, whatever else the file holds, and all copies of one text are on one side.
 */

import { threefry2x32 } from '../../diffusion/rng.ts';
import { said } from '../../text/said.ts';
import { dataError } from './problem.ts';

export interface Split {
  readonly train: readonly string[];
  readonly heldOut: readonly string[];
}

/** Throws `UnmaskError` code `data` when one side would be empty. */
export function splitTexts(texts: readonly string[], share: number, seed: number): Split {
  const [train, heldOut]: [string[], string[]] = [[], []];
  for (const text of texts) {
    const [word] = threefry2x32([seed, 0], [hash(text), text.length]);
    (word < share * 2 ** 32 ? heldOut : train).push(text);
  }
  if (train.length > 0 && heldOut.length > 0) return { train, heldOut };
  const message =
    texts.length === 1
      ? 'One text is too few to keep some back.'
      : said`${texts.length} texts are too few to keep some back.`;
  throw dataError(message, 'Give more text, with empty lines between its parts.');
}

/** FNV-1a over UTF-16 units, 32 bits; leading and trailing space is no difference. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const unit of text.trim()) h = Math.imul(h ^ (unit.codePointAt(0) as number), 0x01000193);
  return h >>> 0;
}
