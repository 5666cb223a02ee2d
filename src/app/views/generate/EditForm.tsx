/** Writing one's own words into a slot. The model's tokenizer cuts them; if they need several slots, the form says so. */

import { type FormEvent, useEffect, useId, useState } from 'react';
import { openId, Slot } from '../../../diffusion/canvas.ts';
import { UnmaskError } from '../../../diffusion/error.ts';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import { compute, loadModel } from '../../session/compute.ts';
import { controller } from '../../session/current.ts';
import { useFrame } from '../../session/frames.ts';
import { useRun } from '../../session/run.ts';
import { maskAgain, type SlotChange, write } from '../../trace/change.ts';
import type { Frame } from '../../trace/frame.ts';
import { standingSlots } from '../../trace/frame.ts';
import { wordOf } from '../../trace/words.ts';

interface Cut {
  readonly ids: readonly number[];
  readonly pieces: readonly string[];
}

async function tokenize(text: string): Promise<Cut> {
  await loadModel();
  return (await compute()).tokenize(text);
}

interface Props {
  readonly slot: number;
  /** Slots of the span to write over; what is left over of it becomes masks. One slot alone may flow over into the next. */
  readonly room?: number;
  /** What the box asks; the usual question when absent. */
  readonly label?: string;
  /** Begins empty, whatever stands there. */
  readonly blank?: boolean;
  /** Writes what was typed; as a change by hand when absent. */
  readonly onWrite?: (changes: readonly SlotChange[], pieces: Readonly<Record<number, string>>) => Promise<void>;
  readonly onDone: () => void;
}

export function EditForm({ slot, room, label = m.inspector.editLabel, blank = false, onWrite, onDone }: Props) {
  const id = useId();
  const frame = useFrame();
  const trace = useRun((state) => state.trace);
  const pieces = trace?.pieces ?? {};
  const old =
    trace && !blank && room === undefined && frame?.ids[slot] !== openId(trace.maskId)
      ? wordOf(pieces[frame?.ids[slot] ?? -1] ?? '')
      : undefined;
  const [text, setText] = useState(old?.sign ? '' : (old?.body ?? ''));
  const [cut, setCut] = useState<Cut>();
  const [trouble, setTrouble] = useState<string>();
  // A word in running text carries the space before it; a piece that continued a word, or the very first, does not.
  const first = trace && wordOf(pieces[frame?.ids[slot] ?? -1] ?? '');
  const written = first && !first.sign && frame?.ids[slot] !== openId(trace?.maskId);
  const lead = slot === 0 ? '' : written ? first.lead : ' ';
  const full = /^\s/.test(text) ? text : lead + text;

  useEffect(() => {
    setCut(undefined);
    if (text === '') return undefined;
    let late = false;
    const timer = setTimeout(() => {
      tokenize(full).then(
        (answer) => !late && setCut(answer),
        (cause: unknown) => !late && setTrouble(UnmaskError.from(cause).message),
      );
    }, 120);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [full, text]);

  if (!frame || !trace) return null;
  const judged = (one: Cut) => (room === undefined ? judge(frame, pieces, slot, one) : judgeSpan(room, one));
  const verdict = cut ? judged(cut) : undefined;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (text === '') return;
    try {
      const answer = cut ?? (await tokenize(full));
      if (!judged(answer).fits) return;
      const known = Object.fromEntries(answer.ids.map((token, at) => [token, answer.pieces[at] ?? '']));
      const rest = Array.from({ length: Math.max(0, (room ?? 0) - answer.ids.length) }, (_, offset) =>
        maskAgain(trace, slot + answer.ids.length + offset),
      );
      const changes = [...write(frame, slot, answer.ids), ...rest];
      onDone();
      await (onWrite ? onWrite(changes, known) : controller.change(changes, known));
    } catch (cause) {
      setTrouble(UnmaskError.from(cause).message);
    }
  };

  return (
    <form
      className="edit"
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onDone();
      }}
    >
      <label className="hidden" htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here
        autoFocus
        autoComplete="off"
        spellCheck={false}
        placeholder={label}
        value={text}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="acts">
        <button type="submit" disabled={text === '' || verdict?.fits === false}>
          {m.inspector.editUse}
        </button>
        <button type="button" onClick={onDone}>
          {m.inspector.editCancel}
        </button>
      </div>
      <p className="note" aria-live="polite">
        {trouble === undefined ? verdict?.sentence : told(trouble)}
      </p>
    </form>
  );
}

function judgeSpan(room: number, { ids }: Cut): { fits: boolean; sentence: string } {
  const fits = ids.length <= room;
  return { fits, sentence: fits ? m.tools.spanFits(ids.length, room) : m.tools.spanTooLong(ids.length, room) };
}

function judge(
  frame: Frame,
  pieces: Readonly<Record<number, string>>,
  slot: number,
  { ids }: Cut,
): { fits: boolean; sentence: string } {
  const standing = standingSlots(frame);
  const behind = Array.from(standing.subarray(standing.indexOf(slot)));
  const room = behind.length;
  if (ids.length > room) return { fits: false, sentence: m.inspector.editTooLong(ids.length, room) };
  const slots = behind.slice(0, ids.length);
  const ownPrompt = frame.states[slot] === Slot.Given;
  if (!ownPrompt && slots.some((one) => frame.states[one] === Slot.Given))
    return { fits: false, sentence: m.inspector.editPrompt };
  if (ids.length === 1) return { fits: true, sentence: m.inspector.editFits };
  const replaced = slots
    .map((one) => pieces[frame.ids[one] as number] ?? '')
    .join('')
    .trim();
  return { fits: true, sentence: m.inspector.editSeveral(ids.length, replaced) };
}
