/** The classroom pack: made here for machines without a network, and opened there. */
import { useId, useState } from 'react';
import { FileButton } from '../../fields/FileButton.tsx';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { toldError } from '../../messages/told.ts';
import { useLibrary } from '../../session/library.ts';
import { cancelPack, forgetLessons, makeOne, openOne, parseLessons, usePack } from '../../session/pack.ts';
import { saveBlob } from '../../session/save.ts';

/** The page's own models, about. The true size stands on the button that saves. */
const APP_BYTES = 46e6;

export function PackPart() {
  const { doing, progress, made, taken, kept, lessons, broken, error } = usePack();
  const w = m.classroom.pack;
  return (
    <section aria-labelledby="models-pack">
      <h3 id="models-pack">{w.title}</h3>
      <p className="note">{w.help}</p>
      {doing ? (
        <div className="fetch">
          <p>
            <b>{w[doing]}</b>
          </p>
          <progress max={1} value={progress && progress.done / Math.max(1, progress.total)} aria-label={w[doing]} />
          <p className="fetch-numbers">
            {progress && w.progress.of(progress.done, progress.total, progress.secondsLeft)}
          </p>
          <div className="model-actions">
            <button type="button" className="outline" onClick={cancelPack}>
              {w.cancel}
            </button>
          </div>
        </div>
      ) : (
        <>
          <details className="pack-make">
            <summary>{w.which}</summary>
            <Make />
          </details>
          <div className="model-actions">
            {made && (
              <button type="button" className="outline" onClick={() => saveBlob(made, 'unmask-pack.tar')}>
                {w.save(made.size)}
              </button>
            )}
            <FileButton label={w.open} accept=".tar" onFiles={([file]) => file && void openOne(file)} />
          </div>
        </>
      )}
      {error && (
        <p className="wrong" role="alert">
          {toldError(error)}
        </p>
      )}
      {taken && (
        <p className="note" role="status">
          {sentences(
            w.takenModels([w.appModels, ...taken]),
            kept.length > 0 && w.keptModels(kept),
            broken.length > 0 && w.broken(broken),
          )}
        </p>
      )}
      {lessons.length > 0 && (
        <div className="pack-lessons">
          <h4>{w.chosenLessons}</h4>
          <p className="note">{w.readInLearn}</p>
          <ul>
            {lessons.map(({ title, link }) => (
              <li key={link}>
                <a href={link}>{title}</a>
              </li>
            ))}
          </ul>
          <button type="button" className="quiet" onClick={forgetLessons}>
            {w.forget}
          </button>
        </div>
      )}
    </section>
  );
}

function Make() {
  const items = useLibrary((state) => state.storage?.items) ?? [];
  const models = items.filter(({ kind, complete }) => (kind === 'model' || kind === 'adapter') && complete);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string | undefined>();
  const id = useId();
  const w = m.classroom.pack;
  const chosen = models.filter(({ key }) => !left.has(key));
  const app = !left.has('app');
  const bytes = chosen.reduce((sum, item) => sum + item.bytes, app ? APP_BYTES : 0);
  const toggle = (key: string) => {
    const next = new Set(left);
    if (!next.delete(key)) next.add(key);
    setLeft(next);
  };
  const make = () => {
    const parsed = parseLessons(text);
    setWrong(parsed.wrong);
    if (parsed.wrong === undefined)
      void makeOne(
        chosen.map(({ key }) => key),
        app,
        parsed.lessons,
      );
  };
  return (
    <div className="models-form">
      {[
        { key: 'app', label: w.app(APP_BYTES) },
        ...models.map((item) => ({
          key: item.key,
          label: w.model(item.kind === 'adapter' ? `${item.name} (LoRA)` : item.name, item.bytes),
        })),
      ].map(({ key, label }) => (
        <label key={key} className="check">
          <input type="checkbox" checked={!left.has(key)} onChange={() => toggle(key)} /> {label}
        </label>
      ))}
      <label htmlFor={id}>{w.lessons}</label>
      <textarea
        id={id}
        rows={3}
        value={text}
        placeholder={w.lessonsPlaceholder}
        aria-describedby={`${id}-help`}
        onChange={(event) => {
          setText(event.target.value);
          setWrong(undefined);
        }}
      />
      <p className="note" id={`${id}-help`}>
        {w.lessonsHelp}
      </p>
      {wrong && (
        <p className="wrong" role="alert">
          {w.badLesson(wrong)}
        </p>
      )}
      <div>
        <button type="button" className="outline" disabled={bytes === 0 && text.trim() === ''} onClick={make}>
          {w.make(bytes)}
        </button>
      </div>
    </div>
  );
}
