/** Under the canvas, what a run does that not every run does: how it reads by blocks, or which edits it has made. */
import { EditLog } from '../../figures/EditLog.tsx';
import { m } from '../../messages/index.ts';
import { useFrame } from '../../session/frames.ts';
import { seek, select, useRun } from '../../session/run.ts';
import type { EditEvent } from '../../trace/edit-events.ts';
import { readingAt } from '../../trace/reading.ts';
import { editsText } from '../../trace/resume.ts';

export function ProcessLine() {
  const trace = useRun((state) => state.trace);
  const frame = useFrame();
  if (!trace || !frame) return null;
  if (editsText(trace.settings)) {
    const show = ({ step, slot }: EditEvent) => {
      seek(step + 1);
      select(slot);
    };
    return <EditLog trace={trace} playhead={frame.playhead} onPick={show} />;
  }
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
