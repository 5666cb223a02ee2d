/** What the model thought of the slot that is selected: its word, how sure it was, and what else could have stood there. */
import { percent, say } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { learn } from '../../messages/learnWords.ts';
import { frameAt } from '../../trace/frame.ts';
import { inspect } from '../../trace/inspect.ts';
import { pieceOf } from './evidence.ts';
import { useStage } from './stage.ts';

/** Alternatives that fit in a line. */
const LISTED = 4;

export function SlotLine() {
  const trace = useStage((state) => state.trace);
  const playhead = useStage((state) => state.playhead);
  const selected = useStage((state) => state.selected);
  if (!trace || selected === undefined) return <p className="note learn-slot hint">{learn.view.pick}</p>;
  const frame = frameAt(trace, playhead);
  const found = inspect(trace, frame, selected);
  if (!found || (found.writtenAt < 0 && !found.open)) return <p className="note learn-slot">{learn.view.givenSlot}</p>;
  // What the network thinks of an open slot is known once it has been asked; at step 0 that would tell the answer.
  if (found.open && playhead === 0) return <p className="note learn-slot">{learn.view.openSlot}</p>;
  const list = found.alternatives
    .slice(0, LISTED)
    .map(({ id, probability }) => `${pieceOf(trace, id)} ${percent(probability)}`);
  const word = found.open ? m.canvas.mask : pieceOf(trace, found.id);
  return (
    <p className="note learn-slot">
      <b>{word}</b>
      {found.writtenAt >= 0 && ` · ${m.canvas.written(found.writtenAt + 1, percent(found.probability))}`}
      {list.length > 0 && ` · ${say(learn.view.alternatives, { list: list.join(', ') })}`}
    </p>
  );
}
