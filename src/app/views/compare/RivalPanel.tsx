/** Which causal model of those that are here appends on our own engine; and why it cannot, where it cannot. */
import { useEffect, useId } from 'react';
import { m } from '../../messages/index.ts';
import { useCausal } from '../../session/asWritten.ts';
import { useCompute } from '../../session/compute.ts';
import { refresh, useLibrary } from '../../session/library.ts';
import { openModels } from '../../session/models-dialog.ts';
import { compareWith, useComparison } from './store.ts';
import { stopWork } from './work.ts';

/** Names of the models here that write from left to right; undefined until the storage has been read. */
function useRivals(): readonly string[] | undefined {
  const items = useLibrary((state) => state.storage?.items);
  // Of this moment, not kept: it stays one when another model takes its place in use.
  const chosen = useCompute((state) => (state.chosen?.causal ? state.chosen.name : undefined));
  if (items === undefined) return undefined;
  const names = items.filter(({ causal }) => causal).map(({ name }) => name);
  return [...new Set(chosen === undefined ? names : [chosen, ...names])];
}

export function useRivalReady(): boolean {
  const rival = useComparison((state) => state.rival);
  const mainAppends = useCausal();
  return (useRivals()?.includes(rival) ?? false) && !mainAppends;
}

export function RivalPanel() {
  const rivals = useRivals();
  const rival = useComparison((state) => state.rival);
  const model = useCompute((state) => state.model?.id);
  const mainAppends = useCausal();
  const id = useId();
  useEffect(() => {
    void refresh();
  }, []);
  const here = rivals?.includes(rival) ?? false;
  const [first] = rivals ?? [];
  useEffect(() => {
    if (rival === '' && first !== undefined) compareWith({ rival: first });
  }, [rival, first]);
  const models = (
    <button type="button" className="quiet inline" onClick={() => openModels()}>
      {m.compare.own.models}
    </button>
  );
  return (
    <section className="opponent" aria-label={m.compare.own.title}>
      {rivals === undefined ? (
        <p className="note">{m.compare.own.reading}</p>
      ) : rivals.length === 0 ? (
        <p>
          {m.compare.own.none} {models}
        </p>
      ) : (
        <div className="opponent-row">
          <label htmlFor={id}>{m.compare.own.choose}</label>
          <select
            id={id}
            value={here ? rival : ''}
            onChange={(event) => {
              stopWork();
              compareWith({ rival: event.target.value });
            }}
          >
            {!here && <option value="">{m.compare.own.pick}</option>}
            {rivals.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </div>
      )}
      {rivals !== undefined && rivals.length > 0 && rival !== '' && !here && (
        <p className="note warn">{m.compare.own.absent(rival)}</p>
      )}
      {mainAppends && (
        <p className="note warn" role="status">
          {m.compare.own.mainAppends(model ?? '')} {models}
        </p>
      )}
    </section>
  );
}
