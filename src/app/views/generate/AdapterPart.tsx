/** An adapter (LoRA) beside the weights of the model: which, and how much it counts. */
import { type DragEvent, useEffect, useId, useState } from 'react';
import { FileButton } from '../../fields/FileButton.tsx';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import {
  adapt,
  merge,
  openFolder,
  readAdapters,
  removeAdapter,
  saveFolder,
  useAdapters,
} from '../../session/adapters.ts';
import { dropped } from '../../session/chosen.ts';
import { useCompute } from '../../session/compute.ts';
import './adapter.css';

export function AdapterPart() {
  const id = useId();
  const { items, asked, busy, error } = useAdapters();
  const inUse = useCompute((state) => state.model?.adapter);
  // What was asked for counts at once: keys pressed one after another, or a button after a choice, mean that one.
  const weight = asked?.weight ?? inUse?.weight ?? 0;
  const weighed = asked ? asked.key : inUse?.key;
  const model = useCompute((state) => state.model?.id);
  const [chosen, choose] = useState<{ readonly key: string; readonly model: string | undefined }>();
  // One that cannot be weighed is chosen all the same: it can be merged.
  const there = inUse?.key ?? (chosen?.model === model ? chosen?.key : undefined);
  const item = items?.find(({ key }) => key === (asked ? asked.key : there));
  useEffect(() => void readAdapters(), []);
  const [over, setOver] = useState(false);
  const drag = (event: DragEvent) => {
    event.preventDefault();
    setOver(event.type === 'dragover');
    if (event.type !== 'drop' || busy !== undefined) return;
    void dropped(event.dataTransfer).then(async ({ files, folder }) => {
      if (files.length > 0) await openFolder(files, folder);
    });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button is the first
    <div className={over ? 'adapter-part over' : 'adapter-part'} onDragOver={drag} onDragLeave={drag} onDrop={drag}>
      <div className="field">
        <label htmlFor={id}>{m.adapters.which}</label>
        <select
          id={id}
          value={item?.key ?? ''}
          aria-describedby={`${id}-help`}
          onChange={({ target }) => {
            choose({ key: target.value, model });
            void adapt(target.value || undefined, weight || 1);
          }}
        >
          <option value="">{m.adapters.none}</option>
          {items?.map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {inUse && weighed !== undefined && (
        <div className="field">
          <label htmlFor={`${id}-weight`}>{m.adapters.weight}</label>
          <output className="number" htmlFor={`${id}-weight`}>
            {m.adapters.share(weight)}
          </output>
          <input
            id={`${id}-weight`}
            className="range"
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={weight}
            onChange={({ target }) => void adapt(weighed, Number(target.value))}
          />
        </div>
      )}
      <p className="note" id={`${id}-help`}>
        {inUse ? m.adapters.about(inUse.rank, inUse.modules) : m.adapters.help}
      </p>
      {error && (
        <p className="wrong" role="alert">
          {told(error.message)} {told(error.remedy)}
        </p>
      )}
      <div className="adapter-buttons">
        <FileButton
          label={m.adapters.open}
          accept=".json,.safetensors,.zip"
          multiple
          disabled={busy !== undefined}
          className="quiet"
          onFiles={(files) => void openFolder(files)}
        />
        {item && (
          <>
            <button type="button" className="quiet" disabled={busy !== undefined} onClick={() => void saveFolder(item)}>
              {m.adapters.save}
            </button>
            <button
              type="button"
              className="quiet"
              disabled={busy !== undefined}
              title={m.adapters.mergeHelp}
              onClick={() => void merge(item, inUse ? weight : 1)}
            >
              {busy === 'merge' ? m.adapters.merging : m.adapters.merge}
            </button>
            <button
              type="button"
              className="quiet"
              disabled={busy !== undefined}
              onClick={() => void removeAdapter(item)}
            >
              {m.adapters.remove}
            </button>
          </>
        )}
      </div>
    </div>
  );
}
