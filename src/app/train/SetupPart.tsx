/** A run before it begins: a recipe, the text, the starting weights, and every setting. */
import { type DragEvent, useId, useRef } from 'react';
import { PRESETS, type PresetName } from '../../worker/protocol.train.ts';
import { m } from '../messages/index.ts';
import { Segments } from '../shell/Segments.tsx';
import { useWantedModel } from '../stores/compute.ts';
import { Field } from './Field.tsx';
import { dataOf, INITS, SOURCES, takePreset, useSetup, WIKITEXTS, type Wikitext } from './setup.ts';
import { start, useTrain } from './store.ts';

const set = useSetup.setState;

export function SetupPart() {
  const id = useId();
  const preset = useSetup((state) => state.preset);
  const objective = useSetup((state) => state.settings.objective);
  const ready = useSetup((state) => dataOf(state) !== undefined);
  const status = useTrain((state) => state.status);
  const model = useWantedModel();
  const diffusion = objective === 'mdlm';
  return (
    <section className="train-part" aria-labelledby={id}>
      <h2 id={id}>{m.train.parts.setup}</h2>
      <div className="train-field train-preset">
        <label htmlFor={`${id}-preset`}>{m.train.preset}</label>
        <select
          id={`${id}-preset`}
          value={preset}
          aria-describedby={`${id}-preset-help`}
          onChange={(event) => event.target.value !== '' && takePreset(event.target.value as PresetName)}
        >
          <option value="">{m.train.ownPreset}</option>
          {PRESETS.map((name) => (
            <option key={name} value={name}>
              {m.train.presets[name]}
            </option>
          ))}
        </select>
        <p className="note" id={`${id}-preset-help`}>
          {m.train.presetHelp}
        </p>
      </div>
      <Data />
      <Start model={model} />
      <h3>{m.train.parts.recipe}</h3>
      <div className="train-fields">
        <Field name="objective" />
        <Field name="steps" />
        <Field name="batch" />
        <Field name="length" />
        <Field name="lr" />
      </div>
      <details className="train-more">
        <summary>{m.train.more}</summary>
        <div className="train-fields">
          {diffusion && <Field name="schedule" />}
          {diffusion && <DrawnSchedule />}
          {diffusion && <Field name="weighting" />}
          {objective === 'ten-rates' && <Field name="maskRates" />}
          {objective === 'ten-rates' && <Field name="prefix" />}
          <Field name="rows" />
          <Padding />
          <Field name="column" />
          <Field name="heldOut" />
          <Field name="accumulation" />
          <Field name="warmup" />
          <Field name="decay" />
          <Field name="weightDecay" />
          <Field name="clip" />
          <Field name="beta1" />
          <Field name="beta2" />
          <Field name="evalEvery" />
          <Field name="evalTexts" />
          <Field name="sampleEvery" />
          <Field name="saveEvery" />
          <Field name="patience" />
          <Field name="seed" />
        </div>
      </details>
      <button
        type="button"
        className="go train-go"
        disabled={!ready || status !== 'idle'}
        onClick={() => void start(model)}
      >
        {m.train.start}
      </button>
    </section>
  );
}

function DrawnSchedule() {
  const drawn = useSetup((state) => state.settings.schedule === 'drawn');
  return drawn ? <Field name="curve" /> : null;
}

function Padding() {
  const documents = useSetup((state) => state.settings.rows === 'documents');
  return documents ? <Field name="padding" /> : null;
}

function Data() {
  const { source, text, file, wikitext } = useSetup();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const take = (chosen: File | undefined) => chosen && set({ file: chosen, source: 'file' });
  const drop = (event: DragEvent) => {
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  };
  return (
    <section
      className="train-data"
      aria-label={m.train.parts.data}
      onDragOver={(event) => event.preventDefault()}
      onDrop={drop}
    >
      <h3>{m.train.parts.data}</h3>
      <Segments
        label={m.train.sourcesLabel}
        options={SOURCES}
        words={m.train.sources}
        value={source}
        onChoose={(chosen) => set({ source: chosen })}
      />
      {source === 'text' && (
        <textarea
          aria-label={m.train.paste}
          aria-describedby={id}
          value={text}
          rows={6}
          spellCheck={false}
          onChange={(event) => set({ text: event.target.value })}
        />
      )}
      {source === 'file' && (
        <div className="train-line">
          <input
            ref={input}
            type="file"
            hidden
            aria-label={m.train.chooseFile}
            accept=".txt,.md,.jsonl,.ndjson,.csv,.tsv,.parquet,text/*"
            onChange={(event) => take(event.target.files?.[0])}
          />
          <button type="button" className="outline" onClick={() => input.current?.click()}>
            {m.train.chooseFile}
          </button>
          {file && <span>{m.train.chosen(file.name, file.size)}</span>}
        </div>
      )}
      {source === 'wikitext' && (
        <select
          aria-label={m.train.wikitextLabel}
          value={wikitext}
          onChange={(event) => set({ wikitext: event.target.value as Wikitext })}
        >
          {WIKITEXTS.map((name) => (
            <option key={name} value={name}>
              {m.train.wikitexts[name]}
            </option>
          ))}
        </select>
      )}
      <p className="note" id={id}>
        {m.train.sourceHelp[source]}
      </p>
    </section>
  );
}

function Start({ model }: { model: string }) {
  const init = useSetup((state) => state.init);
  const tokenizer = useSetup((state) => state.settings.tokenizer);
  return (
    <>
      <h3>{m.train.parts.start}</h3>
      <Segments
        label={m.train.initLabel}
        options={INITS}
        words={m.train.inits}
        value={init}
        onChoose={(chosen) => set({ init: chosen })}
      />
      <p className="note">{init === 'fresh' ? m.train.initHelp.fresh : m.train.initHelp.model(model)}</p>
      {init === 'fresh' && (
        <div className="train-fields">
          <Field name="size" />
          <Field name="tokenizer" />
          {tokenizer === 'bpe' && <Field name="vocabulary" />}
        </div>
      )}
    </>
  );
}
