/** The models that are here: shipped, stored, begun, chosen from files. */
import { type ReactNode, useState } from 'react';
import { CHAT, EDITOR, LARGE, SHIPPED } from '../../../diffusion/shipped.ts';
import { fetched } from '../../fields/fetched.tsx';
import { clauses } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useCompute, useWantedModel } from '../../session/compute.ts';
import { fetchModel, remove, saveModel, use, useLibrary } from '../../session/library.ts';
import { usePreferences } from '../../session/preferences.ts';

const Learnt = fetched(async () => (await import('./Learnt.tsx')).Learnt, { room: <Fetching /> });

type Item = NonNullable<ReturnType<typeof useLibrary.getState>['storage']>['items'][number];

export function Here() {
  const items = useLibrary((state) => state.storage?.items) ?? [];
  const chosen = useCompute((state) => state.chosen);
  const wanted = useWantedModel();
  const begun = items.filter((item) => item.kind === 'model');
  return (
    <section aria-labelledby="models-here">
      <h3 id="models-here">{m.models.here.title}</h3>
      <ul className="model-list">
        {SHIPPED.map((name) => (
          <Row key={name} name={name} about={about(name)} more={<How name={name} />}>
            <Use name={name} used={wanted === name} />
          </Row>
        ))}
        {chosen && (
          <Row name={chosen.name} about={clauses(m.models.here.chosen, chosen.causal && m.models.fromLeft)}>
            <Use name={chosen.name} used={wanted === chosen.name} />
          </Row>
        )}
        {items
          .filter(({ kind }) => kind === 'onnx')
          .map((item) => (
            <Row key={item.key} name={item.name} about={m.models.here.opponent(item.have, item.bytes)}>
              <Remove item={item} name={item.name} onRemove={() => void remove(item.key)} />
            </Row>
          ))}
        {begun.map((item) => (
          <Stored key={item.key} item={item} used={wanted === item.name && (item.complete || item.inMemory)} />
        ))}
      </ul>
    </section>
  );
}

function about(name: string): string {
  if (name === CHAT) return m.models.here.chats;
  if (name === EDITOR) return m.models.here.editor;
  return name === LARGE ? m.models.here.large : m.models.here.small;
}

/** Its curves, fetched when somebody looks. */
function How({ name }: { name: string }) {
  const [seen, setSeen] = useState(false);
  return (
    <details className="models-more" onToggle={(event) => event.currentTarget.open && setSeen(true)}>
      <summary>{m.models.learnt.title}</summary>
      {seen && <Learnt name={name} />}
    </details>
  );
}

function Fetching() {
  return <p className="note">{m.models.learnt.fetching}</p>;
}

/** A zip without extensions ends at four gigabytes; a classroom pack does not. */
const MOST_ZIPPED = 2 ** 32 - 2 ** 20;

function Stored({ item, used }: { item: Item; used: boolean }) {
  const busy = useLibrary((state) => state.fetching?.name === item.name);
  const precision = usePreferences((state) => state.precision);
  const { name, key, origin } = item;
  const usable = item.complete || item.inMemory;
  const size = item.sizes?.[precision];
  const about = !usable
    ? m.models.here.partial(item.have, item.bytes)
    : item.inMemory
      ? m.models.here.inMemory
      : m.models.here.stored(item.bytes, new Date(item.date));
  return (
    <Row
      name={name}
      about={clauses(about, size !== undefined && m.models.here.onCard(size), item.causal && m.models.fromLeft)}
    >
      {usable && <Use name={name} used={used} />}
      {!usable && origin && !busy && (
        <button
          type="button"
          className="outline"
          aria-label={m.models.here.nameOf(m.models.here.goOn, name)}
          onClick={() => void fetchModel(name, origin.endpoint, item.commit)}
        >
          {m.models.here.goOn}
        </button>
      )}
      {usable && item.bytes < MOST_ZIPPED && (
        <button
          type="button"
          className="quiet"
          aria-label={m.models.here.nameOf(m.models.here.save, name)}
          onClick={() => void saveModel(item)}
        >
          {m.models.here.save}
        </button>
      )}
      {!used && !busy && <Remove item={item} name={name} onRemove={() => void remove(key)} />}
    </Row>
  );
}

/** Asks again in the same place, because what is deleted takes long to come back. */
function Remove({ item, name, onRemove }: { item: Item; name: string; onRemove: () => void }) {
  const [sure, setSure] = useState(false);
  const label = sure ? m.models.here.removeSure(item.have) : m.models.here.remove;
  return (
    <button
      type="button"
      className={sure ? 'outline danger' : 'quiet'}
      aria-label={m.models.here.nameOf(label, name)}
      onClick={() => (sure ? onRemove() : setSure(true))}
      onBlur={() => setSure(false)}
    >
      {label}
    </button>
  );
}

function Use({ name, used }: { name: string; used: boolean }) {
  const status = useCompute((state) => state.status);
  if (used) return <span className={`in-use ${status}`}>{m.models.here.state[status]}</span>;
  return (
    <button
      type="button"
      className="outline"
      aria-label={m.models.here.nameOf(m.models.here.use, name)}
      onClick={() => use(name)}
    >
      {m.models.here.use}
    </button>
  );
}

interface RowProps {
  readonly name: string;
  readonly about: string;
  /** Under the row. */
  readonly more?: ReactNode;
  readonly children: ReactNode;
}

export function Row({ name, about, more, children }: RowProps) {
  return (
    <li>
      <div>
        <b>{name}</b>
        <span className="note">{about}</span>
      </div>
      <div className="model-actions">{children}</div>
      {more}
    </li>
  );
}
