/** What the size of a block buys and costs (BD3-LM): from one token, which is autoregression, to the whole row. Measured. */
import { useId } from 'react';
import { DataTable } from '../../figures/DataTable.tsx';
import { PointPlot } from '../../figures/PointPlot.tsx';
import { hundredths, integer, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import measured from './blocks.json';

const { points, length } = measured;
const sizes = points.map(({ block }) => block);
const x = { domain: [1, length], log: true, format: integer, ticks: sizes } as const;

/** Room above and below the values. */
function around(values: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [low - 0.1 * (high - low), high + 0.1 * (high - low)];
}

interface Bound {
  readonly nelbo: number;
  readonly standardError: number;
}

function pointOf(when: 'before' | 'after', block: number, { nelbo, standardError }: Bound) {
  const words = m.scheduleView.blocks;
  return {
    key: `${when}${block}`,
    x: block,
    y: nelbo,
    low: nelbo - standardError,
    high: nelbo + standardError,
    words: words.point(words[when], block, bounded({ nelbo, standardError })),
  };
}

function bounded({ nelbo, standardError }: Bound): string {
  return `${hundredths(nelbo)} ± ${hundredths(standardError)}`;
}

export function Blocks() {
  const id = useId();
  const words = m.scheduleView.blocks;
  const bounds = points.flatMap((point) =>
    [point, point.before].flatMap(({ nelbo, standardError }) => [nelbo - standardError, nelbo + standardError]),
  );
  const rows = points.map(({ rowsPerToken }) => rowsPerToken);
  return (
    <section className="schedule-part" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{words.title}</h2>
      <p className="lead">{words.lead}</p>
      <PointPlot
        label={words.quality}
        height={250}
        x={{ ...x, label: words.size }}
        y={{ label: words.bound, domain: around(bounds), format: significant }}
        series={[
          {
            key: 'after',
            name: words.after,
            joined: true,
            points: points.map((point) => pointOf('after', point.block, point)),
          },
          {
            key: 'before',
            name: words.before,
            joined: true,
            points: points.map(({ block, before }) => pointOf('before', block, before)),
          },
        ]}
      />
      <PointPlot
        label={words.cost}
        height={200}
        unkeyed
        x={{ ...x, label: words.size }}
        y={{ label: words.rows, domain: around([0, ...rows]), format: significant }}
        series={[
          {
            key: 'rows',
            name: words.rows,
            joined: true,
            points: points.map(({ block, rowsPerToken }) => ({
              key: `rows${block}`,
              x: block,
              y: rowsPerToken,
              words: words.point(words.rows, block, significant(rowsPerToken)),
            })),
          },
        ]}
      />
      <p>{words.meaning}</p>
      <p className="note">{words.honest(measured.command)}</p>
      <DataTable
        table={{
          caption: words.title,
          columns: [
            words.size,
            words.before,
            words.after,
            words.apart,
            words.rows,
            words.passes,
            words.perplexity,
            words.entropy,
          ],
          rows: points.map((point) => [
            integer(point.block),
            bounded(point.before),
            bounded(point),
            point.block === length
              ? ''
              : bounded({ nelbo: point.fromWhole.difference, standardError: point.fromWhole.standardError }),
            significant(point.rowsPerToken),
            significant(point.passesPerToken),
            `${significant(point.perplexity.value)} (${significant(point.perplexity.low)} – ${significant(point.perplexity.high)})`,
            hundredths(point.entropy),
          ]),
        }}
      />
    </section>
  );
}
