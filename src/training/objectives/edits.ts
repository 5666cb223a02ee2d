/**
 * Edit Flows (arXiv 2506.09018; dllm/pipelines/editflow/trainer.py): a network learns which edits lead from one text to
 * another. Both are laid side by side (`align.ts`); at time t a column shows the new text with chance κ(t); what the
 * network reads is the text of that moment, and what it is asked are the edits that are left.
 *
 *     loss = (1/B) Σ_b w(t_b)/|x_1| ( Σ_tokens rates − Σ_edits log(rate · p(token)) ),   w = κ′/(1 − κ), at most 20
 *
 * Where a text begins from is `corrupt`: the text itself with mistakes, which makes a network that repairs; nothing, or a
 * row of masks, which makes one that writes.
 */
import { align } from '../../diffusion/edit-flow/align.ts';
import { type Bridge, bridge } from '../../diffusion/edit-flow/bridge.ts';
import { KAPPA, kappaWeight } from '../../diffusion/edit-flow/kappa.ts';
import { withMistakes } from '../../diffusion/mistakes.ts';
import { Stream, stepKey, uniform, word } from '../../diffusion/rng.ts';
import { stratified } from '../../diffusion/times.ts';
import type { TrainSettings } from '../train-settings.ts';
import type { AboutModel, Objective, Question, Rows, StepDraw, WordsOfModel } from './objective.ts';

export type EditSettings = Pick<TrainSettings, 'corrupt' | 'mistakes' | 'kappa' | 'editMasks'>;

/** Of dLLM: t is never larger, w never more. */
const LAST_TIME = 0.999;
const MOST_WEIGHT = 20;
/** Rows of a question are this much longer than the longest text at most, so that few lengths occur. */
const STEP = 16;

export function edits(settings: EditSettings): Objective {
  const kappa = KAPPA[settings.kappa];
  return {
    name: 'edits',
    source: 'Edit Flows (arXiv 2506.09018), loss and weights as in dLLM',
    causal: false,
    bound: false,
    edits: true,
    ask(rows, draw, about) {
      const words = about.words as WordsOfModel;
      const pairs = pairsOf(rows, settings, draw, about);
      const times = stepKey(draw.seed, draw.step, Stream.Time);
      const columns = stepKey(draw.seed, draw.step, Stream.Corrupt);
      const places = stratified(Float64Array.from(pairs, (_, b) => uniform(word(times, b, 0))));
      const texts = pairs.map(({ from, to }, b): EditText => {
        const t = LAST_TIME * (places[b] as number);
        const share = kappa.at(t);
        const made = bridge(align(from, to), (column) => uniform(word(columns, b, column)) < share);
        return { ...made, weight: Math.min(kappaWeight(kappa, t), MOST_WEIGHT) / (to.length * pairs.length) };
      });
      return editQuestion(texts, words);
    },
  };
}

/** A text of one moment, and what its edits and rates weigh. */
export interface EditText extends Bridge {
  readonly weight: number;
}

/** Texts of a batch as one question, in rows as long as the longest; what would be beyond the network's reach is left out. */
export function editQuestion(
  texts: readonly EditText[],
  { padId, maxLength }: Pick<WordsOfModel, 'padId' | 'maxLength'>,
): Question {
  const longest = Math.max(1, ...texts.map(({ ids }) => ids.length));
  const length = Math.min(maxLength, STEP * Math.ceil(longest / STEP));
  const inputs = new Int32Array(texts.length * length).fill(padId);
  const lists = { substitute: new Scores(), remove: new Scores(), insert: new Scores() };
  for (const [b, { ids, edits: left, weight }] of texts.entries()) {
    inputs.set(ids.subarray(0, length), b * length);
    for (const edit of left) {
      if (edit.slot >= length) continue;
      lists[edit.kind].add(b * length + edit.slot, 'id' in edit ? edit.id : 0, weight);
    }
  }
  return {
    inputs,
    length,
    ...lists.substitute.all(),
    edits: {
      lengths: Int32Array.from(texts, ({ ids }) => Math.min(ids.length, length)),
      rateWeights: Float32Array.from(texts, ({ weight }) => weight),
      inserted: lists.insert.all(),
      removed: lists.remove.all(),
    },
  };
}

class Scores {
  readonly #slots: number[] = [];
  readonly #ids: number[] = [];
  readonly #weights: number[] = [];

  add(slot: number, id: number, weight: number): void {
    this.#slots.push(slot);
    this.#ids.push(id);
    this.#weights.push(weight);
  }

  all(): Pick<Question, 'scored' | 'targets' | 'weights'> {
    return {
      scored: Int32Array.from(this.#slots),
      targets: Int32Array.from(this.#ids),
      weights: Float32Array.from(this.#weights),
    };
  }
}

interface Pair {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** Where each text of the batch comes from, and the text; both begin with the start token. */
export function pairsOf(
  { ids, maskable, length }: Rows,
  { corrupt, mistakes, editMasks }: Omit<EditSettings, 'kappa'>,
  { seed, step }: StepDraw,
  { maskId, words }: Pick<AboutModel, 'maskId' | 'words'>,
): Pair[] {
  const { tokenizer, startId } = words as WordsOfModel;
  const count = ids.length / length;
  const begun = (text: readonly number[]) => Int32Array.from([startId, ...text]);
  return Array.from({ length: count }, (_, b) => {
    const text = Array.from(ids.subarray(b * length, (b + 1) * length)).filter(
      (_, i) => maskable[b * length + i] === 1,
    );
    if (corrupt === 'empty') return { from: begun([]), to: begun(text) };
    if (corrupt === 'masks') return { from: begun(Array<number>(editMasks).fill(maskId)), to: begun(text) };
    // Both as the tokenizer writes them: a row that was cut within a word would differ from itself.
    const clean = tokenizer.decode(text);
    const number = step * count + b;
    return {
      from: begun(tokenizer.encode(withMistakes(clean, corrupt, rateOf(mistakes, seed, number), { seed, number }))),
      to: begun(tokenizer.encode(clean)),
    };
  });
}

/** A text's own share of words with mistakes: from none to twice the mean, so that right texts are seen, too. */
function rateOf(mean: number, seed: number, number: number): number {
  return Math.min(1, 2 * mean * uniform(word(stepKey(seed, number, Stream.Objective), 0, 0)));
}
