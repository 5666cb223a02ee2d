/**
 * Edit Flows (arXiv 2506.09018 §3.4; dllm/pipelines/editflow/sampler.py): in every step each token may be exchanged or go,
 * and a new one may come behind it. Written with masks or with nothing, a text is made by τ-leaping, in as many steps as
 * the settings say, so τ = 1 / steps. A text of the reader's own (mode edit) is repaired by the surest edits, until none is
 * left (`edit-flow/leap.ts` says why), or by leaps too (`editWay`). What is given stays, and so does what the reader has kept.
 */
import { type Canvas, nextSlot, Slot, slotAt } from '../canvas.ts';
import type { Edit } from '../edit-flow/bridge.ts';
import { leap, leapDraws, leapTimes, surestEdits } from '../edit-flow/leap.ts';
import { neverDrawn } from '../ends.ts';
import { UnmaskError } from '../error.ts';
import type { EditRates, NetworkInfo } from '../network.ts';
import type { Op } from '../ops.ts';
import type { Begin, Process, State, Turn } from '../process.ts';
import type { Settings } from '../settings.ts';
import { alternativesKept } from '../truncate.ts';

export const edits: Process = {
  name: 'edits',
  begin(info, _, settings, { cursor, fresh }) {
    if (!info.edits) throw withoutEdits();
    // A flow that has come to its end begins anew, on what has been changed since.
    const flowing = cursor?.flow !== undefined && cursor.flow < 1;
    const times = bySurest(settings)
      ? Array.from({ length: settings.steps }, (_, i) => i / settings.steps)
      : leapTimes(1 / settings.steps);
    return stateOf(
      { info, settings, times, fresh },
      { step: cursor?.step ?? 0, leaps: flowing ? (cursor?.grid ?? 0) : 0 },
    );
  },
};

function bySurest({ mode, editWay }: Settings): boolean {
  return mode === 'edit' && editWay === 'surest';
}

interface Run extends Pick<Begin, 'fresh'> {
  readonly info: NetworkInfo;
  readonly settings: Settings;
  /** When it leaps. */
  readonly times: readonly number[];
}

interface Moment {
  readonly step: number;
  /** Made in this flow. */
  readonly leaps: number;
}

function stateOf(run: Run, moment: Moment): State {
  return { turn: (canvas) => (moment.leaps >= run.times.length ? undefined : turnOf(run, moment, canvas)) };
}

function turnOf(run: Run, { step, leaps }: Moment, canvas: Canvas): Turn {
  const { info, settings, times, fresh } = run;
  const suppress = [...(info.maskId === undefined ? [] : [info.maskId]), ...neverDrawn(info, settings)];
  return {
    asks: 'edits',
    question: {
      sequence: {
        // A copy, because the network may keep what it was asked.
        ids: canvas.ids.slice(),
        asked: Int32Array.from(canvas.ids.keys()),
        draw: { seed: settings.seed, step, temperature: settings.temperature },
      },
      options: {
        topK: alternativesKept({ ...settings, topK: 0, topP: 1 }, info.vocabSize - suppress.length),
        suppress,
        ...(fresh ? { fresh } : {}),
      },
    },
    choose(answer) {
      const made = opsOf(canvas, chosen(run, answer, canvas, step, times[leaps] as number), info);
      // A repair ends where nothing is left to do.
      const last = (bySurest(settings) && made.length === 0) || leaps + 1 === times.length;
      const flow = last ? 1 : (times[leaps + 1] as number);
      return {
        ops: made,
        answer,
        next: { step: step + 1, block: 0, grid: leaps + 1, flow },
        state: stateOf(run, { step: step + 1, leaps: last ? times.length : leaps + 1 }),
      };
    },
  };
}

function chosen({ settings }: Run, answer: EditRates, canvas: Canvas, step: number, t: number): Edit[] {
  const given = givenAt(canvas);
  const found = bySurest(settings)
    ? surestEdits(answer, { given, above: settings.editAbove })
    : leap(answer, leapDraws(settings.seed, step), { t, tau: 1 / settings.steps, given });
  const stays = (place: number) => canvas.states[place] === Slot.Pinned || canvas.states[place] === Slot.Given;
  return found.filter(({ kind, slot }) => kind === 'insert' || !stays(slot));
}

/** How many slots at the start are given. */
function givenAt({ states }: Canvas): number {
  const first = states.findIndex((state) => state !== Slot.Given);
  return Math.max(1, first < 0 ? states.length : first);
}

/** A token that goes does so after another has come behind it. What the network could not read any more is not inserted. */
function opsOf(canvas: Canvas, found: readonly Edit[], { maxLength }: NetworkInfo): Op[] {
  const ops: Op[] = [];
  let fresh = nextSlot(canvas);
  let room = maxLength - canvas.ids.length;
  const places = [...new Set(found.map(({ slot }) => slot))];
  for (const place of places) {
    const slot = slotAt(canvas, place);
    const here = found.filter((edit) => edit.slot === place);
    for (const edit of here)
      if (edit.kind === 'insert' && room-- > 0) ops.push({ insert: fresh++, after: slot, id: edit.id });
    for (const edit of here) {
      if (edit.kind === 'remove') ops.push({ remove: slot });
      // The token that stands there already is no change.
      else if (edit.kind === 'substitute' && edit.id !== canvas.ids[place]) ops.push({ set: slot, id: edit.id });
    }
  }
  return ops;
}

function withoutEdits(): UnmaskError {
  const message = 'This model was not trained to edit.';
  return new UnmaskError({ code: 'settings', message, remedy: 'Choose a model with edit heads, or another process.' });
}
