/** Putting words into a text so that it reads as if it had been written with them. */
import type { SlotChange } from '../trace/change.ts';
import { sentenceAround } from '../trace/sentence.ts';
import { controller, isFinished, mayChange } from './current.ts';
import { currentFrame } from './frames.ts';
import { useRun } from './run.ts';

/**
 * Puts these words in and keeps them. Of a finished text the rest of their sentence is written anew around them; one that is
 * still being written goes on with them.
 */
export async function putWords(
  changes: readonly SlotChange[],
  pieces: Readonly<Record<number, string>>,
): Promise<void> {
  const { trace } = useRun.getState();
  const frame = currentFrame();
  if (!mayChange() || !trace || !frame) return;
  const slots = changes.map(({ slot }) => slot);
  const around = isFinished() ? sentenceAround(frame, trace.pieces, slots) : [];
  if (around.length > 0) await controller.rewrite(around, changes, pieces);
  else await controller.change(changes, pieces);
}
