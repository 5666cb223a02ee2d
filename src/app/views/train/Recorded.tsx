/** From autoregression to diffusion, as it was recorded: two held-out bounds over the same steps, and how to make them again. */
import { useId, useState } from 'react';
import { CurvePlot } from '../../figures/CurvePlot.tsx';
import { DataTable } from '../../figures/DataTable.tsx';
import { hundredths, integer, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { domainOver, lineThrough } from '../../session/train/curves.ts';
import { repeat } from '../../session/train/repeat.ts';
import { useTrain } from '../../session/train/store.ts';
import recorded from './a2d.json';
import { Level } from './LossPlot.tsx';

const [converted, scratch] = recorded.runs as [(typeof recorded.runs)[0], (typeof recorded.runs)[0]];
const steps = converted.evaluations.at(-1)?.step ?? 1;
const { unigram } = converted.references;

export function Recorded() {
  const id = useId();
  const [step, setStep] = useState(steps);
  const idle = useTrain(({ status }) => status === 'idle');
  const words = m.train.recorded;
  const curves = [converted, scratch].map((run, i) => ({
    key: run.name,
    name: i === 0 ? words.converted : words.scratch,
    at: lineThrough(run.evaluations.map((each) => [each.step, each.nelbo] as const)),
    strong: i === 0,
  }));
  const values = curves.map(({ name, at }) => [name, at(step)] as const);
  const read = m.train.plot.words(step, values);
  const all = [converted, scratch].flatMap(({ evaluations }) => evaluations.map(({ nelbo }) => nelbo));
  return (
    <section className="train-recorded" aria-labelledby={id}>
      <h3 id={id}>{words.title}</h3>
      <p>{words.about}</p>
      <CurvePlot
        label={words.label}
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
      <p className="note">{words.honest}</p>
      <div className="train-begin">
        <button type="button" className="outline" disabled={!idle} onClick={() => void repeat(false)}>
          {words.repeat}
        </button>
        <button type="button" className="outline" disabled={!idle} onClick={() => void repeat(true)}>
          {words.repeatScratch}
        </button>
      </div>
      <DataTable
        table={{
          caption: words.label,
          columns: [m.train.plot.step, words.converted, words.scratch],
          rows: converted.evaluations.map(({ step: at, nelbo, standardError }, i) => {
            const other = scratch.evaluations[i];
            return [
              integer(at),
              m.train.held(nelbo, standardError),
              other ? m.train.held(other.nelbo, other.standardError) : hundredths(Number.NaN),
            ];
          }),
        }}
      />
    </section>
  );
}
