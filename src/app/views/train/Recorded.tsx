/** An experiment as it was recorded: held-out values of its runs over the same steps, and how to make them again. */
import { useId, useState } from 'react';
import { SMALL } from '../../../diffusion/shipped.ts';
import type { ExperimentName } from '../../../worker/protocol.train.ts';
import type { Curve } from '../../figures/CurvePlot.tsx';
import { CurvePlot } from '../../figures/CurvePlot.tsx';
import { DataTable } from '../../figures/DataTable.tsx';
import { Words } from '../../figures/MaskedWords.tsx';
import { clauses, hundredths, integer, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useCompute } from '../../session/compute.ts';
import { domainOver, lineThrough } from '../../session/train/curves.ts';
import { passOf } from '../../session/train/estimate.ts';
import { partsOf, repeat, repeatAll, secondsOf, useRepeating } from '../../session/train/repeat.ts';
import { useTrain } from '../../session/train/store.ts';
import { Level } from './LossPlot.tsx';
import { DASHES, factsOf, type Line, linesOf, panelsOf, RECORDED } from './recorded.ts';

export function Recorded({ experiment }: { experiment: ExperimentName }) {
  const id = useId();
  const recording = RECORDED[experiment];
  const { recipe, runs } = recording;
  const words = m.train.recorded;
  const own = words.experiments[experiment];
  const nameOf = (run: string) => (own.runs as Readonly<Record<string, string>>)[run] ?? run;
  const facts = factsOf(recording);
  const idle = useTrain(({ status }) => status === 'idle');
  const drawn = partsOf(experiment).filter(({ drawn: each }) => each);
  const wrote = runs.flatMap(({ name, samples }) => {
    const sample = samples.at(-1);
    return sample?.given === undefined ? [] : [{ name, text: sample.text, given: sample.given }];
  });
  return (
    <section className="train-recorded" aria-labelledby={id}>
      <h3 id={id}>{own.title}</h3>
      <p>{words.filled(own.about, facts)}</p>
      <Panels experiment={experiment} lines={linesOf(runs)} label={own.label} nameOf={nameOf} />
      <p className="note">{words.filled(own.honest, facts)}</p>
      {wrote.map(({ name, text, given }) => (
        <section key={name} className="train-wrote" aria-label={nameOf(name)}>
          <h4>{words.wrote(nameOf(name))}</h4>
          <Words pieces={[given, text.slice(given.length)]} given={1} />
        </section>
      ))}
      <Again experiment={experiment} nameOf={nameOf} />
      <div className="train-begin">
        {drawn
          .filter(({ after }) => after === undefined)
          .map(({ name }) => (
            <button
              key={name}
              type="button"
              className="outline"
              disabled={!idle}
              onClick={() => void repeat(experiment, name)}
            >
              {words.repeat(nameOf(name))}
            </button>
          ))}
        <p className="note">
          {words.command} <code>{recipe}</code>
        </p>
      </div>
      <Here experiment={experiment} nameOf={nameOf} />
    </section>
  );
}

type NameOf = (run: string) => string;

/** Of the small model and its twin. */
const SMALL_PARAMETERS = 3_041_920;

/** All runs of it, smaller, with what that takes on this device. */
function Again({ experiment, nameOf }: { experiment: ExperimentName; nameOf: NameOf }) {
  const idle = useTrain(({ status }) => status === 'idle');
  const loaded = useCompute(({ model }) => model);
  const words = m.train.recorded;
  const parts = partsOf(experiment);
  const { runs } = RECORDED[experiment];
  const parameters = parts.map(({ name }) => runs.find((run) => run.name === name)?.parameters ?? SMALL_PARAMETERS);
  const pass = loaded && passOf(SMALL, loaded);
  const speed = pass === undefined ? undefined : { passMilliseconds: pass, parameters: SMALL_PARAMETERS };
  const seconds = speed && secondsOf(parts, parameters, speed);
  const all = seconds?.reduce((sum, each) => sum + each, 0);
  return (
    <div className="train-begin">
      <button type="button" className="go" disabled={!idle} onClick={() => void repeatAll(experiment, nameOf, seconds)}>
        {words.all}
      </button>
      <p className="note">
        {words.size(parts.length, parts.at(-1)?.settings.steps ?? 0)} {all !== undefined && m.train.estimate(all)}
      </p>
    </div>
  );
}

/** What the runs made in this page came to, once there are any. */
function Here({ experiment, nameOf }: { experiment: ExperimentName; nameOf: NameOf }) {
  const now = useRepeating((state) => state.now);
  const kept = useTrain(({ runs }) => runs);
  if (now?.experiment !== experiment) return null;
  const runs = now.parts
    .filter(({ drawn }) => drawn)
    .flatMap(({ name }) => {
      const run = kept?.find(({ id }) => id === now.made[name]);
      return run ? [{ name, references: run.facts.references, evaluations: run.journal.evaluations }] : [];
    });
  if (runs.length === 0) return null;
  const words = m.train.recorded;
  return (
    <>
      <h3>{words.here}</h3>
      <Panels experiment={experiment} lines={linesOf(runs)} label={words.here} nameOf={nameOf} />
    </>
  );
}

interface PanelsProps {
  readonly experiment: ExperimentName;
  readonly lines: readonly Line[];
  readonly label: string;
  readonly nameOf: NameOf;
}

function Panels({ experiment, lines, label, nameOf }: PanelsProps) {
  const steps = Math.max(1, ...lines.flatMap(({ dots }) => dots.map(([step]) => step)));
  const [step, setStep] = useState(steps);
  const panels = panelsOf(experiment, lines);
  const titles: Readonly<Record<string, string>> = m.train.recorded.panels;
  return (
    <>
      <div className={panels.length > 1 ? 'train-panels' : undefined}>
        {panels.map(({ panel, lines: inside }) => (
          <Panel
            key={panel}
            title={panel === '' ? undefined : titles[panel]}
            label={panel === '' ? label : clauses(label, titles[panel] ?? panel)}
            lines={inside}
            steps={steps}
            step={Math.min(step, steps)}
            onStep={setStep}
            nameOf={nameOf}
          />
        ))}
      </div>
      <DataTable
        table={{
          caption: label,
          columns: [m.train.plot.step, ...lines.map(({ name }) => nameOf(name))],
          rows: (lines[0]?.dots ?? []).map(([at], i) => [integer(at), ...lines.map((line) => cellOf(line, i))]),
        }}
      />
    </>
  );
}

/** A value with its error; of several seeds, each. */
function cellOf({ each, errors }: Line, i: number): string {
  const values = each.map((dots) => dots[i]?.[1] ?? Number.NaN);
  return values.length > 1
    ? values.map((value) => hundredths(value)).join(' / ')
    : m.train.held(values[0] ?? Number.NaN, errors[i] ?? Number.NaN);
}

interface PanelProps {
  readonly title: string | undefined;
  readonly label: string;
  readonly lines: readonly Line[];
  readonly steps: number;
  readonly step: number;
  readonly onStep: (step: number) => void;
  readonly nameOf: NameOf;
}

function Panel({ title, label, lines, steps, step, onStep, nameOf }: PanelProps) {
  const unigram = lines[0]?.unigram ?? Number.NaN;
  const values = lines.flatMap(({ each }) => each.flatMap((dots) => dots.map(([, value]) => value)));
  const curves = lines.map(({ name, dots }, i) => ({
    key: name,
    name: nameOf(name),
    at: lineThrough(dots),
    strong: i === 0,
    dashes: DASHES[i],
  }));
  const seeds: Curve[] = lines.flatMap(({ name, each }, i) =>
    each.length < 2
      ? []
      : each.map((dots, seed) => ({
          key: `${name} ${seed}`,
          name: nameOf(name),
          at: lineThrough(dots),
          faint: true,
          dashes: DASHES[i],
        })),
  );
  const read = m.train.plot.words(
    step,
    curves.map(({ name, at }) => [name, at(step)] as const),
  );
  return (
    <div>
      {title !== undefined && <h4>{title}</h4>}
      <CurvePlot
        label={label}
        x={{ label: m.train.plot.step, domain: [0, steps], format: integer }}
        y={{ label: m.train.recorded.bound, domain: domainOver([...values, unigram]), format: significant }}
        curves={[...seeds, ...curves]}
        cursor={step}
        onCursor={onStep}
        step={1}
        words={read}
        height={260}
      >
        {(room) => <Level room={room} value={unigram} name={m.train.plot.unigram(unigram)} />}
      </CurvePlot>
      <ul className="figure-key train-lines">
        {curves.map(({ key, name, at, strong, dashes }) => (
          <li key={key}>
            <svg width="30" height="8" aria-hidden="true">
              <path className={strong ? 'figure-line strong' : 'figure-line'} strokeDasharray={dashes} d="M0 4h30" />
            </svg>
            {name} <span className="train-value">{hundredths(at(step))}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
