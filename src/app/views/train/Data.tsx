/** Where the text comes from: the stories that ship, a paste, a file, WikiText, or the texts of an earlier run. */
import { useId } from 'react';
import { FileButton } from '../../fields/FileButton.tsx';
import { Segments } from '../../fields/Segments.tsx';
import { m } from '../../messages/index.ts';
import { useTrainLink } from '../../session/train/link.ts';
import { useLook } from '../../session/train/look.ts';
import { change, SOURCES, takeFile, takeText, useSetup } from '../../session/train/setup.ts';
import { Field } from './Field.tsx';
import { WikitextPart } from './WikitextPart.tsx';

export function Data() {
  const { source, text, file, run, settings } = useSetup();
  const own = useTrainLink((state) => state.own);
  const lacking = (source === 'text' && text === '') || (source === 'file' && !file);
  const documents = settings.rows === 'documents' || settings.rows === 'chats';
  const id = useId();
  const options = SOURCES.filter(
    (one) => (one !== 'run' || run !== undefined) && (one !== 'sample' || source === 'sample'),
  );
  return (
    <section className="train-data" aria-label={m.train.parts.data}>
      <h3>{m.train.parts.data}</h3>
      <Segments
        label={m.train.sourcesLabel}
        options={options}
        words={m.train.sources}
        value={source}
        onChoose={(chosen) => useSetup.setState({ source: chosen })}
      />
      <p className="note" id={id}>
        {source === 'run' ? m.train.sourceHelp.run(run?.name ?? '') : m.train.sourceHelp[source]}
      </p>
      {own && lacking && (
        <p className="note warn" role="status">
          {m.train.ownData}
        </p>
      )}
      {source === 'text' && (
        <textarea
          aria-label={m.train.paste}
          aria-describedby={id}
          value={text}
          rows={6}
          spellCheck={false}
          onChange={(event) => takeText(event.target.value)}
        />
      )}
      {source === 'file' && <FilePart />}
      {source === 'wikitext' && <WikitextPart />}
      <div className="train-fields">
        <Field name="rows" />
        {documents && <Field name="padding" />}
      </div>
    </section>
  );
}

function FilePart() {
  const file = useSetup((state) => state.file);
  return (
    <>
      <div className="train-drop">
        <p>{file ? m.train.chosen(file.name, file.size) : m.train.dropFile}</p>
        <FileButton
          label={m.train.chooseFile}
          accept=".txt,.md,.json,.jsonl,.ndjson,.csv,.tsv,.tab,.parquet,.parq,text/*"
          onFiles={([chosen]) => chosen && takeFile(chosen)}
        />
      </div>
      {file && <Column />}
    </>
  );
}

/** The columns of a table, of which one is learnt. */
function Column() {
  const id = useId();
  const table = useLook((state) => state.table);
  if (table === undefined) return null;
  const [label, help] = m.train.fields.column;
  return (
    <div className="train-field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={table.column}
        aria-describedby={`${id}-help`}
        onChange={(event) => change({ column: event.target.value })}
      >
        {table.columns.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <p className="note" id={`${id}-help`}>
        {help}
      </p>
      <ol className="train-first" aria-label={m.train.look.first}>
        {table.first.map((text, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows keep their order
          <li key={row}>{text}</li>
        ))}
      </ol>
    </div>
  );
}
