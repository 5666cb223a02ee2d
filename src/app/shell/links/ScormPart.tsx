/** The lesson as a zip for a course. What makes the zip is fetched when it is saved. */
import { useId, useState } from 'react';
import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';
import type { Language } from '../../messages/languages.ts';
import { embedAddress, reachesOnlyHere } from '../../session/embed.ts';
import { useLanguage } from '../../session/language.ts';
import { saveBlob } from '../../session/save.ts';

interface Props {
  readonly address: string;
  /** Of the place that the lesson starts in. */
  readonly title: string;
  /** Of the lesson; without one the page around it is in the teacher's. */
  readonly language: Language | '';
}

export function ScormPart({ address, title, language }: Props) {
  const own = useLanguage((state) => state.language) ?? 'en';
  const [named, setNamed] = useState<string | undefined>();
  const [failed, setFailed] = useState<string | undefined>();
  const id = useId();
  const w = m.classroom.scorm;
  const name = named ?? `${m.name}: ${title}`;
  const save = async () => {
    setFailed(undefined);
    try {
      const { scormPackage } = await import('./scorm/package.ts');
      const zip = await scormPackage({
        title: name.trim() || m.name,
        address: embedAddress(address),
        language: language || own,
        words: w.page,
      });
      saveBlob(new Blob([zip], { type: 'application/zip' }), 'unmask-scorm.zip');
    } catch (cause) {
      setFailed(w.failed(cause instanceof Error ? cause.message : String(cause)));
    }
  };
  return (
    <details className="more">
      <summary>
        {w.title}
        <Icon name="down" />
      </summary>
      <p className="note">{w.help}</p>
      {location.protocol !== 'https:' && !reachesOnlyHere(location.hostname) && <p className="note warn">{w.mixed}</p>}
      <label htmlFor={id}>{w.name}</label>
      <input
        id={id}
        className="wide-input"
        value={name}
        maxLength={120}
        onChange={({ target }) => setNamed(target.value)}
      />
      <button type="button" className="outline" onClick={() => void save()}>
        {w.save}
      </button>
      {failed && (
        <p className="wrong" role="alert">
          {failed}
        </p>
      )}
    </details>
  );
}
