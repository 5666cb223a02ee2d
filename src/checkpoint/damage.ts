/** One way to say that a model on disk cannot be used: what is wrong with which file, and what to do about it. */

import { UnmaskError } from '../diffusion/error.ts';
import { isObject, type Json, quote } from '../model/json.ts';
import { said, type Text } from '../text/said.ts';
import type { Absence, FileSource } from './model.ts';

export { isObject, type Json, quote } from '../model/json.ts';

const AGAIN = 'Download the file again, or choose another checkpoint.';

/** An `UnmaskError` of code `checkpoint`. */
export function damaged(file: string, message: Text, options?: { tensor?: string; remedy?: string; cause?: unknown }) {
  return new UnmaskError(
    { code: 'checkpoint', message, remedy: options?.remedy ?? AGAIN, file, tensor: options?.tensor },
    options?.cause === undefined ? undefined : { cause: options.cause },
  );
}

/** `bytes` if the file is there. Throws `UnmaskError` that tells a missing file from a web page in its place. */
export function present(
  bytes: Uint8Array | Absence | undefined,
  file: string,
  { label }: FileSource,
  remedy = 'Check that the address or folder holds config.json, tokenizer.json and model.safetensors.',
): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  if (bytes === 'large')
    throw damaged(file, said`${file} of ${label} is far too large for what it should hold.`, { remedy });
  if (bytes !== 'page') throw damaged(file, said`${label} has no ${file}.`, { remedy });
  const message = said`${label} answers with a web page where ${file} should be; the file is probably not there.`;
  throw new UnmaskError({ code: 'network', message, remedy, file });
}

/** Whether a file, which cannot begin so, was not fetched by Git LFS: a note stands in its place, behind a mark perhaps. */
export function isPointer(start: Uint8Array): boolean {
  return 'version '.startsWith(new TextDecoder().decode(start.subarray(0, 8))) && start.length >= 8;
}

export function pointer(file: string) {
  const remedy = 'Run “git lfs pull” in that folder, or download the file itself from its page.';
  return damaged(file, said`${file} is a Git LFS pointer, a note of where the file lies, and not the file.`, {
    remedy,
  });
}

/** The JSON object in a file. Throws `UnmaskError` code `checkpoint` for anything else. */
export function parseObject(file: string, bytes: Uint8Array): Json {
  if (isPointer(bytes)) throw pointer(file);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw damaged(file, said`${file} is not JSON.`, { cause });
  }
  if (!isObject(value)) throw damaged(file, said`${file} must hold a JSON object, but it holds ${quote(value)}.`);
  return value;
}
