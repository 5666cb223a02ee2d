/** What can be done with the run on show, and how it stands, in words. */
import type { StoredRun } from '../../../worker/protocol.train.ts';
import { m } from '../../messages/index.ts';
import { stepOf } from '../../session/train/curves.ts';
import { setUpLike, useSetup } from '../../session/train/setup.ts';
import { pause, resume, show, stop, takeOver, useTrain } from '../../session/train/store.ts';
import { Check } from './Check.tsx';

export function Buttons({ run }: { run: StoredRun }) {
  const status = useTrain((state) => state.status);
  const slow = useSetup((state) => state.slow);
  // Only what was stopped or lost its device has something to go on with.
  const over = run.ended === 'steps' || run.ended === 'patience' || run.ended === 'not-finite';
  const anew = (but = {}) => {
    show(undefined);
    setUpLike(run, but);
  };
  const { lr } = run.settings;
  return (
    <>
      <p className={run.ended === 'not-finite' ? 'train-state wrong' : 'train-state'}>{stateOf(run, status)}</p>
      <div className="train-line train-buttons">
        {status === 'running' && (
          <button type="button" className="go" onClick={pause}>
            {m.train.pause}
          </button>
        )}
        {(status === 'running' || status === 'pausing') && (
          <button type="button" className="outline" disabled={status === 'pausing'} onClick={stop}>
            {m.train.stop}
          </button>
        )}
        {status === 'idle' && !over && (
          <button type="button" className="go" onClick={() => void resume(run.id)}>
            {m.train.resume}
          </button>
        )}
        {status === 'idle' && run.ended === 'not-finite' && lr > 0 && (
          <button type="button" className="go" onClick={() => anew({ lr: lr / 10 })}>
            {m.train.calmer(lr / 10)}
          </button>
        )}
        <Use run={run} />
        {status === 'idle' && (
          <button type="button" className="quiet" onClick={() => anew()}>
            {m.train.like}
          </button>
        )}
        {status === 'idle' && (
          <button type="button" className="quiet" onClick={() => show(undefined)}>
            {m.train.newRun}
          </button>
        )}
      </div>
      {status !== 'idle' && (
        <div className="train-checks">
          <Check label={m.train.slow} checked={slow} onChange={(on) => useSetup.setState({ slow: on })} />
        </div>
      )}
    </>
  );
}

function Use({ run }: { run: StoredRun }) {
  const busy = useTrain((state) => state.busy);
  const status = useTrain((state) => state.status);
  return (
    <button
      type="button"
      className="outline"
      disabled={busy !== undefined || status === 'pausing'}
      title={m.train.useHelp}
      onClick={() => void takeOver(run.id)}
    >
      {busy === 'use' ? m.train.using : m.train.use}
    </button>
  );
}

export function stateOf(run: StoredRun, status: string): string {
  const { steps } = run.settings;
  if (status === 'pausing') return m.train.pausing;
  if (status === 'running') return m.train.state.running(stepOf(run), steps);
  if (run.ended) return m.train.state.ended[run.ended](run.step);
  return m.train.state.paused(run.step, steps);
}
