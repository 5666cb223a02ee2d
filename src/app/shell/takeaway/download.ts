/** What a saved file is called, and reading one that somebody saved. */

import { currentTrace } from '../../../diffusion/branches.ts';
import { UnmaskError } from '../../../diffusion/error.ts';
import type { Trace } from '../../../diffusion/trace.ts';
import { decodeTree, MOST_CHARACTERS } from '../../../diffusion/trace-decode.ts';
import { said } from '../../../text/said.ts';
import { m } from '../../messages/index.ts';
import { rememberRun } from '../../session/lastRun.ts';
import { replaceTree, useRun } from '../../session/run.ts';

/** Of a file, and of what a page holds packed. */
const MOST_BYTES = MOST_CHARACTERS;

/** A name that says which run it was. */
export function fileName({ settings: { mode, seed } }: Trace, ending: string): string {
  return `unmask-${mode}-${seed}.${ending}`;
}

/** Shows the run in a file. Throws `UnmaskError` code `trace` when there is none in it. */
export async function openRun(file: File): Promise<void> {
  try {
    if (file.size > MOST_BYTES) throw tooLarge();
    const tree = decodeTree(await runIn(await file.text()));
    replaceTree(tree, currentTrace(tree).steps.length, 'opened');
    useRun.setState({ playing: false });
    rememberRun();
  } catch (cause) {
    throw new UnmaskError({ ...UnmaskError.from(cause).toJSON(), file: file.name }, { cause });
  }
}

/** A trace file is its own run; a replay page (`page/html.ts`) carries one. */
export async function runIn(text: string): Promise<string> {
  const packed = /<script type="text\/plain" id="run">([A-Za-z0-9+/=\s]+)<\/script>/.exec(text)?.[1];
  if (packed === undefined) return text;
  try {
    const bytes = Uint8Array.from(atob(packed.trim()), (sign) => sign.charCodeAt(0));
    return await inflated(bytes);
  } catch (cause) {
    if (cause instanceof UnmaskError) throw cause;
    const [message, remedy] = m.takeaway.open.damaged;
    throw new UnmaskError({ code: 'trace', message, remedy }, { cause });
  }
}

/** The packed run of a page. A page of a few megabytes can hold gigabytes, so it is unpacked no further than is read. */
async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return parts.join('') + decoder.decode();
    length += value.length;
    if (length > MOST_BYTES) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    parts.push(decoder.decode(value, { stream: true }));
  }
}

function tooLarge(): UnmaskError {
  return new UnmaskError({
    code: 'trace',
    message: said`The run has more than ${MOST_BYTES} bytes, which is more than is read.`,
    remedy: 'Record a shorter run, or save it with fewer alternatives per token.',
  });
}
