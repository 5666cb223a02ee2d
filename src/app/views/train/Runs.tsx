/** The runs of this browser: named, looked at again, compared in one plot, saved as a folder, deleted. */

import { useId, useState } from 'react';
import { greatest } from '../../../diffusion/extremes.ts';
import type { StoredRun } from '../../../worker/protocol.train.ts';
import { FileButton } from '../../fields/FileButton.tsx';
import { DataTable } from '../../figures/DataTable.tsx';
import { type PlotPoint, PointPlot } from '../../figures/PointPlot.tsx';
import { clauses, hundredths, integer, sentences, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useLibrary } from '../../session/library.ts';
import { domainOver, stepOf } from '../../session/train/curves.ts';
import {
  compare,
  exportCluster,
  exportRun,
  importRun,
  removeRun,
  rename,
  show,
  useTrain,
} from '../../session/train/store.ts';

export function Runs() {
  const id = useId();
  const kept = useTrain((state) => state.runs);
  const compared = useTrain((state) => state.compared);
  const shown = useTrain((state) => state.shown);
  const lasting = useLibrary((state) => state.storage?.lasting ?? true);
  if (kept === undefined) return null;
  // The run on show is ahead of what is kept of it.
  const runs = kept.map((run) => (run.id === shown?.id ? shown : run));
  const chosen = runs.filter((run) => compared.includes(run.id) && run.journal.evaluations.length > 0);
  return (
    <section className="train-part" aria-labelledby={id}>
      <h2 id={id}>{m.train.parts.runs}</h2>
      {runs.length === 0 && <p className="note">{m.train.runs.none}</p>}
      <ul className="train-runs">
        {runs.map((run) => (
          <Row key={run.id} run={run} />
        ))}
      </ul>
      {!lasting && <p className="note warn">{m.train.runs.notLasting}</p>}
      <Import />
      {chosen.length > 0 && <Compared runs={chosen} />}
    </section>
  );
}

function Import() {
  return (
    <div className="train-line train-import">
      <FileButton
        label={m.train.runs.import}
        accept=".zip,application/zip"
        onFiles={([file]) => file && void importRun(file)}
      />
      <span className="note">{sentences(m.train.runs.importHelp, m.train.runs.exportHelp)}</span>
    </div>
  );
}

function Row({ run }: { run: StoredRun }) {
  const shown = useTrain((state) => state.shown?.id === run.id);
  const status = useTrain((state) => state.status);
  const busy = useTrain((state) => state.busy);
  const compared = useTrain((state) => state.compared.includes(run.id));
  const [name, setName] = useState<string>();
  const [sure, setSure] = useState(false);
  const { evaluations } = run.journal;
  const held = evaluations.at(-1)?.nelbo;
  const idle = status === 'idle';
  return (
    <li>
      <input
        type="checkbox"
        checked={compared}
        disabled={evaluations.length === 0}
        aria-label={m.train.runs.of(m.train.runs.compare, run.name)}
        onChange={(event) => compare(run.id, event.target.checked)}
      />
      <div className="train-run-name">
        <input
          type="text"
          value={name ?? run.name}
          aria-label={m.train.runs.of(m.train.runs.rename, run.name)}
          maxLength={80}
          spellCheck={false}
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
          onBlur={() => {
            if (name !== undefined) void rename(run.id, name).then(() => setName(undefined));
          }}
        />
        <span className="note">
          {m.train.runs.about(stepOf(run), run.settings.steps, new Date(run.created))}
          {held !== undefined && `, ${m.train.runs.heldOut(held)}`}
        </span>
      </div>
      <div className="train-line">
        {shown ? (
          <span className="note">{m.train.runs.shown}</span>
        ) : (
          <button
            type="button"
            className="outline"
            disabled={!idle}
            aria-label={m.train.runs.of(m.train.runs.show, run.name)}
            onClick={() => show(run)}
          >
            {m.train.runs.show}
          </button>
        )}
        <button
          type="button"
          className="quiet"
          disabled={busy !== undefined}
          aria-label={m.train.runs.of(m.train.runs.export, run.name)}
          onClick={() => void exportRun(run)}
        >
          {m.train.runs.export}
        </button>
        <button
          type="button"
          className="quiet"
          disabled={busy !== undefined}
          title={m.train.runs.clusterHelp}
          aria-label={m.train.runs.of(m.train.runs.cluster, run.name)}
          onClick={() => void exportCluster(run)}
        >
          {m.train.runs.cluster}
        </button>
        <button
          type="button"
          className={sure ? 'outline danger' : 'quiet'}
          disabled={shown && !idle}
          aria-label={m.train.runs.of(sure ? m.train.runs.sure : m.train.runs.remove, run.name)}
          onClick={() => (sure ? void removeRun(run.id) : setSure(true))}
          onBlur={() => setSure(false)}
        >
          {sure ? m.train.runs.sure : m.train.runs.remove}
        </button>
      </div>
    </li>
  );
}

function Compared({ runs }: { runs: readonly StoredRun[] }) {
  const last = greatest(runs.flatMap(({ journal }) => journal.evaluations.map(({ step }) => step)));
  const series = runs.map(({ id, name, journal }) => ({
    key: id,
    name,
    joined: true,
    points: journal.evaluations.map(({ step, nelbo, standardError }): PlotPoint => {
      const error = Number.isFinite(standardError) ? standardError : 0;
      const said = m.train.plot.words(step, [[m.train.plot.heldOut, nelbo]]);
      return {
        key: `${id} ${step}`,
        x: step,
        y: nelbo,
        low: nelbo - error,
        high: nelbo + error,
        words: clauses(name, said),
      };
    }),
  }));
  const ends = series.flatMap(({ points }) => points.flatMap(({ low = 0, high = 0 }) => [low, high]));
  return (
    <>
      <PointPlot
        label={m.train.runs.compare}
        x={{ label: m.train.plot.step, domain: [0, Math.max(1, last)], format: integer }}
        y={{ label: m.train.plot.loss, domain: domainOver(ends), format: significant }}
        series={series}
      />
      <DataTable
        table={{
          caption: m.train.runs.compare,
          columns: [m.train.parts.run, m.train.plot.step, m.train.plot.heldOut],
          rows: runs.flatMap(({ name, journal }) =>
            journal.evaluations.map(({ step, nelbo }) => [name, integer(step), hundredths(nelbo)]),
          ),
        }}
      />
      <p className="note">{m.train.runs.compareHelp}</p>
    </>
  );
}
