/** One way to say that something cannot be learnt from. */

import { UnmaskError } from '../../diffusion/error.ts';
import type { Text } from '../../text/said.ts';

/** Largest text file that is read, bytes; also the most characters taken from a table. */
export const MOST_TEXT = 2 ** 28;

export function dataError(message: Text, remedy: Text, file?: string, cause?: unknown): UnmaskError {
  return new UnmaskError({ code: 'data', message, remedy, file }, { cause });
}
