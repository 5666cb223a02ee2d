/** The run on show: what it is, its buttons, its numbers, its curves, its canvas. */
import { useEffect, useId } from 'react';
import type { StoredRun } from '../../worker/protocol.train.ts';
import { m } from '../messages/index.ts';
import { stepOf } from './curves.ts';
import { FirstBatch } from './FirstBatch.tsx';
import { GradientPlot, LossPlot } from './LossPlot.tsx';
import { SampleCanvas } from './SampleCanvas.tsx';
import { useSetup } from './setup.ts';
import { pause, resume, setSlow, show, stop, takeOver, useTrain } from './store.ts';

export function Live() {
  const id = useId();
  const run = useTrain((state) => state.shown);
  const status = useTrain((state) => state.status);
  return (
    <section className="train-part train-live" aria-labelledby={id}>
      <h2 id={id}>{run?.name ?? m.train.parts.run}</h2>
      {status === 'preparing' && <Preparing />}
      {run && (
        <>
          <About run={run} />
          <Buttons run={run} />
          <Numbers run={run} />
          <h3>{m.train.parts.loss}</h3>
          <LossPlot run={run} />
          <h3>{m.train.parts.sample}</h3>
          <SampleCanvas run={run} />
          <h3>{m.train.parts.gradient}</h3>
          <GradientPlot run={run} />
          <h3>{m.train.parts.batch}</h3>
          <FirstBatch rows={run.facts.preview} />
        </>
      )}
    </section>
  );
}

function Preparing() {
  const { stage, share, bytes } = useTrain((state) => state.preparing);
  const said = bytes ? m.train.bytes(stage, ...bytes) : share === undefined ? stage : m.train.progress(stage, share);
  return (
    <div className="train-preparing">
      <p role="status">{said}</p>
      <progress max={1} value={share} aria-label={stage} />
      <button type="button" className="outline" onClick={pause}>
        {m.train.stop}
      </button>
    </div>
  );
}

function About({ run: { facts } }: { run: StoredRun }) {
  const { parameters, backend, device, trainRows, trainTokens, heldOutRows, heldOutTokens, cut } = facts;
  return (
    <>
      <p className="train-about">
        {m.train.facts.parameters(parameters)} {m.train.facts.device(backend, device)}.{' '}
        {m.train.facts.split(trainRows, trainTokens, heldOutRows, heldOutTokens)}
      </p>
      {cut && <p className="note warn">{m.train.facts.cut}</p>}
    </>
  );
}

function Buttons({ run }: { run: StoredRun }) {
  const status = useTrain((state) => state.status);
  const busy = useTrain((state) => state.busy);
  const slow = useSetup((state) => state.slow);
  const id = useId();
  useEffect(() => {
    if (status !== 'running') return undefined;
    const pace = () => void setSlow(slow && document.hidden).catch(() => undefined);
    pace();
    document.addEventListener('visibilitychange', pace);
    return () => document.removeEventListener('visibilitychange', pace);
  }, [status, slow]);
  // Only what was stopped or lost its device has something to go on with.
  const over = run.ended === 'steps' || run.ended === 'patience' || run.ended === 'not-finite';
  return (
    <>
      <div className="train-line train-buttons">
        {status === 'running' && (
          <button type="button" className="go" onClick={pause}>
            {m.train.pause}
          </button>
        )}
        {status === 'running' && (
          <button type="button" className="outline" onClick={stop}>
            {m.train.stop}
          </button>
        )}
        {status === 'idle' && !over && (
          <button type="button" className="go" onClick={() => void resume(run.id)}>
            {m.train.resume}
          </button>
        )}
        <button
          type="button"
          className="outline"
          disabled={busy !== undefined || status === 'pausing'}
          title={m.train.useHelp}
          onClick={() => void takeOver(run.id)}
        >
          {busy === 'use' ? m.train.using : m.train.use}
        </button>
        {status === 'idle' && (
          <button type="button" className="quiet" onClick={() => show(undefined)}>
            {m.train.newRun}
          </button>
        )}
        <p role="status" className="train-state">
          {stateOf(run, status)}
        </p>
      </div>
      <label className="train-slow" htmlFor={id}>
        <input
          id={id}
          type="checkbox"
          checked={slow}
          onChange={(event) => useSetup.setState({ slow: event.target.checked })}
        />
        {m.train.slow}
      </label>
    </>
  );
}

function stateOf(run: StoredRun, status: string): string {
  const { steps } = run.settings;
  if (status === 'pausing') return m.train.pausing;
  if (status === 'running') return m.train.state.running(stepOf(run), steps);
  if (run.ended) return m.train.state.ended[run.ended](run.step);
  return m.train.state.paused(run.step, steps);
}

function Numbers({ run }: { run: StoredRun }) {
  const last = useTrain((state) => state.last);
  const { points, evaluations } = run.journal;
  const point = points.at(-1);
  const held = evaluations.at(-1);
  const { value, none, numbers } = m.train;
  const left = last && ((run.settings.steps - last.step) * last.milliseconds) / 1000;
  const shown: readonly (readonly [string, string])[] = [
    [numbers.loss, point ? value.loss(point.loss) : none],
    [numbers.heldOut, held ? m.train.held(held.nelbo, held.standardError ?? Number.NaN) : none],
    [numbers.bound, held ? value.significant(Math.exp(held.nelbo)) : none],
    [numbers.gradient, point ? value.significant(point.gradNorm) : none],
    [numbers.lr, last ? value.significant(last.lr) : none],
    [numbers.speed, last ? value.rate((1000 * last.tokens) / last.milliseconds) : none],
    [numbers.left, left === undefined || left === 0 ? none : value.duration(left)],
    [numbers.memory, last ? value.size(last.memory.bytes) : none],
  ];
  return (
    <dl className="train-numbers">
      {shown.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
