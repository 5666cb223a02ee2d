/** WikiText: which one, what is here of it, its download, its deletion. */
import { useState } from 'react';
import { m } from '../../messages/index.ts';
import { toldError } from '../../messages/told.ts';
import { remove, useLibrary } from '../../session/library.ts';
import { cancelFetch, fetchData, useFetching } from '../../session/train/fetching.ts';
import { useSetup, WIKITEXTS, type Wikitext } from '../../session/train/setup.ts';

type Item = NonNullable<ReturnType<typeof useLibrary.getState>['storage']>['items'][number];

export function WikitextPart() {
  const wikitext = useSetup((state) => state.wikitext);
  const items = useLibrary((state) => state.storage?.items);
  const item = items?.find(({ kind, name }) => kind === 'dataset' && name === wikitext);
  const others = items?.filter(({ kind, name }) => kind === 'dataset' && name !== wikitext) ?? [];
  const error = useFetching((state) => state.error);
  return (
    <div className="train-wikitext">
      <select
        aria-label={m.train.wikitextLabel}
        value={wikitext}
        onChange={(event) => useSetup.setState({ wikitext: event.target.value as Wikitext })}
      >
        {WIKITEXTS.map((name) => (
          <option key={name} value={name}>
            {m.train.wikitexts[name]}
          </option>
        ))}
      </select>
      {items && <Here key={wikitext} item={item} name={wikitext} />}
      {others.map((other) => (
        <Here key={other.key} item={other} name={other.name as Wikitext} />
      ))}
      {error && (
        <p className="train-error" role="alert">
          {toldError(error)}
        </p>
      )}
    </div>
  );
}

function Here({ item, name }: { item: Item | undefined; name: Wikitext }) {
  const [sure, setSure] = useState(false);
  const fetching = useFetching((state) => state.name === name);
  if (fetching) return <Progress name={name} />;
  const whole = item !== undefined && (item.complete || item.inMemory);
  const { here } = m.models;
  const title = m.train.wikitextNames[name];
  return (
    <div className="train-line">
      <span className="note">
        {whole
          ? m.train.stored(title, item.bytes)
          : item
            ? m.train.partly(title, item.have, item.bytes)
            : m.train.notHere}
      </span>
      {!whole && (
        <button
          type="button"
          className="outline"
          aria-label={here.nameOf(item ? here.goOn : m.train.download, title)}
          onClick={() => void fetchData(name)}
        >
          {item ? here.goOn : m.train.download}
        </button>
      )}
      {item && (
        <button
          type="button"
          className={sure ? 'outline danger' : 'quiet'}
          aria-label={here.nameOf(sure ? here.removeSure(item.have) : here.remove, title)}
          onClick={() => (sure ? void remove(item.key) : setSure(true))}
          onBlur={() => setSure(false)}
        >
          {sure ? here.removeSure(item.have) : here.remove}
        </button>
      )}
    </div>
  );
}

function Progress({ name }: { name: Wikitext }) {
  const progress = useFetching((state) => state.progress);
  const { fetch } = m.models;
  const title = fetch.title(m.train.wikitextNames[name]);
  return (
    <div className="train-preparing">
      <progress max={1} value={progress && progress.loaded / Math.max(1, progress.total)} aria-label={title} />
      <p className="train-fetching">
        {progress === undefined ? (
          fetch.starting
        ) : (
          <>
            <span>{fetch.progress(progress.loaded, progress.total)}</span>
            <span>{progress.rate > 0 && fetch.rate(progress.rate)}</span>
            <span>{progress.secondsLeft !== undefined && fetch.left(progress.secondsLeft)}</span>
          </>
        )}
      </p>
      {progress?.inMemory && <p className="note warn">{fetch.inMemory}</p>}
      <div className="train-line">
        <button type="button" className="outline" onClick={cancelFetch}>
          {fetch.cancel}
        </button>
        <span className="note">{fetch.cancelHelp}</span>
      </div>
    </div>
  );
}
