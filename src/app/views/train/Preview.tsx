/** What the run would learn: both sides of the split in words, and the first rows with their masks. */
import { useId } from 'react';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { told, toldError } from '../../messages/told.ts';
import { useLook } from '../../session/train/look.ts';
import { dataOf, useSetup } from '../../session/train/setup.ts';
import { FirstBatch, kindOf } from './FirstBatch.tsx';

export function Preview() {
  const id = useId();
  const { busy, look, error } = useLook();
  const source = useSetup((state) => state.source);
  const given = useSetup((state) => dataOf(state) !== undefined);
  const kind = useSetup((state) => kindOf(state.settings.objective));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
    <section className="train-preview" aria-labelledby={id} aria-busy={busy} tabIndex={0}>
      <h3 id={id}>{m.train.parts.batch}</h3>
      {error ? (
        <p className="train-error" role="alert">
          {toldError(error)}
        </p>
      ) : look ? (
        <>
          <p className="note">
            {sentences(
              m.train.look.split(look.learnt, look.heldOut),
              look.more && m.train.look.more,
              !look.exact && m.train.look.beginning,
            )}
          </p>
          {look.notes.length > 0 && (
            <ul className="train-notes">
              {look.notes.map((note) => (
                <li key={told(note)}>{told(note)}</li>
              ))}
            </ul>
          )}
          <FirstBatch rows={look.preview} kind={kind} />
        </>
      ) : (
        <p className="note">{busy && given ? m.train.look.busy : m.train.look.waiting[source]}</p>
      )}
    </section>
  );
}
