/** The likelihood bound, measured with every schedule: one value, many variances. */
import { useEffect, useId, useRef, useState } from 'react';
import { DEFAULT_CURVE } from '../../../diffusion/curve.ts';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import { defaultSettings } from '../../../diffusion/settings.ts';
import { TIMES } from '../../../diffusion/times.ts';
import { integer, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useSettings } from '../../session/settings.ts';
import { BATCH, measure, type Progress } from './measure.ts';
import { MEASURED } from './measured.ts';
import { NelboTable, saved } from './NelboTable.tsx';
import { Notice } from './Notice.tsx';
import { useSchedule } from './state.ts';

const AMOUNTS = [32, 128, 512] as const;

export function Nelbo() {
  const id = useId();
  const text = useSchedule((state) => state.text);
  const [amount, setAmount] = useState<number>(AMOUNTS[0]);
  const [progress, setProgress] = useState<Progress>();
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<ErrorData>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);

  const start = async () => {
    const controller = new AbortController();
    stop.current = controller;
    const { curve, seed } = useSettings.getState().settings;
    setRunning(true);
    setError(undefined);
    try {
      for await (const now of measure(text, curve, { batches: amount / BATCH, seed }, controller.signal))
        setProgress(now);
    } catch (cause) {
      if (!controller.signal.aborted) setError(UnmaskError.from(cause).toJSON());
    }
    setRunning(false);
  };
  const { recipe } = MEASURED;

  return (
    <section className="schedule-part" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{m.scheduleView.nelbo.title}</h2>
      <p className="lead">{m.scheduleView.nelbo.lead}</p>
      <p className="formula">{m.scheduleView.nelbo.formula}</p>
      <p className="lead">{m.scheduleView.nelbo.formulaSays}</p>
      <NelboTable
        rows={progress?.rows ?? MEASURED.estimates}
        tokens={progress?.tokens || MEASURED.ids.length}
        curve={DEFAULT_CURVE}
      />
      <p className="note">
        {progress
          ? m.scheduleView.nelbo.live(progress.text, progress.tokens, progress.device)
          : m.scheduleView.nelbo.committed(
              recipe.size * recipe.batches,
              recipe.size,
              MEASURED.ids.length,
              recipe.device,
              recipe.command,
            )}
      </p>
      <div className="nelbo-controls">
        {running ? (
          <button type="button" className="outline" onClick={() => stop.current?.abort()}>
            {m.controls.stop}
          </button>
        ) : (
          <button type="button" className="outline" disabled={text.trim() === ''} onClick={() => void start()}>
            {m.scheduleView.nelbo.measure}
          </button>
        )}
        <label>
          {m.scheduleView.nelbo.amount}{' '}
          <select value={amount} disabled={running} onChange={(event) => setAmount(Number(event.target.value))}>
            {AMOUNTS.map((one) => (
              <option key={one} value={one}>
                {integer(one)}
              </option>
            ))}
          </select>
        </label>
        {progress && !running && (
          <button type="button" className="quiet" onClick={() => setProgress(undefined)}>
            {m.scheduleView.nelbo.back}
          </button>
        )}
      </div>
      {running && (
        <progress
          value={progress?.done ?? 0}
          max={progress?.total ?? 1}
          aria-label={m.scheduleView.nelbo.progress(progress?.done ?? 0, progress?.total ?? 0)}
        />
      )}
      <p className="note" role="status">
        {running && progress ? m.scheduleView.nelbo.progress(progress.done, progress.total) : ''}
      </p>
      <Notice error={error} />
      <p className="lead">{m.scheduleView.nelbo.reading}</p>
      <p className="lead">
        {m.scheduleView.nelbo.savedSays} {!progress && <RareSamples />}
      </p>
      <p className="note">{m.scheduleView.nelbo.tails}</p>
      <p className="note">{m.scheduleView.nelbo.partial}</p>
    </section>
  );
}

/** Why the schedule that every text begins with seems to lose by even times, in the numbers measured beforehand. */
function RareSamples() {
  const schedule = defaultSettings().schedule;
  const [independent, spread] = TIMES.map((kind) =>
    MEASURED.estimates.find(
      ({ estimator }) => estimator.kind === 'schedule' && estimator.schedule === schedule && estimator.times === kind,
    ),
  );
  if (!independent || !spread) return null;
  return m.scheduleView.nelbo.savedRare(
    m.schedules[schedule][0],
    saved(independent, spread),
    significant(independent.variance),
    significant(spread.variance),
  );
}
