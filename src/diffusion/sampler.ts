/**
 * A sampler decides, from what the network says of the open slots, which of them to write now. It is a pure function of
 * its arguments: same canvas, prediction, settings and step, same choice. House words: a *row* is an index into the
 * prediction, a *slot* an index into the canvas.
 */
import type { Layout, Pace, Turn } from './blocks.ts';
import type { Canvas } from './canvas.ts';
import type { Prediction } from './network.ts';
import { gumbel, Stream, stepKey } from './rng.ts';
import type { SettingName, Settings } from './settings.ts';

/** What is to be decided: the turn (candidates, quota, grid point …) and where it stands in the run. */
export interface Situation extends Turn {
  /** The canvas as the network saw it; not to be changed. */
  readonly canvas: Canvas;
  readonly layout: Layout;
  readonly settings: Settings;
  /** Step counter of the run; with the seed, the key of this step's random draws. */
  readonly step: number;
  /** log p of every token the model wrote, at the time it wrote it, `[T]`; NaN for all others (`replay.ts`). */
  readonly writtenLogProbs: Float32Array;
}

export interface Choice {
  /** Slots to write and the ids they get, best first: open ones, or written ones (`rewritable`) that change. */
  readonly reveal: readonly { readonly slot: number; readonly id: number }[];
  /** Slots to mask again. */
  readonly remask: readonly number[];
  /** Where the sampler's own clock stands after this step; those that have none leave it out. */
  readonly time?: number;
}

/**
 * `order`: the plan says how many slots, the sampler which. `one by one`: every slot at a moment of its own, drawn from
 * the schedule. `parallel`: as many at once as look safe. `remasking`: what is written may change.
 */
export type Family = 'order' | 'one by one' | 'parallel' | 'remasking';

/** What there is to know of a sampler without running it. */
export interface About {
  /** As in the settings. */
  readonly name: string;
  /** Paper or code, with its equation or function. */
  readonly source: string;
  /** The same algorithm under other names. */
  readonly aliases?: readonly string[];
  readonly family: Family;
  /**
   * True when it draws from the very joint distribution of the model, as long as it writes one token a step (for those
   * that follow time: in the limit of many steps) at temperature 1 without truncation, guidance or order temperature.
   */
  readonly exactFor: boolean;
  /**
   * Made for the whole text at once (block 0). With blocks it works inside each: its clock, its loop or its generations
   * begin anew there, and of a pattern over the whole text every block takes its own slots. All others are at home in
   * blocks as they are.
   */
  readonly wholeText?: boolean;
  /** The values its source runs with, where they differ from this program's defaults. */
  readonly paper?: Partial<Settings>;
}

export interface Sampler extends Pace, About {
  /**
   * Slots it wants predicted, ascending; the candidates when absent. Remasking samplers ask for written slots too, which
   * the network then sees as they are. With none, no pass is made.
   */
  readonly asks?: (situation: Situation) => readonly number[];
  readonly choose: (situation: Situation, prediction: Prediction) => Choice;
  /** Samplers that look ahead: what the network says after each of several choices decides between them. */
  readonly ahead?: LookAhead;
}

export interface LookAhead {
  /** With one of them nothing is asked, and it is taken. */
  readonly propose: (situation: Situation, prediction: Prediction) => readonly Choice[];
  /** Which is best; `after` are the predictions of all masks that each leaves. */
  readonly decide: (
    prediction: Prediction,
    choices: readonly Choice[],
    after: readonly (Prediction | undefined)[],
  ) => number;
}

/** The settings that shape every plan. */
export const PLANNED: readonly SettingName[] = ['steps', 'schedule', 'stochastic', 'exact'];

/** How good it is to write a row now: higher is earlier. */
export type Score = (prediction: Prediction, row: number, situation: Situation) => number;

/** p(chosen id) of the noise-free softmax at temperature 1, whatever temperature drew the id (dLLM, LLaDA). */
export function confidence(prediction: Prediction, row: number): number {
  return Math.exp(prediction.logProbs[row] as number);
}

/** Rows whose slots are candidates, ascending. */
export function candidateRows(situation: Situation, prediction: Prediction): number[] {
  const candidates = new Set(situation.candidates);
  const rows: number[] = [];
  prediction.slots.forEach((slot, row) => {
    if (candidates.has(slot)) rows.push(row);
  });
  return rows;
}

/** `rows` by falling value. Equal values: the lower slot first, which torch.topk, the model for this, leaves open. */
export function rank(rows: readonly number[], value: (row: number) => number): number[] {
  const values = new Map(rows.map((row) => [row, value(row)]));
  return rows.toSorted((a, b) => (values.get(b) as number) - (values.get(a) as number) || a - b);
}

/** The choice that writes these rows with the ids the prediction drew for them. */
export function reveal(prediction: Prediction, rows: readonly number[]): Choice {
  return {
    reveal: rows.map((row) => ({ slot: prediction.slots[row] as number, id: prediction.ids[row] as number })),
    remask: [],
  };
}

/** Slots to write and slots that may be rewritten, ascending: what a sampler asks for that judges both. */
export function openAndWritten({ candidates, rewritable }: Situation): number[] {
  return [...candidates, ...rewritable].sort((a, b) => a - b);
}

/**
 * A sampler that writes the `quota` best rows by `score`. With `orderTemperature` x > 0 (Dream's alg_temp) it draws them
 * from softmax(score / x) without replacement instead, which is taking the best of score / x + Gumbel noise. A row whose
 * token has probability 0 comes last: so the setting `ends` makes end tokens wait.
 */
export function byScore(
  about: Pick<About, 'name' | 'source' | 'exactFor'> &
    Partial<Pick<Sampler, 'aliases' | 'uses' | 'wholeText' | 'paper'>>,
  score: Score,
): Sampler {
  return {
    ...about,
    family: 'order',
    followsPlan: true,
    uses: [...PLANNED, 'orderTemperature', ...(about.uses ?? [])],
    choose(situation, prediction) {
      const { quota, settings, step } = situation;
      const heat = settings.orderTemperature;
      const key = stepKey(settings.seed, step, Stream.Order);
      const value = (row: number) => {
        if (prediction.logProbs[row] === -Infinity) return -Infinity;
        const plain = score(prediction, row, situation);
        return heat === 0 ? plain : plain / heat + gumbel(key, prediction.slots[row] as number, 1);
      };
      return reveal(prediction, rank(candidateRows(situation, prediction), value).slice(0, quota));
    },
  };
}
