/** The Train view: set up a run, watch it, keep it, use it. */
import { useEffect } from 'react';
import '../figures/figures.css';
import './train.css';
import { m } from '../messages/index.ts';
import { Live } from './Live.tsx';
import { Runs } from './Runs.tsx';
import { SetupPart } from './SetupPart.tsx';
import { readRuns, resume, show, useTrain } from './store.ts';

export function TrainView() {
  const shown = useTrain((state) => state.shown);
  const status = useTrain((state) => state.status);
  const error = useTrain((state) => state.error);
  useEffect(() => void readRuns(), []);
  return (
    <main className="train">
      <h1>{m.train.title}</h1>
      <p className="lead">{m.train.lead}</p>
      <Offer />
      {error && (
        <p className="train-error" role="alert">
          {m.train.failed(error.message, error.remedy)}
        </p>
      )}
      {shown || status !== 'idle' ? <Live /> : <SetupPart />}
      <Runs />
    </main>
  );
}

/** A run that a closed page left unfinished. */
function Offer() {
  const open = useTrain(({ runs }) => runs?.find(({ ended }) => ended === undefined));
  const shown = useTrain((state) => state.shown);
  const status = useTrain((state) => state.status);
  if (open === undefined || shown || status !== 'idle') return null;
  const { id, name, step, settings } = open;
  return (
    <section className="train-offer" aria-label={m.train.parts.run}>
      <p>{m.train.offer(name, step, settings.steps)}</p>
      <button
        type="button"
        className="outline"
        onClick={() => {
          show(open);
          void resume(id);
        }}
      >
        {m.train.resume}
      </button>
      <button type="button" className="quiet" onClick={() => show(open)}>
        {m.train.runs.show}
      </button>
    </section>
  );
}
