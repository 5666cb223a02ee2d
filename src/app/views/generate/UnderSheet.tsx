/**
 * One line under the sheet that is always there, so that nothing jumps: how the brush in hand is used, or else one quiet
 * sentence about what looks odd at this moment, with the reason a press away.
 */
import { fetched, fetchedWithWords } from '../../fields/fetched.tsx';
import { m } from '../../messages/index.ts';
import { drawnOrder, setDrawn } from '../../session/drawnOrder.ts';
import { useRule } from '../../session/lesson.ts';
import { useSettings } from '../../session/settings.ts';
import { TOOLS, takeTool, useTools } from '../../session/tools.ts';
import { BrushTools } from './BrushTools.tsx';

// Nothing is odd before a text stands, and its place is kept.
const PutForm = fetched(async () => (await import('./PutForm.tsx')).PutForm);
const OddLine = fetchedWithWords(async () => (await import('./OddLine.tsx')).OddLine, { as: 'extra' });

export function UnderSheet() {
  const tool = useTools((state) => state.tool);
  const steers = useRule('steer') === 'free';
  return (
    <div className="under-sheet">
      <BrushTools />
      <div className="under-line">
        {/* Keeps the room of the longest hint, in whatever language and width. */}
        {steers &&
          TOOLS.map((one) => (
            <p key={one} className="brush-line room" aria-hidden="true">
              <span>{m.tools.hint[one]}</span> {one !== 'point' && <span className="link">{m.tools.putDown}</span>}
            </p>
          ))}
        {tool === 'point' ? <OddLine /> : <BrushLine />}
      </div>
    </div>
  );
}

function BrushLine() {
  const tool = useTools((state) => state.tool);
  const place = useTools((state) => state.place);
  const drawn = drawnOrder(useSettings((state) => state.settings)).length;
  if (place.length > 0) return <PutForm key={place.join()} place={place} />;
  return (
    <p className="brush-line" role="status">
      <span>
        {m.tools.hint[tool]} {tool === 'order' && drawn > 0 && m.tools.drawn(drawn)}
      </span>{' '}
      {tool === 'order' && drawn > 0 && (
        <button type="button" className="link" onClick={() => setDrawn([])}>
          {m.tools.startOver}
        </button>
      )}
      <button type="button" className="link" onClick={() => takeTool('point')} aria-keyshortcuts="Escape">
        {m.tools.putDown}
      </button>
    </p>
  );
}
