/** The four measures of a frontier as plots that share their axis and their key, and all their numbers as one table. */
import { type ReactNode, useMemo, useState } from 'react';
import type { FrontierPoint } from '../../../diffusion/frontier.ts';
import type { Estimate } from '../../../diffusion/quality.ts';
import { DataTable } from '../../figures/DataTable.tsx';
import { Mark } from '../../figures/marks.tsx';
import '../../figures/figures.css';
import { PointPlot, type PointSeries } from '../../figures/PointPlot.tsx';
import { type Axis, domainOf } from '../../figures/scale.ts';
import { decimal, hundredths, integer, rate } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { PASSES } from './frontierStore.ts';
import { knobWords, pointWords, seriesName } from './words.ts';

/** Repetition of trigrams and distinct bigrams stand for their families; the table has all. */
const MEASURES = {
  perplexity: ({ quality }: FrontierPoint) => quality.perplexity,
  entropy: ({ quality }: FrontierPoint) => quality.entropy,
  repetition: ({ quality }: FrontierPoint) => quality.repetition[1] as Estimate,
  distinct: ({ quality }: FrontierPoint) => quality.distinct[1] as Estimate,
} as const;
type Measure = keyof typeof MEASURES;
const NAMES = Object.keys(MEASURES) as Measure[];

interface Props {
  readonly points: readonly FrontierPoint[];
  readonly reference: FrontierPoint | undefined;
  readonly chosen: string | undefined;
  readonly onChoose: (key: string) => void;
}

export function FrontierPlots({ points, reference, chosen, onChoose }: Props) {
  const names = useMemo(() => [...new Set(points.map(({ series }) => series))], [points]);
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  // One that is switched off keeps its mark, and gives its room on the axes to the others.
  const visible = points.filter(({ series }) => !off.has(series));
  const passes = visible.map((point) => point.passes);
  const x: Axis = {
    label: m.compare.frontier.axis,
    domain: [Math.min(6, ...passes) / 1.1, Math.max(72, ...passes) * 1.05],
    log: true,
    ticks: PASSES,
    format: integer,
  };
  return (
    <section aria-label={m.compare.frontier.figures}>
      <ul className="figure-key frontier-key">
        {names.map((name, at) => (
          <li key={name}>
            <button
              type="button"
              className="quiet key-button"
              aria-pressed={!off.has(name)}
              title={m.compare.frontier.toggle}
              onClick={() => setOff((before) => toggled(before, name))}
            >
              <Mark series={at} />
              {seriesName(name)}
            </button>
          </li>
        ))}
        {reference && (
          <li>
            <button
              type="button"
              className="quiet key-button"
              title={m.compare.frontier.seeTexts}
              onClick={() => onChoose(reference.key)}
            >
              <i className="reference-sign" aria-hidden="true" />
              {m.compare.frontier.reference}
            </button>
          </li>
        )}
      </ul>
      <div className="frontier-plots">
        {NAMES.map((measure) => (
          <figure key={measure}>
            <figcaption>
              <b>{m.compare.frontier.measures[measure]}</b> {m.compare.frontier.help[measure]}
            </figcaption>
            <PointPlot
              unkeyed
              label={m.compare.frontier.measures[measure]}
              x={x}
              y={axisOf(measure, reference ? [...visible, reference] : visible)}
              series={names.map((name) => seriesOf(name, measure, visible))}
              height={250}
              chosen={chosen}
              onChoose={({ key }) => onChoose(key)}
              behind={({ left, right, y }) => {
                const value = reference && MEASURES[measure](reference).value;
                if (value === undefined || !Number.isFinite(value)) return null;
                return <path className="frontier-reference" d={`M${left} ${y.place(value)}H${right}`} />;
              }}
            />
          </figure>
        ))}
      </div>
      <DataTable
        table={{
          caption: m.compare.frontier.figures,
          columns: m.compare.frontier.tableColumns,
          rows: (reference ? [reference, ...points] : points).map((point) =>
            tableRow(point, () => onChoose(point.key)),
          ),
        }}
      />
    </section>
  );
}

function seriesOf(name: string, measure: Measure, points: readonly FrontierPoint[]): PointSeries {
  const own = points.filter(({ series }) => series === name).sort((a, b) => a.passes - b.passes);
  return {
    key: name,
    name: seriesName(name),
    joined: true,
    points: own.map((point) => {
      const { value, low, high } = MEASURES[measure](point);
      const words = pointWords(point, m.compare.frontier.measures[measure], numberOf(measure, { value, low, high }));
      const bar = Number.isFinite(low) && Number.isFinite(high) ? { low, high } : {};
      return { key: point.key, x: point.passes, y: value, ...bar, words };
    }),
  };
}

function axisOf(measure: Measure, points: readonly FrontierPoint[]): Axis {
  const log = measure === 'perplexity';
  const values = points.flatMap((point) => {
    const { value, low, high } = MEASURES[measure](point);
    return [value, low, high];
  });
  const format = log ? rate : hundredths;
  return { label: '', domain: domainOf(values, { log, zero: measure === 'repetition' }), log, format };
}

function numberOf(measure: Measure, { value, low, high }: Estimate): string {
  const format = measure === 'perplexity' ? decimal : hundredths;
  if (!Number.isFinite(low)) return format(value);
  return m.compare.frontier.between(format(value), format(low), format(high));
}

function toggled(set: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(name)) next.add(name);
  return next;
}

/** Points that lie on each other in the plots can be chosen here. */
function tableRow(point: FrontierPoint, choose: () => void): readonly ReactNode[] {
  const { series, knob, value, passes, tokens, quality, texts } = point;
  const all = (list: readonly Estimate[]) => list.map((one) => hundredths(one.value)).join(' · ');
  return [
    <button
      key={point.key}
      type="button"
      className="quiet row-button"
      title={m.compare.frontier.seeTexts}
      onClick={choose}
    >
      {seriesName(series)}
    </button>,
    knobWords(knob, value),
    decimal(passes),
    integer(texts.length),
    numberOf('perplexity', quality.perplexity),
    numberOf('entropy', quality.entropy),
    all(quality.repetition),
    all(quality.distinct),
    decimal(tokens),
  ];
}
