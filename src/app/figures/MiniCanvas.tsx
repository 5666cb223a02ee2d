/**
 * A text at one moment of its run, to be read and not to be worked on. Slots look as on the big canvas; what an
 * autoregressive model has not written yet is empty paper, that keeps the room of the words to come.
 */
import { memo } from 'react';
import { Mark } from '../../diffusion/diff.ts';
import type { Trace } from '../../diffusion/trace.ts';
import { m } from '../messages/index.ts';
import { diffOf } from '../trace/differs.ts';
import { frameAt, Look } from '../trace/frame.ts';
import { isBeginning, slotTexts, WRITTEN, wordOf } from '../trace/words.ts';

interface Props {
  readonly trace: Trace;
  readonly playhead: number;
  readonly writer: 'set' | 'append';
  /** Marks words that are not those of this run at its `playhead`. */
  readonly against?: { readonly trace: Trace; readonly playhead: number } | undefined;
}

export const MiniCanvas = memo(
  function MiniCanvas({ trace, playhead, writer, against }: Props) {
    const frame = frameAt(trace, playhead);
    const texts = slotTexts(frame, trace.pieces);
    // What a tokenizer puts before every text is no part of it to a reader.
    const first = frame.order[0];
    const begun = first !== undefined && isBeginning(texts[first] as string);
    const marks = against && diffOf(trace, frame.playhead, against.trace, against.playhead).left;
    return (
      <div className={`canvas prose mini ${writer}`}>
        {Array.from(begun ? frame.order.subarray(1) : frame.order, (slot) => {
          const look = frame.looks[slot] as number;
          const open = (look & Look.Open) !== 0;
          const { lead, body, trail, sign } = wordOf(texts[slot] as string);
          const names = [
            'slot',
            look & Look.Given ? 'given' : '',
            look & Look.Now ? 'now' : '',
            look & Look.Rewritten ? 'again' : '',
            look & Look.Inserted ? 'inserted' : '',
            look & Look.Removed ? 'removed' : '',
            open && writer === 'set' ? 'mask' : '',
            open && writer === 'append' ? 'ahead' : '',
            marks?.[slot] === Mark.Differs ? 'differs' : '',
            lead === '' ? 'joined' : '',
            sign && !open ? 'sign' : '',
          ];
          return (
            <span key={slot}>
              {lead}
              <span className={names.filter(Boolean).join(' ')} {...(open ? { 'data-room': body } : WRITTEN)}>
                {open ? <span className="hidden">{writer === 'set' ? `${m.canvas.mask} ` : ''}</span> : body}
              </span>
              {trail}
            </span>
          );
        })}
      </div>
    );
  },
  (a, b) =>
    a.trace === b.trace &&
    a.playhead === b.playhead &&
    a.against?.trace === b.against?.trace &&
    a.against?.playhead === b.against?.playhead,
);
