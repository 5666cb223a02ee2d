/** A model among the person's own files: chosen or dropped, used at once or kept. */
import { useRef } from 'react';
import { m } from '../../messages/index.ts';
import { type Chosen, chosenFrom, isAdapter, missing } from '../../session/chosen.ts';
import { keepFiles, takeFiles } from '../../session/library.ts';

interface Props {
  readonly chosen: Chosen | undefined;
  readonly onChoose: (chosen: Chosen | undefined) => void;
}

export function FromDisk({ chosen, onChoose }: Props) {
  const folder = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const lacking = chosen ? missing(chosen.files) : [];
  const take = (input: HTMLInputElement) => onChoose(chosenFrom(input.files ?? []));
  return (
    <section aria-labelledby="models-disk">
      <h3 id="models-disk">{m.models.disk.title}</h3>
      <p className="note">{m.models.disk.help}</p>
      <div className="model-actions">
        <button type="button" className="outline" onClick={() => folder.current?.click()}>
          {m.models.disk.folder}
        </button>
        <button type="button" className="outline" onClick={() => files.current?.click()}>
          {m.models.disk.files}
        </button>
        <input
          ref={folder}
          type="file"
          hidden
          aria-label={m.models.disk.folder}
          {...{ webkitdirectory: '' }}
          onChange={(event) => take(event.target)}
        />
        <input
          ref={files}
          type="file"
          hidden
          multiple
          aria-label={m.models.disk.files}
          onChange={(event) => take(event.target)}
        />
      </div>
      {chosen && (
        <div className="found" role="status">
          <p>
            <b>{m.models.disk.chosen(chosen.name, chosen.bytes)}</b>
          </p>
          {lacking.length > 0 ? (
            <p className="wrong">
              {isAdapter(chosen.files) ? m.models.disk.adapter : m.models.disk.missing(lacking.join(', '))}
            </p>
          ) : (
            <div className="model-actions">
              <button type="button" className="outline" onClick={() => takeFiles(chosen.name, chosen.files)}>
                {m.models.disk.use}
              </button>
              <button type="button" className="outline" onClick={() => void keepFiles(chosen.name, chosen.files)}>
                {m.models.disk.keep}
              </button>
            </div>
          )}
        </div>
      )}
    </section>
  );
}
