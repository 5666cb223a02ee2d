/** A download under way: how far, how fast, how long still, and the way to stop it. */
import { m } from '../../messages/index.ts';
import { cancel, useLibrary } from '../../session/library.ts';

export function FetchPanel() {
  const fetching = useLibrary((state) => state.fetching);
  if (fetching === undefined) return null;
  const { name, kind, progress } = fetching;
  const title = kind === 'copy' ? m.models.fetch.keeping(name) : m.models.fetch.title(name);
  return (
    <section className="fetch" aria-label={title}>
      <p>
        <b>{title}</b>
      </p>
      <progress max={1} value={progress && progress.loaded / Math.max(1, progress.total)} aria-label={title} />
      <p className="fetch-numbers">
        {progress === undefined ? (
          m.models.fetch.starting
        ) : (
          <>
            <span>{m.models.fetch.progress(progress.loaded, progress.total)}</span>
            <span>{progress.rate > 0 && m.models.fetch.rate(progress.rate)}</span>
            <span>{progress.secondsLeft !== undefined && m.models.fetch.left(progress.secondsLeft)}</span>
          </>
        )}
      </p>
      {progress?.inMemory && <p className="note warn">{m.models.fetch.inMemory}</p>}
      <div className="model-actions">
        <button type="button" className="outline" onClick={cancel}>
          {m.models.fetch.cancel}
        </button>
        <span className="note">{m.models.fetch.cancelHelp}</span>
      </div>
    </section>
  );
}
