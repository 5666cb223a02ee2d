/** What a saved file is called, and reading one that somebody saved. */
import { currentTrace } from '../../../diffusion/branches.ts';
import { UnmaskError } from '../../../diffusion/error.ts';
import type { Trace } from '../../../diffusion/trace.ts';
import { decodeTree } from '../../../diffusion/trace-decode.ts';
import { m } from '../../messages/index.ts';
import { rememberRun } from '../../session/lastRun.ts';
import { replaceTree, useRun } from '../../session/run.ts';

/** A name that says which run it was. */
export function fileName({ settings: { mode, seed } }: Trace, ending: string): string {
  return `unmask-${mode}-${seed}.${ending}`;
}

/** Shows the run in a file. Throws `UnmaskError` code `trace` when there is none in it. */
export async function openRun(file: File): Promise<void> {
  try {
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
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return await new Response(stream).text();
  } catch (cause) {
    const [message, remedy] = m.takeaway.open.damaged;
    throw new UnmaskError({ code: 'trace', message, remedy }, { cause });
  }
}
