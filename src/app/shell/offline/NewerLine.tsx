/** One quiet line when a newer version of the page is here. It begins when the person says so, never by itself. */
import { m } from '../../messages/index.ts';
import { beginNewer, dismissNewer, useShelf } from '../../session/offline.ts';

export function NewerLine() {
  const { newer, othersOpen } = useShelf();
  if (!newer) return null;
  return (
    <div className="newer" role="status">
      <span>{othersOpen ? m.offline.othersOpen : m.offline.newer}</span>
      {!othersOpen && (
        <button type="button" className="link" onClick={() => void beginNewer()}>
          {m.offline.begin}
        </button>
      )}
      <button type="button" className="link" onClick={dismissNewer}>
        {m.offline.later}
      </button>
    </div>
  );
}
