/** Saving the run on screen with all its branches as a file, and opening one; what is opened is checked before it is shown. */
import { currentTrace } from '../../diffusion/branches.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { decodeTree } from '../../diffusion/trace-decode.ts';
import { encodeTree } from '../../diffusion/trace-encode.ts';
import { replaceTree, useRun } from '../stores/run.ts';
import { rememberRun } from './lastRun.ts';

export function saveRun(): void {
  const { tree, trace } = useRun.getState();
  if (!tree || !trace) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([encodeTree(tree)], { type: 'application/json' }));
  link.download = `unmask-${trace.settings.mode}-${trace.settings.seed}.json`;
  link.click();
  // The download has its own hold on the data by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export async function openRun(file: File): Promise<void> {
  try {
    const tree = decodeTree(await file.text());
    replaceTree(tree, currentTrace(tree).steps.length, 'opened');
    useRun.setState({ playing: false });
    rememberRun();
  } catch (cause) {
    useRun.setState({ error: { ...UnmaskError.from(cause).toJSON(), file: file.name } });
  }
}
