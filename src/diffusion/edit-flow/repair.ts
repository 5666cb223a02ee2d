/** A text edited from beginning to end by a network, step by step; what the command line scores and the trainer shows. */
import { checkEdits } from '../check.ts';
import type { DrawnSequence, EditRates, Network } from '../network.ts';
import type { Edit } from './bridge.ts';
import { applyEdits, leap, leapDraws, leapTimes, surestEdits } from './leap.ts';

/**
 * surest: at every step all edits that are likelier than not, until there are none. leap: as Edit Flows samples, with step
 * τ in time.
 */
export type EditWay =
  | { readonly way: 'surest'; readonly above: number; readonly steps: number }
  | { readonly way: 'leap'; readonly tau: number };

export interface Edited {
  readonly ids: Int32Array;
  /** Of each step that changed something. */
  readonly steps: readonly (readonly Edit[])[];
  readonly forwards: number;
}

export interface EditOptions {
  readonly seed: number;
  readonly temperature: number;
  /** So many tokens at the start stay as they are: at least the one that begins a text. */
  readonly given?: number;
  /** Never written. */
  readonly suppress?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** Each text of the batch, in order; `ids` begin with the token that begins every text. Throws as `edits` does. */
export async function editTexts(
  network: Pick<Network, 'edits' | 'info'>,
  texts: readonly Int32Array[],
  how: EditWay,
  { seed, temperature, given = 1, suppress = [], signal }: EditOptions,
): Promise<Edited[]> {
  const runs = texts.map((ids) => ({ ids, steps: [] as (readonly Edit[])[], forwards: 0, done: false }));
  const times = how.way === 'leap' ? leapTimes(how.tau) : Array.from({ length: how.steps }, (_, step) => step);
  for (const [step, t] of times.entries()) {
    const open = runs.filter(({ done }) => !done);
    if (open.length === 0) break;
    signal?.throwIfAborted();
    const asked = open.map(({ ids }) => ({
      ids,
      asked: Int32Array.from(ids.keys()),
      draw: { seed, step, temperature },
    }));
    const answers = await ask(network, asked, suppress);
    for (const [i, run] of open.entries()) {
      const answer = answers[i] as EditRates;
      const edits =
        how.way === 'leap'
          ? leap(answer, leapDraws(seed, step), { t, tau: how.tau, given })
          : surestEdits(answer, { given, above: how.above });
      run.forwards += answer.set.forwards;
      const next = applyEdits(run.ids, edits);
      if (edits.length > 0 && next.length <= network.info.maxLength) {
        run.steps.push(edits);
        run.ids = next;
      } else if (how.way === 'surest') run.done = true;
    }
  }
  return runs.map(({ ids, steps, forwards }) => ({ ids, steps, forwards }));
}

async function ask(
  network: Pick<Network, 'edits' | 'info'>,
  batch: readonly DrawnSequence[],
  suppress: readonly number[],
): Promise<readonly EditRates[]> {
  const options = { topK: 0, suppress };
  checkEdits(batch, options, network.info);
  return (await network.edits?.(batch, options)) ?? [];
}
