import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fillCanvas } from '../../diffusion/canvas.ts';
import { NOTHING_ASKED } from '../../diffusion/network.ts';
import type { Step } from '../../diffusion/trace.ts';
import { editEvents } from './edit-events.ts';
import { frameAt, Look } from './frame.ts';
import { summaryOf } from './step-summary.ts';

const step = (index: number, ops: Step['ops']) => ({ index, ops, prediction: NOTHING_ASKED }) as unknown as Step;
const line = {
  start: { ...fillCanvas([0, 1, 2, 3], 9), states: Uint8Array.of(0, 2, 2, 2) },
  steps: [
    step(0, [
      { set: 1, id: 5 },
      { insert: 4, after: 1, id: 6 },
    ]),
    step(1, [{ remove: 2 }, { set: 4, id: 7 }]),
  ],
  edits: [],
  maskId: 9,
};

test('every edit is told with what stood there before, the latest first', () => {
  expect(editEvents(line, 2)).toEqual([
    { step: 1, kind: 'set', slot: 4, before: 6, after: 7 },
    { step: 1, kind: 'remove', slot: 2, before: 2, after: undefined },
    { step: 0, kind: 'insert', slot: 4, before: undefined, after: 6 },
    { step: 0, kind: 'set', slot: 1, before: 1, after: 5 },
  ]);
  expect(editEvents(line, 1)).toHaveLength(2);
});

test('a word that came in stands where it came in, one that goes is seen once more', () => {
  const [begin, first, last] = [0, 1, 2].map((playhead) => frameAt(line as never, playhead));
  expect([...(begin?.order ?? [])]).toEqual([0, 1, 2, 3]);
  expect([...(first?.order ?? [])]).toEqual([0, 1, 4, 2, 3]);
  expect((first?.looks[4] ?? 0) & Look.Inserted).toBeTruthy();
  expect((first?.looks[1] ?? 0) & Look.Rewritten).toBeTruthy();
  expect([...(last?.order ?? [])]).toEqual([0, 1, 4, 2, 3]);
  expect(last?.looks[2]).toBe(Look.Removed);
  expect(last?.ids[2]).toBe(2);
  // And then it is gone.
  const after = frameAt({ ...line, steps: [...line.steps, step(2, [])] } as never, 3);
  expect([...after.order]).toEqual([0, 1, 4, 3]);
  expect(summaryOf(line as never, 1)).toEqual({ written: 0, replaced: 1, maskedAgain: 0, inserted: 0, removed: 1 });
});

/** Of dLLM's own drawing of edit runs (examples/editflow/legacy/viz.py), where it is to be had. */
const shared = new URL('../../../../shared/golden/editflow_events.json', import.meta.url);
interface Drawn {
  readonly init: { readonly x_ids: number[]; readonly prompt_len: number };
  readonly steps: {
    readonly before: number[];
    readonly deleted: number[];
    readonly substituted: Readonly<Record<string, number>>;
    readonly inserted: Readonly<Record<string, number>>;
    readonly events: string[];
  }[];
  /** A title, then every token as it is drawn: text and colour. */
  readonly frames: [text: string, colour: number[]][][];
}
const STRUCK = '\u0336';

test.skipIf(!existsSync(shared))(
  'events and frames are those of dLLM: tokens keep their identity, one that goes is struck through',
  () => {
    const { mask_id: maskId, runs, colours } = JSON.parse(readFileSync(shared, 'utf8'));
    for (const { init, steps: drawn, frames } of runs as Drawn[]) {
      const start = fillCanvas(init.x_ids, maskId);
      let order = [...init.x_ids.keys()];
      let slots = order.length;
      const rows: Map<number, number>[] = [];
      const steps = drawn.map(({ before, deleted, substituted, inserted }, index) => {
        rows.push(new Map(order.map((slot, row) => [slot, row])));
        const next: number[] = [];
        const ops = order.flatMap((slot, row): Step['ops'][number][] => {
          const [set, insert] = [substituted[row], inserted[row]];
          const goes = deleted.includes(row);
          const came = insert === undefined ? undefined : slots++;
          if (!goes) next.push(slot);
          if (came !== undefined) next.push(came);
          return [
            ...(set === undefined ? [] : [{ set: slot, id: set }]),
            ...(came === undefined ? [] : [{ insert: came, after: slot, id: insert as number }]),
            ...(goes ? [{ remove: slot }] : []),
          ];
        });
        expect(order).toHaveLength(before.length);
        order = next;
        return step(index, ops);
      });
      const run = { start, steps, edits: [], maskId };

      const word = (id: number | undefined) => (id === maskId ? '<mask>' : `w${id}`);
      const told = steps.map((): string[] => []);
      for (const { step: at, kind, slot, before, after } of editEvents(run, steps.length)) {
        const row = rows[at]?.get(slot);
        const op = steps[at]?.ops.find((each) => 'insert' in each && each.insert === slot);
        const behind = op && 'after' in op ? (rows[at]?.get(op.after as number) as number) : 0;
        told[at]?.push(
          kind === 'remove'
            ? `DEL@${row}:${word(before)}`
            : kind === 'set'
              ? `SUB@${row}:${word(before)}->${word(after)}`
              : `INS@${behind}->${behind + 1}:${word(after)}`,
        );
      }
      expect(told.map((each) => each.toSorted())).toEqual(drawn.map(({ events }) => events.toSorted()));

      for (const playhead of [0, ...steps.keys()].map((_, at) => at)) {
        const { order: seen, ids, looks } = frameAt(run as never, playhead);
        const ours = Array.from(seen, (slot) => {
          const [look, text] = [looks[slot] as number, ids[slot] === maskId ? '[m]' : ` w${ids[slot]}`];
          return { text, isStruck: (look & Look.Removed) !== 0, isNew: (look & Look.Inserted) !== 0 };
        });
        const theirs = (frames[playhead] ?? []).slice(1).map(([text, colour]) => {
          const isStruck = text.includes(STRUCK);
          // There, what is exchanged or struck through loses the colour of what came in.
          const isNew = `${colour}` === `${colours.inserted}` || undefined;
          return { text: text.replaceAll(STRUCK, ''), isStruck, isNew };
        });
        expect(
          ours.map((each, at) => (theirs[at]?.isNew === undefined ? { ...each, isNew: undefined } : each)),
        ).toEqual(theirs);
      }
    }
  },
);
