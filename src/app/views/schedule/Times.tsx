/** Low-discrepancy times beside independent ones: where they fall, and what they do to the variance of the same measure. */
import { useId } from 'react';
import { type Times as Kind, TIMES, unitDraws } from '../../../diffusion/times.ts';
import { DataTable } from '../../figures/DataTable.tsx';
import { PointPlot } from '../../figures/PointPlot.tsx';
import { hundredths, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useSettings } from '../../session/settings.ts';
import { BATCH } from './measure.ts';
import { MEASURED } from './measured.ts';

const BATCHES = 5;
/** A schedule whose variance is not ruled by rare samples near t = 0, so that 384 samples can tell. */
const EXAMPLE = 'square';

export function Times() {
  const id = useId();
  const seed = useSettings((state) => state.settings.seed);
  const draws = (kind: Kind, batch: number) => Array.from(unitDraws(kind, BATCH, seed, batch)).sort((a, b) => a - b);
  const rows = TIMES.flatMap((kind) =>
    Array.from({ length: BATCHES }, (_, batch) => ({ kind, batch, times: draws(kind, batch) })),
  );
  const height = (kind: Kind, batch: number) => 2 * BATCHES - batch + (kind === 'independent' ? 1 : -BATCHES);
  const variance = (kind: Kind) =>
    MEASURED.estimates.find(
      ({ estimator }) => estimator.kind === 'schedule' && estimator.schedule === EXAMPLE && estimator.times === kind,
    )?.batchVariance ?? Number.NaN;

  return (
    <section className="schedule-part" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{m.scheduleView.times.title}</h2>
      <p className="lead">{m.scheduleView.times.lead(BATCH)}</p>
      <PointPlot
        label={m.scheduleView.times.plot}
        height={270}
        x={{ label: m.scheduleView.times.axis, domain: [0, 1], format: significant }}
        y={{ label: m.scheduleView.times.batches, domain: [0, 2 * BATCHES + 2], format: String, ticks: [] }}
        series={TIMES.map((kind) => ({
          key: kind,
          name: m.scheduleView.times.kinds[kind],
          points: rows
            .filter((row) => row.kind === kind)
            .flatMap(({ batch, times }) =>
              times.map((t, place) => ({
                key: `${kind}${batch}-${place}`,
                x: t,
                y: height(kind, batch),
                words: m.scheduleView.times.point(m.scheduleView.times.kinds[kind], batch + 1, hundredths(t)),
              })),
            ),
        }))}
      />
      <DataTable
        table={{
          caption: m.scheduleView.times.plot,
          columns: [m.scheduleView.times.batch, ...Array.from({ length: BATCH }, (_, place) => String(place + 1))],
          rows: rows.map(({ kind, batch, times }) => [
            `${m.scheduleView.times.kinds[kind]}, ${batch + 1}`,
            ...times.map(hundredths),
          ]),
        }}
      />
      <p className="lead">
        {m.scheduleView.times.variance(
          BATCH,
          m.schedules[EXAMPLE][0],
          significant(variance('independent')),
          significant(variance('low-discrepancy')),
        )}
      </p>
    </section>
  );
}
