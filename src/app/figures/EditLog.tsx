/** The edits of a run up to a moment, the latest first; each leads to its step and its slot. */
import type { Trace } from '../../diffusion/trace.ts';
import { m } from '../messages/index.ts';
import { type EditEvent, editEvents } from '../trace/edit-events.ts';
import { WRITTEN, wordOf } from '../trace/words.ts';

/** More would only scroll. */
const LISTED = 60;

interface Props {
  readonly trace: Trace;
  readonly playhead: number;
  readonly onPick: (event: EditEvent) => void;
}

export function EditLog({ trace, playhead, onPick }: Props) {
  const events = editEvents(trace, playhead);
  const word = (id: number | undefined) => {
    const { body, sign } = wordOf(trace.pieces[id ?? -1] ?? '');
    return sign ? m.canvas[sign] : id === trace.maskId ? m.canvas.mask : body;
  };
  const said = ({ kind, before, after }: EditEvent) => m.editLog[kind](word(before), word(after));
  return (
    <details className="edit-log">
      <summary>{m.editLog.title(events.length)}</summary>
      <ol {...WRITTEN}>
        {events.slice(0, LISTED).map((event) => (
          <li key={`${event.step}-${event.slot}-${event.kind}`}>
            <button type="button" className="link" onClick={() => onPick(event)}>
              {said(event)}
            </button>{' '}
            <span className="note">{m.editLog.at(event.step + 1)}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
