/** Whether the page works without a network by now. */
import { m } from '../../messages/index.ts';
import { useShelf } from '../../session/offline.ts';

export function ShelfLine() {
  const { state, progress } = useShelf();
  return (
    <p className="note">
      {state === 'fetching' && progress ? m.offline.progress(progress.have, progress.total) : m.offline.state[state]}
    </p>
  );
}
