/** What the browser's storage holds, part by part so that it adds up to what is used, how much is left, and whether the browser may clear it. */
import { useState } from 'react';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { refresh, useLibrary } from '../../session/library.ts';

export function StorageLine() {
  const storage = useLibrary((state) => state.storage);
  const [refused, setRefused] = useState(false);
  if (storage === undefined) return <p className="note">{m.models.loading}</p>;
  const { total, runs, use, lasting } = storage;
  if (!lasting) return <p className="note warn">{m.models.storage.notLasting}</p>;
  const persist = async () => {
    setRefused(!(await navigator.storage.persist()));
    await refresh();
  };
  return (
    <p className="note storage-line">
      {sentences(
        m.models.storage.used(total),
        runs > 0 && m.models.storage.runs(runs),
        use && m.models.storage.page(Math.max(0, use.usage - total - runs)),
        use && m.models.storage.quota(Math.max(0, use.quota - use.usage)),
        use && (use.persisted ? m.models.storage.persisted : m.models.storage.notPersisted),
      )}{' '}
      {use &&
        !use.persisted &&
        (refused ? (
          m.models.storage.persistRefused
        ) : (
          <button type="button" className="link" onClick={() => void persist()}>
            {m.models.storage.persist}
          </button>
        ))}
    </p>
  );
}
