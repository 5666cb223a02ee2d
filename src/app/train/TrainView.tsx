/** The Train view: set up a run, watch it, keep it, use it. */
import { useEffect } from 'react';
import '../figures/figures.css';
import './train.css';
import { m } from '../messages/index.ts';
import { toldError } from '../messages/told.ts';
import { refresh } from '../models/library.ts';
import { Live } from './Live.tsx';
import { Runs } from './Runs.tsx';
import { SetupPart } from './SetupPart.tsx';
import { takeFile } from './setup.ts';
import { importRun, readRuns, resume, show, useTrain } from './store.ts';
import { useDrop } from './useDrop.ts';

export function TrainView() {
  const shown = useTrain((state) => state.shown);
  const status = useTrain((state) => state.status);
  const error = useTrain((state) => state.error);
  const setup = !shown && status === 'idle';
  const { over, handlers } = useDrop((file) => {
    if (/[.]zip$/i.test(file.name)) void importRun(file);
    else if (setup) takeFile(file);
  });
  useEffect(() => {
    void readRuns();
    void refresh();
  }, []);
  return (
    <main className={over ? 'train dropping' : 'train'} {...handlers}>
      <h1>{m.train.title}</h1>
      {setup && <p className="lead">{m.train.lead}</p>}
      <Offer />
      {error && (
        <p className="train-error" role="alert">
          {toldError(error)}
        </p>
      )}
      {setup ? <SetupPart /> : <Live />}
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
