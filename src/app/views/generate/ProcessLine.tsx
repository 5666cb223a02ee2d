/** Under the canvas, what a run does that not every run does: how it reads by blocks, or which edits it has made. */
import type { Trace } from '../../../diffusion/trace.ts';
import { m } from '../../messages/index.ts';
import { useFrame } from '../../session/frames.ts';
import { seek, select, useRun } from '../../session/run.ts';
import { type EditEvent, editEvents } from '../../trace/edit-events.ts';
import type { Frame } from '../../trace/frame.ts';
import { readingAt } from '../../trace/reading.ts';
import { editsText } from '../../trace/resume.ts';
import { WRITTEN, wordOf } from '../../trace/words.ts';

/** More would only scroll. */
const LISTED = 60;

export function ProcessLine() {
  const trace = useRun((state) => state.trace);
  const frame = useFrame();
  if (!trace || !frame) return null;
  if (editsText(trace.settings)) return <EditLog trace={trace} frame={frame} />;
  const reading = readingAt(trace, frame.playhead);
  if (!reading) return null;
  const { block, blocks, computed, remembered } = reading;
  return (
    <p className="note process-line">
      {m.reading.block(block + 1, blocks)} {!Number.isNaN(computed) && m.reading.pass(computed, remembered)}{' '}
      <span className="slot" data-read="kept">
        {m.reading.kept}
      </span>{' '}
      <span className="slot" data-read="ahead">
        {m.reading.ahead}
      </span>
    </p>
  );
}

function EditLog({ trace, frame }: { trace: Trace; frame: Frame }) {
  const events = editEvents(trace, frame.playhead);
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
            <button
              type="button"
              className="link"
              onClick={() => {
                seek(event.step + 1);
                select(event.slot);
              }}
            >
              {said(event)}
            </button>{' '}
            <span className="note">{m.editLog.at(event.step + 1)}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
