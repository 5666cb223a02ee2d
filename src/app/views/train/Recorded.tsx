/** An experiment as it was recorded: held-out bounds of its runs over the same steps, and how to make them again. */
import { useId, useState } from 'react';
import type { ExperimentName } from '../../../worker/protocol.train.ts';
import { CurvePlot } from '../../figures/CurvePlot.tsx';
import { DataTable } from '../../figures/DataTable.tsx';
import { hundredths, integer, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { domainOver, lineThrough } from '../../session/train/curves.ts';
import { repeat } from '../../session/train/repeat.ts';
import { useTrain } from '../../session/train/store.ts';
import { Level } from './LossPlot.tsx';
import a2d from './recorded/a2d.json';

const RECORDED = { a2d } as const satisfies Record<ExperimentName, unknown>;

export function Recorded({ experiment }: { experiment: ExperimentName }) {
  const id = useId();
  const { recipe, runs } = RECORDED[experiment];
  const steps = runs[0]?.evaluations.at(-1)?.step ?? 1;
  const [step, setStep] = useState(steps);
  const idle = useTrain(({ status }) => status === 'idle');
  const words = m.train.recorded;
  const own = words.experiments[experiment];
  const names: Readonly<Record<string, string>> = own.runs;
  const nameOf = (run: string) => names[run] ?? run;
  const curves = runs.map((run, i) => ({
    key: run.name,
    name: nameOf(run.name),
    at: lineThrough(run.evaluations.map((each) => [each.step, each.nelbo] as const)),
    strong: i === 0,
  }));
  const read = m.train.plot.words(
    step,
    curves.map(({ name, at }) => [name, at(step)] as const),
  );
  const unigram = runs[0]?.references.unigram ?? Number.NaN;
  const all = runs.flatMap(({ evaluations }) => evaluations.map(({ nelbo }) => nelbo));
  return (
    <section className="train-recorded" aria-labelledby={id}>
      <h3 id={id}>{own.title}</h3>
      <p>{own.about}</p>
      <CurvePlot
        label={own.label}
        x={{ label: m.train.plot.step, domain: [0, steps], format: integer }}
        y={{ label: words.bound, domain: domainOver([...all, unigram]), format: significant }}
        curves={curves}
        cursor={step}
        onCursor={setStep}
        step={1}
        words={read}
        height={260}
      >
        {(room) => <Level room={room} value={unigram} name={m.train.plot.unigram(unigram)} />}
      </CurvePlot>
      <p className="train-readout">{read}</p>
      <p className="note">{own.honest}</p>
      <div className="train-begin">
        {runs.map(({ name }) => (
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
      <DataTable
        table={{
          caption: own.label,
          columns: [m.train.plot.step, ...curves.map(({ name }) => name)],
          rows: (runs[0]?.evaluations ?? []).map(({ step: at }, i) => [
            integer(at),
            ...runs.map(({ evaluations }) => {
              const each = evaluations[i];
              return each ? m.train.held(each.nelbo, each.standardError) : hundredths(Number.NaN);
            }),
          ]),
        }}
      />
    </section>
  );
}
