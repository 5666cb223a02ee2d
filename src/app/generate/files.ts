/** Saving the run on screen as a file, and opening one; what is opened is checked before it is shown. */
import { UnmaskError } from '../../diffusion/error.ts';
import { decodeTrace } from '../../diffusion/trace-decode.ts';
import { encodeTrace } from '../../diffusion/trace-encode.ts';
import { replaceTrace, useRun } from '../stores/run.ts';
import { rememberRun } from './lastRun.ts';

export function saveRun(): void {
  const { trace } = useRun.getState();
  if (!trace) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([encodeTrace(trace)], { type: 'application/json' }));
  link.download = `unmask-${trace.settings.mode}-${trace.settings.seed}.json`;
  link.click();
  // The download has its own hold on the data by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export async function openRun(file: File): Promise<void> {
  try {
    const trace = decodeTrace(await file.text());
    replaceTrace(trace, trace.steps.length, 'opened');
    useRun.setState({ playing: false });
    rememberRun();
  } catch (cause) {
    useRun.setState({ error: { ...UnmaskError.from(cause).toJSON(), file: file.name } });
  }
}
