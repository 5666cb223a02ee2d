/** The loss of a run, on the rows it learns and on those held out, between two levels that say where it stands. */
import { useId, useState } from 'react';
import { type StoredRun, TRAIN_SETTINGS } from '../../../worker/protocol.train.ts';
import { Segments } from '../../fields/Segments.tsx';
import type { Room } from '../../figures/Axes.tsx';
import { type Curve, CurvePlot } from '../../figures/CurvePlot.tsx';
import { DataTable } from '../../figures/DataTable.tsx';
import { hundredths, integer, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { domainOver, heldOutDots, lineThrough, smoothed, stepOf, thinned } from '../../session/train/curves.ts';

/** The whole run with the two levels, or as close as the curves allow. */
const SCALES = ['whole', 'near'] as const;

/** What is this many times dearer than a uniform guess is not worth room in the plot. */
const MOST = 1.25;

export function LossPlot({ run }: { run: StoredRun }) {
  const id = useId();
  const [asked, setAsked] = useState<number>();
  const [scale, setScale] = useState<(typeof SCALES)[number]>('whole');
  const { journal, settings, facts } = run;
  const { uniform, unigram } = facts.references;
  const made = stepOf(run);
  const mean = smoothed(journal.points);
  const raw = thinned(journal.points).map(({ step, loss }) => [step, loss] as const);
  const held = heldOutDots(journal.evaluations);
  const curves: Curve[] = [
    { key: 'raw', name: m.train.plot.training, at: lineThrough(raw) },
    { key: 'mean', name: m.train.plot.smooth, at: lineThrough(mean) },
    { key: 'held', name: m.train.plot.heldOut, at: lineThrough(held) },
  ];
  const cursor = Math.min(asked ?? made, made);
  const values = curves.slice(1).flatMap(({ name, at }) => {
    const value = at(cursor);
    return Number.isNaN(value) ? [] : [[name, value] as const];
  });
  const shown = [...mean, ...held].map(([, value]) => Math.min(value, MOST * uniform));
  // A guess at tokens says nothing about edits.
  const edits = settings.objective === 'edits';
  const levels = edits || (scale === 'near' && shown.length > 0) ? [] : [uniform, unigram];
  const y = domainOver([...shown, ...levels]);
  // A single batch may be far off, and a run may fly apart: both stay at the edge.
  const inside = (value: number) => Math.min(Math.max(value, y[0]), y[1]);
  const drawn = curves.map(({ at, ...curve }) => ({ ...curve, at: (step: number) => inside(at(step)) }));
  const read = values.length === 0 ? m.train.plot.waiting : m.train.plot.words(cursor, values);
  return (
    <section className="train-loss" aria-labelledby={id}>
      <div className="train-head">
        <h3 id={id}>{m.train.parts.loss}</h3>
        <Segments
          small
          label={m.train.plot.scale}
          options={SCALES}
          words={m.train.plot.scales}
          value={scale}
          onChoose={setScale}
        />
      </div>
      <CurvePlot
        label={m.train.plot.label}
        x={{
          label: m.train.plot.step,
          domain: [0, Math.max(scale === 'near' ? made : settings.steps, 1)],
          format: integer,
        }}
        y={{ label: m.train.plot.loss, domain: y, format: significant }}
        curves={drawn}
        cursor={cursor}
        onCursor={setAsked}
        step={1}
        words={read}
        height={320}
      >
        {(room) => (
          <>
            {!edits && <Level room={room} value={uniform} name={m.train.plot.uniform(uniform)} />}
            {!edits && <Level room={room} value={unigram} name={m.train.plot.unigram(unigram)} />}
            {held.map(([step, value]) => (
              <circle
                key={step}
                className="train-dot"
                cx={room.x.place(step)}
                cy={room.y.place(inside(value))}
                r="3.4"
              />
            ))}
          </>
        )}
      </CurvePlot>
      <p className="train-readout">{read}</p>
      <ul className="figure-key train-key" aria-hidden="true">
        <li className="mean">{m.train.plot.smooth}</li>
        <li className="held">{m.train.plot.heldOut}</li>
      </ul>
      <p className="note">{edits ? m.train.plot.meaningOfEdits : m.train.plot.meaning}</p>
      {!isBound(settings) && !edits && <p className="note">{m.train.plot.otherObjective}</p>}
      <DataTable
        table={{
          caption: m.train.plot.table,
          // No likelihood, no perplexity.
          columns: edits ? m.train.plot.columns.slice(0, -1) : m.train.plot.columns,
          rows: journal.evaluations.map(({ step, nelbo, standardError }) => [
            integer(step),
            number(lineThrough(mean)(step)),
            number(nelbo),
            number(standardError),
            ...(edits ? [] : [significant(Math.exp(nelbo))]),
          ]),
        }}
      />
    </section>
  );
}

const EARLIEST = TRAIN_SETTINGS.firstTime.default;

/** Whether the loss of training is itself a bound on the likelihood, as the held-out value is. */
const isBound = ({ objective, weighting, normalisation, maskOrder, firstTime, lastTime }: StoredRun['settings']) => {
  if (objective === 'next-token') return true;
  const whole =
    (objective === 'mdlm' && maskOrder === 'even') ||
    (objective === 'bd3lm' && firstTime === EARLIEST && lastTime === 1);
  return whole && weighting === 'schedule' && normalisation === 'token';
};

const number = (value: number | null) => (value === null || Number.isNaN(value) ? m.train.none : hundredths(value));

/** Nothing where the level lies outside the plot. */
export function Level({ room, value, name }: { room: Room; value: number; name: string }) {
  const y = room.y.place(value);
  if (y < room.top || y > room.bottom) return null;
  return (
    <g className="train-level">
      <path d={`M${room.left} ${y}H${room.right}`} />
      <text x={room.right} y={y - 5} textAnchor="end">
        {name}
      </text>
    </g>
  );
}

export function GradientPlot({ run }: { run: StoredRun }) {
  const [asked, setAsked] = useState<number>();
  const { points } = run.journal;
  if (points.length === 0) return null;
  const dots = thinned(points).map(({ step, gradNorm }) => [step, gradNorm] as const);
  const at = lineThrough(dots);
  const cursor = Math.max(dots[0]?.[0] ?? 0, Math.min(asked ?? stepOf(run), stepOf(run)));
  const read = m.train.plot.words(cursor, [[m.train.numbers.gradient, at(cursor)]]);
  return (
    <>
      <CurvePlot
        label={m.train.plot.gradientLabel}
        x={{ label: m.train.plot.step, domain: [0, Math.max(run.settings.steps, 1)], format: integer }}
        y={{
          label: m.train.plot.gradient,
          domain: domainOver([0, ...dots.map(([, value]) => value)]),
          format: significant,
        }}
        curves={[{ key: 'norm', name: m.train.numbers.gradient, at }]}
        cursor={cursor}
        onCursor={setAsked}
        step={1}
        words={read}
        height={160}
      />
      <p className="train-readout">{read}</p>
    </>
  );
}
