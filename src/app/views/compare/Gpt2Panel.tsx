/** Where GPT-2 comes from: nothing is asked of the hub and nothing is downloaded before a button says so. */
import { useEffect, useId, useState } from 'react';
import type { Format } from '../../../peers/protocol.ts';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import { askHub, cancelFetch, fetchGpt2, readHere, ready, removeGpt2, useOpponent } from '../../session/gpt2.ts';

export function Gpt2Panel() {
  const { here, fetching, error } = useOpponent();
  const whole = ready(here);
  useEffect(() => {
    void readHere();
  }, []);
  return (
    <section className="opponent" aria-label={m.compare.gpt2.title}>
      {fetching ? (
        <Fetching />
      ) : whole ? (
        <p>
          {m.compare.gpt2.here(whole.id, m.compare.gpt2.formats[whole.format], whole.bytes)}{' '}
          <Remove bytes={whole.bytes} onRemove={() => void removeGpt2(whole.key)} />
        </p>
      ) : here === undefined ? (
        <p className="note">{error ? '' : m.compare.gpt2.reading}</p>
      ) : (
        <Get />
      )}
      {error && (
        <div className="notice error" role="alert">
          <div>
            <p>{told(error.message)}</p>
            <p className="note">{told(error.remedy)}</p>
          </div>
        </div>
      )}
    </section>
  );
}

/** What the hub has, and the button that downloads it; or the download that was begun. */
function Get() {
  const { here, id, looking, found } = useOpponent();
  const begun = here?.[0];
  const [chosen, choose] = useState<Format>();
  const select = useId();
  if (begun !== undefined && found === undefined) {
    return (
      <>
        <p>{m.compare.gpt2.begun(begun.id, begun.have, begun.bytes)}</p>
        <div className="opponent-row">
          <button
            type="button"
            className="go"
            onClick={() => void fetchGpt2(begun.id, begun.format, begun.endpoint || undefined)}
          >
            {m.models.fetch.again}
          </button>
          <Remove bytes={begun.have} onRemove={() => void removeGpt2(begun.key)} />
        </div>
      </>
    );
  }
  if (found === undefined) return <Ask id={id} looking={looking} />;
  const format = chosen && found.formats.some((one) => one.format === chosen) ? chosen : found.suggested;
  const bytes = found.formats.find((one) => one.format === format)?.bytes ?? 0;
  return (
    <>
      <p>{m.compare.gpt2.found(found.id)}</p>
      <div className="opponent-row">
        <label className="opponent-name" htmlFor={select}>
          {m.compare.gpt2.format}
        </label>
        <select id={select} value={format} onChange={({ target }) => choose(target.value as Format)}>
          {found.formats.map((one) => (
            <option key={one.format} value={one.format}>
              {m.compare.gpt2.choice(m.compare.gpt2.formats[one.format], one.bytes)}
            </option>
          ))}
        </select>
        <button type="button" className="go" onClick={() => void fetchGpt2(found.id, format)}>
          {m.compare.gpt2.download(bytes)}
        </button>
      </div>
    </>
  );
}

/** Asks again in the same place, because what is deleted takes long to come back. */
function Remove({ bytes, onRemove }: { bytes: number; onRemove: () => void }) {
  const [sure, setSure] = useState(false);
  return (
    <button
      type="button"
      className={sure ? 'outline danger' : 'quiet inline'}
      onClick={() => (sure ? onRemove() : setSure(true))}
      onBlur={() => setSure(false)}
    >
      {sure ? m.models.here.removeSure(bytes) : m.models.here.remove}
    </button>
  );
}

function Ask({ id, looking }: { id: string; looking: boolean }) {
  const field = useId();
  return (
    <>
      <p>{m.compare.gpt2.absent}</p>
      <form
        className="opponent-row"
        onSubmit={(event) => {
          event.preventDefault();
          void askHub();
        }}
      >
        <label className="opponent-name" htmlFor={field}>
          {m.compare.gpt2.repository}
        </label>
        <input
          id={field}
          value={id}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          onChange={({ target }) => useOpponent.setState({ id: target.value })}
        />
        <button type="submit" className="outline" disabled={looking}>
          {looking ? m.models.hub.looking(id) : m.compare.gpt2.ask}
        </button>
      </form>
    </>
  );
}

function Fetching() {
  const progress = useOpponent(({ fetching }) => fetching?.progress);
  return (
    <div className="opponent-fetch">
      <progress
        max={1}
        value={progress && progress.loaded / Math.max(1, progress.total)}
        aria-label={m.compare.gpt2.fetching}
      />
      <p className="opponent-numbers">
        {progress === undefined ? (
          m.models.fetch.starting
        ) : (
          <>
            <span>{m.models.fetch.progress(progress.loaded, progress.total)}</span>
            {progress.rate > 0 && <span>{m.models.fetch.rate(progress.rate)}</span>}
            {progress.secondsLeft !== undefined && <span>{m.models.fetch.left(progress.secondsLeft)}</span>}
          </>
        )}
      </p>
      {progress?.inMemory && <p className="note">{m.models.fetch.inMemory}</p>}
      <div className="opponent-row">
        <button type="button" className="outline" onClick={cancelFetch}>
          {m.models.fetch.cancel}
        </button>
        <span className="note">{m.models.fetch.cancelHelp}</span>
      </div>
    </div>
  );
}
