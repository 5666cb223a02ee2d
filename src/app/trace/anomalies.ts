/**
 * Behaviour that looks odd, found in the Trace itself and never guessed: each rule checks the very numbers its
 * explanation speaks of, so that the page explains what happened and stays silent otherwise. What the behaviours are and
 * why they come is known from dLLM and LLaDA (the end fills first, undertrained models repeat) and from how
 * confidence is computed, at temperature 1 whatever temperature drew the token.
 */

import { layoutOf } from '../../diffusion/blocks.ts';
import { isOpen, Slot } from '../../diffusion/canvas.ts';
import { least } from '../../diffusion/extremes.ts';
import type { Prediction } from '../../diffusion/network.ts';
import { maskedIn, writtenIn, writtenSlotsIn } from '../../diffusion/ops.ts';
import { canvasAt } from '../../diffusion/replay.ts';
import { SAMPLER_TABLE } from '../../diffusion/samplers/index.ts';
import type { Step, Trace } from '../../diffusion/trace.ts';
import { type Frame, frameAt, rowOf } from './frame.ts';
import { plannedAhead } from './resume.ts';
import { isEnding } from './words.ts';

export type Odd =
  | { readonly kind: 'endsFirst'; readonly count: number }
  | { readonly kind: 'lingers'; readonly slot: number; readonly waited: number }
  | { readonly kind: 'repeats'; readonly ids: readonly number[]; readonly times: number }
  | { readonly kind: 'short'; readonly text: number; readonly all: number }
  | { readonly kind: 'leftBehind'; readonly masks: number }
  | { readonly kind: 'tail'; readonly slot: number; readonly id: number; readonly probability: number }
  | { readonly kind: 'same'; readonly slot: number; readonly id: number };
export type OddKind = Odd['kind'];

/** Rarest first: what can be seen at this moment for one reason only goes before what lasts. */
const RULES: { readonly [K in OddKind]: (trace: Trace, frame: Frame) => Extract<Odd, { kind: K }> | undefined } = {
  leftBehind,
  same,
  endsFirst,
  lingers,
  tail,
  repeats,
  short,
};

/** What is odd at the playhead, the most telling first; kinds in `silent` are passed over. */
export function oddAt(trace: Trace, playhead: number, silent: ReadonlySet<OddKind> = new Set()): Odd | undefined {
  const frame = frameAt(trace, playhead);
  for (const kind of Object.keys(RULES) as OddKind[]) {
    const found = silent.has(kind) ? undefined : RULES[kind](trace, frame);
    if (found) return found;
  }
  return undefined;
}

/** How many steps a slot must have waited before it is called waiting. */
const WAITED = 8;
/** A best guess below this is no sure guess. */
const UNSURE = 0.4;

const confidenceOf = (prediction: Prediction, row: number) => Math.exp(prediction.logProbs[row] ?? Number.NaN);
const bestOf = (prediction: Prediction, row: number) =>
  Math.exp(prediction.topLogProbs[row * prediction.topK] ?? Number.NaN);

/** True when the order looks at what was drawn; one that does not is never the reason why a slot waits. */
function looksAtTokens({ settings }: Trace): boolean {
  const { exactFor, family } = SAMPLER_TABLE[settings.sampler];
  return !exactFor && family !== 'remasking';
}

/** True when the step wrote its surest slots: no slot that was left had a surer draw than one that was written. */
function tookSurest(step: Step): boolean {
  const written = new Set(writtenSlotsIn(step));
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  step.prediction.slots.forEach((slot, row) => {
    const confidence = confidenceOf(step.prediction, row);
    if (written.has(slot)) least = Math.min(least, confidence);
    else most = Math.max(most, confidence);
  });
  // A trace file holds four decimals of a logarithm.
  return written.size > 0 && least >= most - 1e-4;
}

function isEnd(trace: Trace, id: number): boolean {
  return isEnding(trace.pieces[id] ?? '');
}

/** The end is written while most of the text before it is open. */
function endsFirst(trace: Trace, frame: Frame): Extract<Odd, { kind: 'endsFirst' }> | undefined {
  let ends = 0;
  let firstEnd = -1;
  for (const [slot, id] of frame.ids.entries()) {
    if (frame.states[slot] !== Slot.Revealed || !isEnd(trace, id)) continue;
    ends++;
    if (firstEnd < 0) firstEnd = slot;
  }
  if (ends < 3) return undefined;
  const before = Array.from(frame.states.subarray(0, firstEnd));
  const open = before.filter(isOpen).length;
  const text = before.filter((state) => state === Slot.Revealed).length;
  return open > text && open >= 3 ? { kind: 'endsFirst', count: ends } : undefined;
}

/** One of the last open slots of its block was asked again and again, and every slot written meanwhile was surer. */
function lingers(trace: Trace, { playhead, states }: Frame): Extract<Odd, { kind: 'lingers' }> | undefined {
  const step = trace.steps[playhead - 1];
  if (!step || playhead === trace.steps.length || !looksAtTokens(trace)) return undefined;
  const next = trace.steps[playhead] as Step;
  const open = Array.from(next.prediction.slots).filter((slot) => isOpen(states[slot] as number));
  if (open.length === 0 || open.length > 2 || next.next.block !== step.next.block) return undefined;
  for (const slot of open) {
    let waited = 0;
    for (let index = playhead - 1; index >= 0; index--) {
      const { prediction, ops } = trace.steps[index] as Step;
      const revealed = writtenSlotsIn({ ops });
      const row = rowOf(trace, index, slot);
      if (row < 0 || revealed.length === 0 || !(bestOf(prediction, row) < UNSURE)) break;
      const surer = revealed.every(
        (other) => confidenceOf(prediction, rowOf(trace, index, other)) >= confidenceOf(prediction, row),
      );
      if (!surer) break;
      waited++;
    }
    if (waited >= WAITED) return { kind: 'lingers', slot, waited };
  }
  return undefined;
}

/** A token of little probability was drawn where a likely one was at hand, and only therefore its slot was passed over. */
function tail(trace: Trace, { playhead }: Frame): Extract<Odd, { kind: 'tail' }> | undefined {
  const step = trace.steps[playhead - 1];
  if (!step || trace.settings.temperature === 0 || !looksAtTokens(trace) || !tookSurest(step)) return undefined;
  const { prediction } = step;
  const revealed = writtenSlotsIn(step);
  if (prediction.topK === 0) return undefined;
  const written = new Set(revealed);
  const surest = least(revealed.map((slot) => confidenceOf(prediction, rowOf(trace, playhead - 1, slot))));
  for (const [row, slot] of prediction.slots.entries()) {
    const probability = confidenceOf(prediction, row);
    if (written.has(slot) || probability >= 0.05 || bestOf(prediction, row) <= Math.max(surest, 0.5)) continue;
    return { kind: 'tail', slot, id: prediction.ids[row] as number, probability };
  }
  return undefined;
}

/** The step wrote into a slot the word that stood there before it was masked again. */
function same(trace: Trace, frame: Frame): Extract<Odd, { kind: 'same' }> | undefined {
  const index = frame.playhead - 1;
  const step = trace.steps[index];
  if (!step) return undefined;
  const masked = new Map<number, number>();
  for (const [at, one] of trace.steps.slice(0, index).entries()) for (const slot of maskedIn(one)) masked.set(slot, at);
  for (const { slot, id } of writtenIn(step)) {
    const before = wordBeforeMasking(trace, index, slot, masked.get(slot) ?? -1);
    if (before === id && frame.ids[slot] === id) return { kind: 'same', slot, id };
  }
  return undefined;
}

/** What stood in `slot` when it was last masked again, by `step` or by an edit before step `index`; undefined when it never was. */
function wordBeforeMasking(trace: Trace, index: number, slot: number, step: number): number | undefined {
  const edit = trace.edits.findLast((one) => one.slot === slot && one.state === Slot.Remasked && one.before <= index);
  if (!edit && step < 0) return undefined;
  const byHand = edit !== undefined && edit.before > step;
  // Without the edits of that moment the slot still holds its word.
  const edits = byHand ? trace.edits.filter((one) => one.before !== edit.before || one.slot !== slot) : trace.edits;
  const canvas = canvasAt({ ...trace, edits }, byHand ? edit.before : step);
  return isOpen(canvas.states[slot] as number) ? undefined : canvas.ids[slot];
}

/** The longest phrase of at least three tokens that stands three times or more, written where the model was surest. */
function repeats(trace: Trace, frame: Frame): Extract<Odd, { kind: 'repeats' }> | undefined {
  if (!looksAtTokens(trace)) return undefined;
  const text = runsOfText(frame, trace);
  for (const length of [8, 7, 6, 5, 4, 3]) {
    const places = new Map<string, number[]>();
    for (const slots of text) {
      for (let i = 0; i + length <= slots.length; i++) {
        const key = slots
          .slice(i, i + length)
          .map((slot) => frame.ids[slot])
          .join(' ');
        const at = places.get(key) ?? [];
        // Copies that overlap are one.
        if ((slots[i] as number) >= (at.at(-1) ?? -length) + length) places.set(key, [...at, slots[i] as number]);
      }
    }
    for (const [key, starts] of places) {
      const ids = key.split(' ').map(Number);
      if (starts.length < 3 || !/\p{L}{2}/u.test(ids.map((id) => trace.pieces[id] ?? '').join(''))) continue;
      if (writtenGreedily(trace, frame, starts, length)) return { kind: 'repeats', ids, times: starts.length };
    }
  }
  return undefined;
}

/** Neighbouring written slots of the new text. */
function runsOfText(frame: Frame, trace: Trace): number[][] {
  const runs: number[][] = [[]];
  for (const [slot, state] of frame.states.entries()) {
    if (state === Slot.Revealed && !isEnd(trace, frame.ids[slot] as number)) runs.at(-1)?.push(slot);
    else if (runs.at(-1)?.length) runs.push([]);
  }
  return runs;
}

/** Most tokens of the copies were written by steps that took their surest slots. */
function writtenGreedily(trace: Trace, frame: Frame, starts: readonly number[], length: number): boolean {
  const slots = starts.flatMap((start) => Array.from({ length }, (_, i) => start + i));
  // A step may have written thousands of them.
  const known = new Map<number, boolean>();
  const greedy = slots.filter((slot) => {
    const at = frame.writtenAt[slot] as number;
    const step = trace.steps[at];
    const surest =
      known.get(at) ??
      (step !== undefined && step.prediction.slots.length > writtenIn(step).length && tookSurest(step));
    known.set(at, surest);
    return surest;
  });
  return greedy.length >= slots.length * 0.6;
}

/** Everything is written, and most of it is end tokens. */
function short(trace: Trace, frame: Frame): Extract<Odd, { kind: 'short' }> | undefined {
  if (frame.masks > 0 || frame.playhead < trace.steps.length) return undefined;
  const { start } = layoutOf(trace.start, trace.settings);
  const ids = Array.from(frame.ids.subarray(start));
  const text = ids.filter((id) => !isEnd(trace, id)).length;
  return ids.length >= 8 && text <= ids.length / 2 ? { kind: 'short', text, all: ids.length } : undefined;
}

/** The run came to its end by itself, and masks are left. */
function leftBehind(trace: Trace, frame: Frame): Extract<Odd, { kind: 'leftBehind' }> | undefined {
  if (!trace.settings.exact || frame.masks === 0 || trace.steps.length === 0) return undefined;
  if (frame.playhead < trace.steps.length || plannedAhead(trace).length > 0) return undefined;
  // A mask made by hand after the last step is not the run's doing.
  if (trace.edits.some(({ before }) => before === trace.steps.length)) return undefined;
  return { kind: 'leftBehind', masks: frame.masks };
}
