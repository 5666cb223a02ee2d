/** The Train view: set up a run, watch it, keep it, use it. */
import { useEffect, useRef } from 'react';
import '../../figures/canvases.css';
import '../../figures/figures.css';
import './train.css';
import { fetched } from '../../fields/fetched.tsx';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { told, toldError } from '../../messages/told.ts';
import { refresh } from '../../session/library.ts';
import { followTrainLink, trainQuery, useTrainLink } from '../../session/train/link.ts';
import { takeFile } from '../../session/train/setup.ts';
import { importRun, readRuns, resume, show, useTrain } from '../../session/train/store.ts';
import { CopyLink } from '../../shell/links/CopyLink.tsx';
import { Live } from './Live.tsx';
import { Repeating } from './Repeating.tsx';
import { Runs } from './Runs.tsx';
import { SetupPart } from './SetupPart.tsx';
import { useDrop } from './useDrop.ts';

const Experiments = fetched(async () => (await import('./Experiments.tsx')).Experiments);

export function TrainView() {
  const shown = useTrain((state) => state.shown);
  const status = useTrain((state) => state.status);
  const error = useTrain((state) => state.error);
  const problems = useTrainLink((state) => state.problems);
  const setup = !shown && status === 'idle';
  const { over, handlers } = useDrop((file) => {
    if (/[.]zip$/i.test(file.name)) void importRun(file);
    else if (setup) takeFile(file);
  });
  const main = useRef<HTMLElement>(null);
  const before = useRef(setup);
  useEffect(() => {
    // The button that was pressed is gone with the part it stood in.
    if (before.current !== setup) main.current?.querySelector('h2')?.focus();
    before.current = setup;
  }, [setup]);
  useEffect(() => {
    void readRuns();
    void refresh();
    return followTrainLink();
  }, []);
  return (
    <main ref={main} className={over ? 'train dropping' : 'train'} {...handlers}>
      <div className="title-line">
        <h1>{m.train.title}</h1>
        <a href="#/align">{m.views.align}</a>
        <CopyLink view="train" query={trainQuery} />
      </div>
      {problems.length > 0 && (
        <p className="note warn" role="status">
          {sentences(m.controls.linkProblems, ...problems.map(told))}
        </p>
      )}
      {setup && <p className="lead">{m.train.lead}</p>}
      <Offer />
      {error && (
        <p className="train-error" role="alert">
          {toldError(error)}
        </p>
      )}
      <Repeating />
      {setup ? <SetupPart /> : <Live />}
      <Runs />
      <Experiments />
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
