/**
 * Makes a run again from what a link tells of it: segment by segment, with the changes by hand between them. The page does the
 * same through its worker (`app/session/controller.ts`), so a link shows one text in both.
 */
import { said, type Text } from '../text/said.ts';
import type { Canvas } from './canvas.ts';
import { UnmaskError } from './error.ts';
import { type GenerateOptions, generate } from './generate.ts';
import type { Network } from './network.ts';
import { canvasAt, slotsOf, writtenLogProbs } from './replay.ts';
import { type Recipe, segmentsOf } from './segments.ts';
import type { Edit, Step } from './trace.ts';

export interface Walk extends Recipe {
  readonly edits: readonly Edit[];
  /** Steps to make at most; to the end of the run when absent. */
  readonly step?: number;
}

/** Yields the steps. Throws `UnmaskError` code `settings` when an edit cannot be made on this canvas by this model. */
export async function* walk(
  network: Network,
  start: Canvas,
  { step: most = Number.POSITIVE_INFINITY, ...recipe }: Walk,
  options: Pick<GenerateOptions, 'ending' | 'signal'> = {},
): AsyncGenerator<Step, void> {
  const steps: Step[] = [];
  const { maskId, vocabSize } = network.info;
  const line = { start, steps, edits: recipe.edits, maskId };
  for (const { from, until, settings } of segmentsOf(recipe)) {
    if (from > most) return;
    if (steps.length < from)
      throw impossible(said`The run ended at step ${steps.length}, before a change in the link.`);
    if (steps.length >= most) return;
    const made = slotsOf(line);
    if (recipe.edits.some(({ before, slot, id }) => before === from && (slot >= made || id >= vocabSize))) {
      throw impossible('A change by hand in the link does not fit this canvas.');
    }
    const going = { ...options, cursor: steps.at(-1)?.next, writtenLogProbs: writtenLogProbs(line, from) };
    for await (const step of generate(network, canvasAt(line, from), settings, going)) {
      steps.push(step);
      yield step;
      if (steps.length >= Math.min(until, most)) break;
    }
  }
}

function impossible(message: Text): UnmaskError {
  return new UnmaskError({ code: 'settings', message, remedy: 'Ask for the run as a file, which carries its text.' });
}
