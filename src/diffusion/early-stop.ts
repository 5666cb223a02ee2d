/**
 * Where an answer has ended. A chat model trained on padded answers writes its answer, then only padding up to the end of
 * the canvas. dLLM's sampler writes all of it; what stands after the first end token is cut from the reply anyway
 * (dllm/utils/sampling.py). So once the end is written and no slot before it is open, the slots after it are not needed,
 * and leaving them open changes nothing in the reply. LLaDA's later samplers stop a block likewise.
 */
import { advance, type Layout, nextTurn, type Pace } from './blocks.ts';
import { type Canvas, copyCanvas, openSlots, Slot } from './canvas.ts';
import type { Settings } from './settings.ts';
import type { Cursor, Ended } from './trace.ts';

/** Places in a list of ids: from the first token of what ends the text to behind its last. */
export type Ending = Pick<Ended, 'from' | 'to'>;
export type FindEnding = (ids: readonly number[]) => Ending | undefined;

/** Only chats, and not to the letter of dLLM. An order that may write again may still change its mind about the end. */
export function stopsEarly({ mode, earlyStop, exact }: Settings, { revisits }: Pace): boolean {
  return mode === 'chat' && earlyStop && !exact && !revisits;
}

/** The first of these ids ends the text. */
export function firstOf(endIds: readonly number[]): FindEnding {
  return (ids) => {
    const from = ids.findIndex((id) => endIds.includes(id));
    return from < 0 ? undefined : { from, to: from + 1 };
  };
}

/** The slots that end the new text, when nothing before them is open. `start` is where the new text starts. */
export function endingOf(canvas: Canvas, start: number, find: FindEnding): Ending | undefined {
  const [open = canvas.ids.length] = openSlots(canvas);
  if (open <= start) return undefined;
  const found = find(Array.from(canvas.ids.subarray(start, open)));
  return found && { from: start + found.from, to: start + found.to };
}

/**
 * How many slots each step still to come will write, when the order follows the plan; undefined when it sets its own
 * pace, because nobody knows then.
 */
export function stepsAhead(
  canvas: Canvas,
  layout: Layout,
  from: Cursor,
  settings: Settings,
  pace: Pace,
): number[] | undefined {
  if (!pace.followsPlan) return undefined;
  const work = copyCanvas(canvas);
  const counts: number[] = [];
  let cursor = from;
  for (;;) {
    const turn = nextTurn(work, layout, cursor, settings, settings.exact, pace);
    const slots = turn?.candidates.slice(0, turn.quota) ?? [];
    if (!turn || slots.length === 0) return counts;
    for (const slot of slots) work.states[slot] = Slot.Revealed;
    counts.push(turn.quota);
    cursor = advance(work, layout, turn, cursor.step, settings.exact);
  }
}
