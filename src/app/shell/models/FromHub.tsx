/** Models on the hub: the ones we name, any other by its id, what the hub says about one, and the hub's address. */
import { type FormEvent, useEffect, useState } from 'react';
import { mayAsk } from '../../../offline/policy.ts';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { toldError } from '../../messages/told.ts';
import { askClassHub, useClassHub } from '../../session/classHub.ts';
import { fetchModel, lookUp, use, useLibrary } from '../../session/library.ts';
import { HUB, prefer, usePreferences } from '../../session/preferences.ts';
import { Row } from './Here.tsx';

export function FromHub({ asked }: { asked: string | undefined }) {
  const { looking, found, fetching } = useLibrary();
  const hub = usePreferences((state) => state.hub);
  return (
    <section aria-labelledby="models-hub">
      <h3 id="models-hub">{hub === HUB ? m.models.hub.title : m.classroom.hub.title(hub)}</h3>
      {hub === HUB ? <Offered models={Object.entries(m.models.hub.offered)} /> : <OfClass hub={hub} />}
      <OtherModel asked={asked} />
      <p className="note" role="status">
        {looking && m.models.hub.looking(looking)}
      </p>
      {found && !fetching && <Found />}
      <Address />
    </section>
  );
}

/** Models by their names, each with a word about it; those that are here already stand above. */
function Offered({ models }: { models: readonly (readonly [id: string, about: string])[] }) {
  const items = useLibrary((state) => state.storage?.items) ?? [];
  const looking = useLibrary((state) => state.looking);
  const here = new Set(items.map(({ name }) => name));
  return (
    <ul className="model-list">
      {models
        .filter(([id]) => !here.has(id))
        .map(([id, about]) => (
          <Row key={id} name={id} about={about}>
            <button
              type="button"
              className="outline"
              aria-label={m.models.here.nameOf(m.models.hub.lookUp, id)}
              disabled={looking === id}
              onClick={() => void lookUp(id)}
            >
              {m.models.hub.lookUp}
            </button>
          </Row>
        ))}
    </ul>
  );
}

/** Milliseconds after the last key, so that no half-typed address is asked. */
const TYPING = 600;

/** What the hub of a class lists. */
function OfClass({ hub }: { hub: string }) {
  const { asking, models, error } = useClassHub();
  useEffect(() => {
    const timer = setTimeout(() => void askClassHub(hub), TYPING);
    return () => clearTimeout(timer);
  }, [hub]);
  const w = m.classroom.hub;
  return (
    <>
      {models && <Offered models={models.map(({ id, bytes }) => [id, w.size(bytes)])} />}
      <div className="note" role="status">
        {asking && w.asking}
        {models && w.count(models.length)}
        {error && toldError(error)}{' '}
        {error && (
          <button type="button" className="link" onClick={() => void askClassHub(hub)}>
            {m.errors.retry}
          </button>
        )}
      </div>
    </>
  );
}

function OtherModel({ asked }: { asked: string | undefined }) {
  const [text, setText] = useState(asked ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') void lookUp(text.trim());
  };
  return (
    <form className="models-form" onSubmit={submit}>
      <label htmlFor="model-id">{m.models.hub.other}</label>
      <div>
        <input
          id="model-id"
          value={text}
          placeholder={m.models.hub.placeholder}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="outline">
          {m.models.hub.lookUp}
        </button>
      </div>
    </form>
  );
}

function Found() {
  const { found, storage } = useLibrary();
  const precision = usePreferences((state) => state.precision);
  if (found === undefined) return null;
  const { id, key, parameters, bytes, sizes, revision, commit, headless, causal } = found;
  // More may have come since it was looked up.
  const have = storage?.items.find((item) => item.key === key)?.have ?? 0;
  const free = storage?.use && storage.use.quota - storage.use.usage;
  return (
    <div className="found" role="status">
      <p>
        <b>{m.models.hub.about(id, parameters)}</b>
        {revision !== 'main' && ` ${m.models.hub.revision(revision, commit)}`}
      </p>
      <p className="note">
        {sentences(
          m.models.hub.size(bytes, have),
          m.models.hub.onCard(sizes[precision]),
          causal && m.models.hub.fromLeft,
        )}
      </p>
      {headless && <p className="note warn">{m.models.hub.headless}</p>}
      <Unfit />
      {free !== undefined && bytes - have > free && <p className="note warn">{m.models.hub.noRoom(free)}</p>}
      {have >= bytes ? (
        !headless && (
          <button type="button" className="go" onClick={() => use(id)}>
            {m.models.here.use}
          </button>
        )
      ) : (
        <button type="button" className="go" onClick={() => void fetchModel(id, undefined, revision)}>
          {have > 0 ? m.models.hub.goOn : m.models.hub.download}
        </button>
      )}
    </div>
  );
}

/** Why the model that was looked up does not fit the card, and what would. */
function Unfit() {
  const fits = useLibrary((state) => state.found?.fits);
  const precision = usePreferences((state) => state.precision);
  const fit = fits?.[precision];
  const obstacle = fit?.obstacle;
  if (!fit || !obstacle) return null;
  const words = m.models.hub.obstacles[obstacle.kind];
  const name = obstacle.kind === 'buffer' ? obstacle.name : '';
  const [first] = fit.instead;
  return (
    <p className="note warn">
      {words(name, obstacle.kind === 'heads' ? obstacle.headDim : obstacle.bytes, obstacle.allowed)}{' '}
      {first === undefined && m.models.hub.noInstead}
      {first && 'length' in first && m.models.hub.insteadLength(first.length)}
      {first && 'precision' in first && (
        <>
          {m.models.hub.instead(m.models.precision.names[first.precision])}{' '}
          <button type="button" className="outline" onClick={() => prefer({ precision: first.precision })}>
            {m.models.hub.takePrecision(m.models.precision.names[first.precision])}
          </button>
        </>
      )}
    </p>
  );
}

function Address() {
  const hub = usePreferences((state) => state.hub);
  const [text, setText] = useState(hub);
  const right = /^https?:\/\/./.test(text) && URL.canParse(text);
  const allowed = right && mayAsk(location.href, text);
  const wrong = right ? m.models.hub.addressMixed : m.models.hub.addressWrong;
  const change = (value: string) => {
    setText(value);
    if (/^https?:\/\/./.test(value)) prefer({ hub: value.trim().replace(/\/+$/, '') });
  };
  return (
    <details className="models-more">
      <summary>{m.models.hub.address}</summary>
      <div className="models-form">
        <div>
          <input
            aria-label={m.models.hub.address}
            type="url"
            value={text}
            spellCheck={false}
            aria-invalid={!allowed}
            onChange={(event) => change(event.target.value)}
          />
          {hub !== HUB && (
            <button type="button" className="quiet" onClick={() => change(HUB)}>
              {m.models.hub.reset}
            </button>
          )}
        </div>
        <p className={allowed ? 'note' : 'wrong'}>{allowed ? m.models.hub.addressHelp : wrong}</p>
      </div>
    </details>
  );
}
