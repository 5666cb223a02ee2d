/**
 * One step of sampling an Edit Flow: every token may be exchanged or removed, and one inserted after it, all at once and
 * independently (τ-leaping; arXiv 2506.09018 §3.4, dllm/pipelines/editflow/sampler.py `tau_leap_step`).
 */
import type { EditRates } from '../network.ts';
import { Stream, stepKey, uniform, word } from '../rng.ts';
import type { Edit } from './bridge.ts';
import { KAPPA, kappaWeight } from './kappa.ts';

/** The sampler's own, whatever κ the network was trained with. */
const SAMPLING = KAPPA.linear;
/** No chance is larger. */
const MOST_CHANCE = 1 - 1e-6;
/** Sampling ends here: at t = 1 the weight is infinite. */
const LAST_TIME = 1 - 1e-3;

/** Uniform numbers for each slot of the text: whether it goes, whether it goes for good, whether one is inserted after it. */
export interface LeapDraws {
  fire(slot: number): number;
  remove(slot: number): number;
  insert(slot: number): number;
}

export interface LeapOptions {
  /** From 0 to 1. */
  readonly t: number;
  readonly tau: number;
  /** So many tokens at the start are given: not exchanged, not removed, and nothing is inserted between them. */
  readonly given: number;
}

/** Of the predictions only the drawn tokens matter. */
type Drawn = { readonly ids: ArrayLike<number> };
type Answer = Pick<EditRates, 'rates'> & { readonly set: Drawn; readonly insert: Drawn };

/**
 * The edits of one step, by slot; at one slot what happens to its token comes before what is inserted after it, which comes
 * even if the token goes. `answer` is about every slot of the text. Slot 0 is the token that begins every text.
 */
export function leap(
  { rates, set, insert: inserted }: Answer,
  draws: LeapDraws,
  { t, tau, given }: LeapOptions,
): Edit[] {
  const weight = kappaWeight(SAMPLING, t);
  const edits: Edit[] = [];
  const count = rates.insert.length;
  for (let slot = 0; slot < count; slot++) {
    const isGiven = slot < given;
    const remove = isGiven ? 0 : (rates.remove[slot] as number) * weight;
    const either = isGiven ? 0 : remove + (rates.set[slot] as number) * weight;
    if (draws.fire(slot) < chance(either, tau)) {
      if (draws.remove(slot) < remove / (either + 1e-8)) edits.push({ kind: 'remove', slot });
      else edits.push({ kind: 'substitute', slot, id: set.ids[slot] as number });
    }
    const insert = slot < given - 1 ? 0 : (rates.insert[slot] as number) * weight;
    if (draws.insert(slot) < chance(insert, tau)) {
      edits.push({ kind: 'insert', slot, id: inserted.ids[slot] as number });
    }
  }
  return edits;
}

function chance(rate: number, tau: number): number {
  return Math.min(rate * tau, MOST_CHANCE);
}

/**
 * The edits that a repair makes: every one that is likelier than not to be among those left to do. Our own, for texts with
 * few mistakes: a network's rate at a slot is how many edits it expects there, and where each of many right tokens has a
 * small one, leaping changes some of them for nothing. At a slot the largest rate decides; an insertion stands by itself.
 */
export function surestEdits(
  { rates, set, insert: inserted }: Answer,
  { given, above }: { readonly given: number; readonly above: number },
): Edit[] {
  const edits: Edit[] = [];
  const count = rates.insert.length;
  for (let slot = 0; slot < count; slot++) {
    const [substitute, remove] = [rates.set[slot] as number, rates.remove[slot] as number];
    if (slot >= given && Math.max(substitute, remove) > above) {
      if (remove > substitute) edits.push({ kind: 'remove', slot });
      else edits.push({ kind: 'substitute', slot, id: set.ids[slot] as number });
    }
    if (slot >= given - 1 && (rates.insert[slot] as number) > above) {
      edits.push({ kind: 'insert', slot, id: inserted.ids[slot] as number });
    }
  }
  return edits;
}

/** The text after these edits, which are in the order that `leap` gives. */
export function applyEdits(ids: ArrayLike<number>, edits: readonly Edit[]): Int32Array {
  const next: number[] = [];
  let at = 0;
  for (let slot = 0; slot < ids.length; slot++) {
    const own = at;
    while (edits[at]?.slot === slot) at++;
    const here = edits.slice(own, at);
    const changed = here.find(({ kind }) => kind !== 'insert');
    if (changed === undefined) next.push(ids[slot] as number);
    else if (changed.kind === 'substitute') next.push(changed.id);
    for (const edit of here) if (edit.kind === 'insert') next.push(edit.id);
  }
  return Int32Array.from(next);
}

/** The draws of one step of a run. */
export function leapDraws(seed: number, step: number): LeapDraws {
  const key = stepKey(seed, step, Stream.Edit);
  const draw = (number: number) => (slot: number) => uniform(word(key, slot, number));
  return { fire: draw(0), remove: draw(1), insert: draw(2) };
}

/** The times at which a run of steps `tau` leaps: at most ⌈1/τ⌉, none where too little is left. */
export function leapTimes(tau: number): number[] {
  const times: number[] = [];
  let t = 0;
  for (let step = 0; step < Math.ceil(1 / tau) && t < LAST_TIME; step++) {
    times.push(t);
    t = Math.min(1, t + tau);
  }
  return times;
}
