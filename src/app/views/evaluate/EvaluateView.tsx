/** Any loaded model asked real tasks: values with their errors and what guessing would score, and the items behind each. */
import { useEffect, useId, useState } from 'react';
import { formatLink } from '../../../diffusion/link.ts';
import { toHarness, valuesOf } from '../../../evaluation/record.ts';
import { SUBJECTS, TASKS, type TaskName } from '../../../evaluation/tasks.ts';
import { Segments } from '../../fields/Segments.tsx';
import { duration, scientific, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { toldError } from '../../messages/told.ts';
import { loadModel, useCompute } from '../../session/compute.ts';
import { saveBlob } from '../../session/save.ts';
import { CopyLink } from '../../shell/links/CopyLink.tsx';
import '../../figures/column.css';
import './evaluate.css';
import { Items } from './Items.tsx';
import type { KeptEvaluation } from './kept.ts';
import {
  forgetEvaluation,
  goOn,
  offered,
  pauseEvaluation,
  progressOf,
  recallEvaluations,
  SOURCES,
  setUp,
  startEvaluation,
  useEvaluate,
} from './store.ts';

export function EvaluateView() {
  const { kept, shown, running } = useEvaluate();
  useEffect(() => {
    void recallEvaluations();
    void loadModel().catch(() => undefined);
    // Nobody waits for what they have left; it goes on from where it is.
    return pauseEvaluation;
  }, []);
  const evaluation = kept.find(({ id }) => id === shown);
  return (
    <main className="column evaluate">
      <div className="title-line">
        <h1>{m.evaluate.title}</h1>
        <CopyLink view="evaluate" query={() => ''} />
      </div>
      <p className="lead">{m.evaluate.lead}</p>
      <SetUp />
      <Doing />
      {kept.length > 0 && <Kept />}
      {evaluation && <Results key={evaluation.id} evaluation={evaluation} paused={running !== evaluation.id} />}
    </main>
  );
}

function SetUp() {
  const state = useEvaluate();
  const { tasks, source, limit, samples, shots, chat, file, running } = state;
  const canChat = useCompute(({ model }) => model?.chat ?? false);
  const names = offered(state);
  const chosen = tasks.filter((task) => names.includes(task));
  const toggle = (task: TaskName) =>
    setUp({ tasks: tasks.includes(task) ? tasks.filter((one) => one !== task) : [...tasks, task] });
  return (
    <fieldset className="evaluate-setup" disabled={running !== undefined}>
      <div>
        <span className="evaluate-label">{m.evaluate.source}</span>
        <Segments
          label={m.evaluate.source}
          options={SOURCES}
          words={m.evaluate.sources}
          value={source}
          onChoose={(one) => setUp({ source: one })}
        />
        <p className="note">{m.evaluate.sourceHelp[source]}</p>
        {source === 'file' && (
          <label className="evaluate-file">
            <span>{m.evaluate.file}</span>
            <input
              type="file"
              accept=".jsonl,.json,.csv,.tsv,.parquet,.txt"
              onChange={(event) => setUp({ file: event.target.files?.[0] })}
            />
            {file && <span className="note">{file.name}</span>}
          </label>
        )}
        <span className="evaluate-label">{m.evaluate.tasks}</span>
        <fieldset className="evaluate-tasks" aria-label={m.evaluate.tasks}>
          {names.map((task) => (
            <label key={task}>
              <input type="checkbox" checked={tasks.includes(task)} onChange={() => toggle(task)} />
              <span>{m.evaluate.names[task]}</span>
              <span className="note">{m.evaluate.about[task]}</span>
            </label>
          ))}
        </fieldset>
        {source === 'hub' && chosen.map((task) => SUBJECTS[task] && <Subject key={task} task={task} />)}
      </div>
      <div>
        <Count
          label={m.evaluate.limit}
          help={m.evaluate.limitHelp}
          value={limit}
          most={100_000}
          least={0}
          onChange={(value) => setUp({ limit: value })}
        />
        <Count
          label={m.evaluate.samples}
          help={m.evaluate.samplesHelp}
          value={samples}
          most={1024}
          least={1}
          onChange={(value) => setUp({ samples: value })}
        />
        <Count
          label={m.evaluate.shots}
          help={m.evaluate.shotsHelp}
          value={shots}
          most={100}
          least={0}
          onChange={(value) => setUp({ shots: value })}
        />
        {canChat && (
          <label className="evaluate-check">
            <input type="checkbox" checked={chat} onChange={(event) => setUp({ chat: event.target.checked })} />
            {m.evaluate.chat}
          </label>
        )}
        <button
          type="button"
          className="go"
          disabled={chosen.length === 0 || (source === 'file' && file === undefined)}
          onClick={() => void startEvaluation()}
        >
          {m.evaluate.start}
        </button>
      </div>
    </fieldset>
  );
}

/** Which subject of a task is asked: all of them, or one. */
function Subject({ task }: { task: TaskName }) {
  const id = useId();
  const { subjects } = useEvaluate();
  const chinese = document.documentElement.lang.startsWith('zh');
  return (
    <div className="evaluate-count">
      <label htmlFor={id}>{m.evaluate.subject(m.evaluate.names[task])}</label>
      <select
        id={id}
        value={subjects[task] ?? ''}
        onChange={(event) => setUp({ subjects: { ...subjects, [task]: event.target.value } })}
      >
        <option value="">{m.evaluate.allSubjects}</option>
        {Object.entries(SUBJECTS[task] ?? {}).map(([name, word]) => (
          <option key={name} value={name}>
            {chinese ? word : name.replaceAll('_', ' ')}
          </option>
        ))}
      </select>
    </div>
  );
}

interface CountProps {
  readonly label: string;
  readonly help: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly onChange: (value: number) => void;
}

function Count({ label, help, value, least, most, onChange }: CountProps) {
  const id = useId();
  const [draft, setDraft] = useState<string>();
  const commit = (text: string) => {
    setDraft(text);
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) onChange(number);
  };
  return (
    <div className="evaluate-count">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="number"
        min={least}
        max={most}
        value={draft ?? value}
        aria-describedby={`${id}-help`}
        onChange={(event) => commit(event.target.value)}
        onBlur={() => setDraft(undefined)}
      />
      <p className="note" id={`${id}-help`}>
        {help}
      </p>
    </div>
  );
}

/** What is going on, and how to pause it. */
function Doing() {
  const { kept, running, stage, left, fetched, error } = useEvaluate();
  const evaluation = kept.find(({ id }) => id === running);
  const { done, all } = evaluation ? progressOf(evaluation) : { done: 0, all: 0 };
  return (
    <div className="evaluate-doing" aria-live="polite">
      {stage && (
        <>
          <progress
            value={fetched ? fetched.loaded / Math.max(1, fetched.total) : all === 0 ? undefined : done / all}
            max={1}
            aria-label={m.evaluate.progress}
          />
          <p className="note">
            {stage === 'items'
              ? m.evaluate.asked(done, all, left === undefined ? '' : duration(left))
              : m.evaluate.stages[stage]}
            {fetched && ` ${m.models.fetch.progress(fetched.loaded, fetched.total)}`}
            {fetched?.secondsLeft !== undefined && ` ${m.models.fetch.left(fetched.secondsLeft)}`}
          </p>
          <button type="button" className="quiet" onClick={pauseEvaluation}>
            {m.evaluate.pause}
          </button>
        </>
      )}
      {error && (
        <p className="notice error" role="alert">
          {toldError(error)}
        </p>
      )}
    </div>
  );
}

/** The evaluations of this browser: which is shown, and which beside it. */
function Kept() {
  const { kept, shown, beside } = useEvaluate();
  const words = ({ record }: KeptEvaluation) =>
    m.evaluate.entry(
      record.model,
      record.settings.tasks.map((task) => m.evaluate.names[task]).join(', '),
      new Date(record.began).toLocaleString(document.documentElement.lang),
    );
  return (
    <div className="evaluate-kept">
      <label>
        <span>{m.evaluate.shown}</span>
        <select value={shown ?? ''} onChange={(event) => useEvaluate.setState({ shown: event.target.value })}>
          {kept.map((one) => (
            <option key={one.id} value={one.id}>
              {words(one)}
            </option>
          ))}
        </select>
      </label>
      {kept.length > 1 && (
        <label>
          <span>{m.evaluate.beside}</span>
          <select
            value={beside ?? ''}
            onChange={(event) =>
              useEvaluate.setState({ beside: event.target.value === '' ? undefined : event.target.value })
            }
          >
            <option value="">{m.evaluate.nothing}</option>
            {kept
              .filter(({ id }) => id !== shown)
              .map((one) => (
                <option key={one.id} value={one.id}>
                  {words(one)}
                </option>
              ))}
          </select>
        </label>
      )}
    </div>
  );
}

function Results({ evaluation, paused }: { evaluation: KeptEvaluation; paused: boolean }) {
  const { record } = evaluation;
  const [open, setOpen] = useState<TaskName | undefined>(record.tasks[0]?.task);
  const other = useEvaluate(({ kept, beside }) => kept.find(({ id }) => id === beside)?.record);
  const { done, all } = progressOf(evaluation);
  const { writing, samples, seed, shots, limit } = record.settings;
  const save = () => {
    const text = JSON.stringify(toHarness(record), undefined, 1);
    saveBlob(
      new Blob([text], { type: 'application/json' }),
      `unmask-evaluation-${record.model.replace(/\W+/g, '-')}.json`,
    );
  };
  const task = record.tasks.find((one) => one.task === open);
  return (
    <section aria-label={m.evaluate.results}>
      <p className="evaluate-about">
        <b>{record.model}</b> {m.evaluate.settings(record.device, samples, limit, shots, seed)}{' '}
        <a href={`#/generate?${formatLink({ ...writing, model: record.model })}`}>{m.evaluate.inGenerate}</a>
      </p>
      {paused && done < all && (
        <p className="notice">
          {m.evaluate.paused(done, all)}{' '}
          <button type="button" className="quiet" onClick={() => void goOn(evaluation)}>
            {m.evaluate.goOn}
          </button>
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be within reach of the keyboard */}
      <section className="evaluate-scroll" aria-label={m.evaluate.columns.metric} tabIndex={0}>
        <table className="evaluate-table">
          <thead>
            <tr>
              <th scope="col">{m.evaluate.columns.task}</th>
              <th scope="col">{m.evaluate.columns.metric}</th>
              <th scope="col">{m.evaluate.columns.value}</th>
              <th scope="col">{m.evaluate.columns.random}</th>
              <th scope="col">{m.evaluate.columns.items}</th>
            </tr>
          </thead>
          <tbody>
            {record.tasks.map((one) =>
              valuesOf(one).map(({ metric, value, standardError, chance }, row) => (
                <tr key={`${one.task} ${metric.name}`}>
                  {row === 0 && (
                    <th scope="row" rowSpan={TASKS[one.task].metrics.length}>
                      {m.evaluate.names[one.task]}
                    </th>
                  )}
                  <td>{m.evaluate.metrics[metric.name] ?? metric.name}</td>
                  <td className="figure">
                    <button
                      type="button"
                      className="link"
                      aria-expanded={open === one.task}
                      onClick={() => setOpen(open === one.task ? undefined : one.task)}
                    >
                      {number(value)}
                    </button>
                    {Number.isFinite(standardError) && <small> ± {significant(standardError)}</small>}
                  </td>
                  <td className="figure">{chance === undefined ? '–' : number(chance)}</td>
                  <td className="figure">{row === 0 ? m.evaluate.of(one.items.length, one.total) : ''}</td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      </section>
      <p className="note">{m.evaluate.reading}</p>
      <div className="evaluate-buttons">
        <button type="button" className="quiet" onClick={save}>
          {m.evaluate.save}
        </button>
        {paused && (
          <button type="button" className="quiet" onClick={() => void forgetEvaluation(evaluation.id)}>
            {m.evaluate.forget}
          </button>
        )}
      </div>
      {task && (
        <Items
          key={task.task}
          record={task}
          other={other?.tasks.find((one) => one.task === task.task)}
          names={[record.model, other?.model ?? '']}
        />
      )}
    </section>
  );
}

const number = (value: number) =>
  Number.isFinite(value)
    ? value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3)
      ? scientific(value)
      : significant(value)
    : '–';
