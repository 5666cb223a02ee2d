/** The door's offer: paste a text, have the model learn it for some twenty seconds, see before and after, send it on. */
import { useEffect, useId, useState } from 'react';
import '../../../figures/canvases.css';
import './teach.css';
import { SMALL } from '../../../../diffusion/shipped.ts';
import type { StoredRun } from '../../../../worker/protocol.train.ts';
import { useCopy } from '../../../fields/CopyButton.tsx';
import { useFitting } from '../../../fields/fitting.tsx';
import { Icon } from '../../../fields/Icon.tsx';
import { Modal } from '../../../fields/Modal.tsx';
import { Words } from '../../../figures/MaskedWords.tsx';
import { m } from '../../../messages/index.ts';
import { toldError } from '../../../messages/told.ts';
import { chooseMode } from '../../../session/chatFollow.ts';
import { shippedFolder, useCompute } from '../../../session/compute.ts';
import { generate } from '../../../session/current.ts';
import { rollSeed, setSettings, useSettings } from '../../../session/settings.ts';
import { closeTeach, useTeach } from '../../../session/teach.ts';
import { stepOf } from '../../../session/train/curves.ts';
import { estimateSeconds } from '../../../session/train/estimate.ts';
import { begin, readRuns, stop, takeOver, useTrain } from '../../../session/train/store.ts';
import {
  beginningOf,
  LEAST_TEXT,
  MOST_TEXT,
  taughtIn,
  teachLink,
  teachSettings,
} from '../../../session/train/teach.ts';
import { timePassNow } from '../../../session/train/time-pass.ts';

/** The run of the dialog; it goes on when the dialog is closed, and stands here when it is opened again. */
let own: Own | undefined;

interface Own {
  readonly id: string;
  readonly text: string;
  readonly seed: number;
  /** When it was to be over, in milliseconds of `Date.now`; undefined where no time was told. */
  readonly due: number | undefined;
}

/** Seconds by which a run may be late without a word: the time told is one of whole seconds, and a guess. */
const LATE = 5;

export function TeachDialog() {
  return (
    <Modal open title={m.teach.title} className="teach-dialog" onClose={closeTeach}>
      <Content />
    </Modal>
  );
}

function Content() {
  const query = useTeach((state) => state.query);
  const [linked] = useState(() => taughtIn(query));
  const [mine, setMine] = useState(linked ? undefined : own);
  const shown = useTrain((state) => state.shown);
  const status = useTrain((state) => state.status);
  const error = useTrain((state) => state.error);
  useEffect(() => {
    void readRuns();
  }, []);
  const take = (text: string, seed: number, passMilliseconds: number | undefined) => {
    const settings = { ...teachSettings(seed, passMilliseconds), init: SMALL };
    const id = begin({ settings, data: { kind: 'text', text }, from: shippedFolder(SMALL) }, m.teach.name);
    const due = passMilliseconds && Date.now() + 1000 * estimateSeconds(settings, passMilliseconds);
    own = { id, text, seed, due };
    setMine(own);
  };
  const run = mine && shown?.id === mine.id ? shown : undefined;
  const preparing = mine !== undefined && shown === undefined && status === 'preparing';
  return (
    <div className="teach">
      {error && mine && (
        <p className="teach-error" role="alert">
          {toldError(error)}
        </p>
      )}
      {mine && run ? (
        <Learnt run={run} own={mine} onAnother={() => setMine(undefined)} />
      ) : preparing ? (
        <Preparing />
      ) : (
        <Ask linked={linked} first={mine?.text ?? linked?.text ?? ''} onTake={take} />
      )}
    </div>
  );
}

interface AskProps {
  readonly linked: { readonly seed: number } | undefined;
  readonly first: string;
  readonly onTake: (text: string, seed: number, passMilliseconds: number | undefined) => void;
}

function Ask({ linked, first, onTake }: AskProps) {
  const id = useId();
  const [text, setText] = useState(first);
  const [seed] = useState(() => linked?.seed ?? rollSeed());
  const fitting = useFitting(MOST_TEXT, setText);
  const status = useTrain((state) => state.status);
  // Only of the model that learns is it known how fast it is here.
  const pass = useCompute(({ passes }) => passes[SMALL]);
  const lacking = LEAST_TEXT - text.trim().length;
  const busy = status !== 'idle';
  const ready = useCompute((state) => state.status === 'ready');
  const enough = lacking <= 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the dialog opens, and once more when there is enough to learn: other programs may have begun meanwhile
  useEffect(() => {
    if (ready && !busy) void timePassNow(SMALL).catch(() => undefined);
  }, [ready, busy, enough]);
  return (
    <>
      <p className="lead" id={`${id}-about`}>
        {linked ? m.teach.linked : m.teach.about}
      </p>
      <label className="hidden" htmlFor={id}>
        {m.teach.label}
      </label>
      <textarea
        id={id}
        rows={9}
        spellCheck={false}
        // biome-ignore lint/a11y/noAutofocus: the dialog was opened to paste something here
        autoFocus
        placeholder={m.teach.label}
        aria-describedby={`${id}-about`}
        value={text}
        onChange={(event) => fitting.change(event.target.value)}
      />
      {fitting.said}
      <div className="teach-acts">
        <button
          type="button"
          className="go"
          disabled={busy || lacking > 0}
          onClick={() => onTake(text, seed, pass)}
          aria-describedby={`${id}-note`}
        >
          {m.teach.start}
        </button>
        <p className="note" id={`${id}-note`} role="status">
          {busy
            ? m.teach.busy
            : text.trim() !== '' && lacking > 0
              ? m.teach.short(lacking)
              : pass !== undefined && m.teach.time(estimateSeconds(teachSettings(seed, pass), pass))}
        </p>
      </div>
    </>
  );
}

function Preparing() {
  const { stage, share } = useTrain((state) => state.preparing);
  return (
    <div className="teach-preparing">
      <p role="status">{m.train.preparing[stage]}</p>
      <progress max={1} value={share} aria-label={m.train.preparing[stage]} />
    </div>
  );
}

interface LearntProps {
  readonly run: StoredRun;
  readonly own: Own;
  readonly onAnother: () => void;
}

function Learnt({ run, own: { text, seed, due }, onAnother }: LearntProps) {
  const { samples } = run.journal;
  const { steps } = run.settings;
  const status = useTrain((state) => state.status);
  const left = useTrain((state) => state.last?.secondsLeft);
  const busy = useTrain((state) => state.busy !== undefined);
  const [first, last] = [samples[0], samples.at(-1)];
  const learning = status !== 'idle';
  const step = stepOf(run);
  const late = learning && left !== undefined && due !== undefined && Date.now() + 1000 * (left - LATE) > due;

  const write = async () => {
    await takeOver(run.id);
    if (useTrain.getState().error) return;
    closeTeach();
    chooseMode('continue', useSettings.getState().settings.model);
    setSettings({ prompt: beginningOf(text) });
    generate();
  };
  return (
    <>
      <div className="teach-line">
        <progress max={steps} value={step} aria-label={m.teach.now(step, steps)} />
        <span className="note">{learning && left ? m.teach.left(left) : m.teach.now(step, steps)}</span>
        {learning && (
          <button type="button" className="outline" onClick={stop} disabled={status === 'pausing'}>
            {m.controls.stop}
          </button>
        )}
      </div>
      <div className="teach-two">
        <section aria-label={m.teach.before}>
          <h3>{m.teach.before}</h3>
          {first ? <Words pieces={first.pieces} /> : <p className="note">{m.train.sample.none}</p>}
        </section>
        <section aria-label={m.teach.now(last?.step ?? 0, steps)}>
          <h3>{m.teach.now(last?.step ?? 0, steps)}</h3>
          {last && last !== first && <Words pieces={last.pieces} />}
        </section>
      </div>
      <p className="note">{late ? m.teach.late : m.teach.same}</p>
      <div className="teach-acts">
        <button type="button" className="go" disabled={busy || step === 0} onClick={() => void write()}>
          {busy ? m.train.using : m.teach.write}
        </button>
        <Send text={text} seed={seed} />
        <a className="quiet" href="#/train">
          {m.teach.inTrain}
        </a>
        {!learning && (
          <button type="button" className="quiet" onClick={onAnother}>
            {m.teach.another}
          </button>
        )}
      </div>
    </>
  );
}

/** The link, and what it can carry. */
function Send({ text, seed }: { text: string; seed: number }) {
  const { said, copy } = useCopy();
  const settings = useSettings((state) => state.settings);
  // The model of this machine is nothing to a friend.
  const address = teachLink({ ...settings, model: SMALL, turns: '', system: '' }, seed, text);
  return (
    <>
      <button
        type="button"
        className="outline copy"
        disabled={address === undefined}
        onClick={() => address !== undefined && copy(address, m.teach.sent)}
      >
        <Icon name="link" />
        <span aria-live="polite">{said ?? m.teach.send}</span>
      </button>
      <p className="note teach-carries">{address === undefined ? m.teach.long : m.teach.sendHelp}</p>
    </>
  );
}
