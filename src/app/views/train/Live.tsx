/** The run on show: what it is, its buttons, its numbers, its curves, its canvas. */
import { useId } from 'react';
import type { StoredRun } from '../../../worker/protocol.train.ts';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import { pause, useTrain } from '../../session/train/store.ts';
import { Announcer } from './Announcer.tsx';
import { Buttons } from './Buttons.tsx';
import { FirstBatch, kindOf } from './FirstBatch.tsx';
import { GradientPlot, LossPlot } from './LossPlot.tsx';
import { Numbers } from './Numbers.tsx';
import { SampleCanvas } from './SampleCanvas.tsx';

export function Live() {
  const id = useId();
  const run = useTrain((state) => state.shown);
  const status = useTrain((state) => state.status);
  return (
    <section className="train-part train-live" aria-labelledby={id}>
      <h2 id={id} tabIndex={-1}>
        {run?.name ?? m.train.parts.run}
      </h2>
      <Announcer />
      {status === 'preparing' && <Preparing />}
      {run && (
        <>
          <Buttons run={run} />
          <Numbers run={run} />
          <LossPlot run={run} />
          <h3>{m.train.parts.sample}</h3>
          <SampleCanvas run={run} />
          <details className="train-more">
            <summary>{m.train.parts.about}</summary>
            <About run={run} />
            <h3>{m.train.parts.gradient}</h3>
            <GradientPlot run={run} />
            <h3>{m.train.parts.batch}</h3>
            <FirstBatch rows={run.facts.preview} kind={kindOf(run.settings.objective)} />
          </details>
        </>
      )}
    </section>
  );
}

function Preparing() {
  const { stage, share, fetched } = useTrain((state) => state.preparing);
  const { fetch } = m.models;
  const name = m.train.preparing[stage];
  return (
    <div className="train-preparing">
      <p>{share === undefined || fetched ? name : m.train.progress(name, share)}</p>
      <progress max={1} value={share} aria-label={name} />
      <p className="train-fetching">
        {fetched && (
          <>
            <span>{fetch.progress(fetched.loaded, fetched.total)}</span>
            <span>{fetched.rate > 0 && fetch.rate(fetched.rate)}</span>
            <span>{fetched.secondsLeft !== undefined && fetch.left(fetched.secondsLeft)}</span>
          </>
        )}
      </p>
      <button type="button" className="outline" onClick={pause}>
        {m.train.stop}
      </button>
    </div>
  );
}

function About({ run: { facts, settings } }: { run: StoredRun }) {
  const { parameters, backend, device, trainRows, trainTokens, heldOutRows, heldOutTokens, cut, notes = [] } = facts;
  const objective = m.train.options['objective']?.[settings.objective] ?? settings.objective;
  return (
    <>
      <p className="train-about">
        {sentences(
          m.train.facts.about(parameters, backend, device, objective),
          m.train.facts.split(trainRows, trainTokens, heldOutRows, heldOutTokens),
        )}
      </p>
      {notes.length > 0 && <p className="note train-about">{sentences(...notes.map(told))}</p>}
      {cut && <p className="note warn">{m.train.facts.cut}</p>}
    </>
  );
}
