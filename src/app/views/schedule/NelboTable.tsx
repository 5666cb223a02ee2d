/**
 * Estimates as a table whose rows are also a figure: a mark and a whisker of one standard error for each, on one scale.
 * A ring is independent times, a disc low-discrepancy ones.
 */
import { DEFAULT_CURVE } from '../../../diffusion/curve.ts';
import { scheduleOf } from '../../../diffusion/drawn-schedule.ts';
import { visitedRates } from '../../../diffusion/likelihood.ts';
import { hundredths, percent, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import type { Row } from './measured.ts';

const WIDTH = 220;
const HEIGHT = 30;

interface Pair {
  readonly key: string;
  readonly name: string;
  readonly rates: readonly [number, number];
  readonly independent: Row | undefined;
  readonly spread: Row | undefined;
}

/** Below this share of the mask rates, what is measured is plainly another quantity. */
const WHOLE = 0.9;

export function NelboTable({ rows, tokens, curve }: { rows: readonly Row[]; tokens: number; curve: string }) {
  const pairs = pairsOf(rows, curve);
  const ends = rows.flatMap(({ mean, standardError }) => {
    // A first batch has a mean, but no error yet.
    const reach = Number.isFinite(standardError) ? 1.2 * standardError : 0;
    return Number.isFinite(mean) ? [mean - reach, mean + reach] : [];
  });
  const [low, high] = ends.length === 0 ? [0, 1] : [Math.min(...ends), Math.max(...ends)];
  const x = (value: number) => 6 + ((value - low) / (high - low || 1)) * (WIDTH - 12);
  const reference = pairs[0]?.spread?.mean;

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be within reach of the keyboard
    <section className="figure-scroll nelbo" aria-label={m.scheduleView.nelbo.table} tabIndex={0}>
      <table>
        <caption className="hidden">{m.scheduleView.nelbo.table}</caption>
        <thead>
          <tr>
            <th scope="col">{m.scheduleView.nelbo.estimator}</th>
            <th scope="col">{m.scheduleView.nelbo.figure}</th>
            <th scope="col">
              <Sign open /> {m.scheduleView.nelbo.independent}
            </th>
            <th scope="col">
              <Sign /> {m.scheduleView.nelbo.spread}
            </th>
            <th scope="col">{m.scheduleView.nelbo.variance}</th>
            <th scope="col">{m.scheduleView.nelbo.saved}</th>
            <th scope="col">{m.scheduleView.nelbo.rates}</th>
          </tr>
        </thead>
        <tbody>
          {pairs.map(({ key, name, rates, independent, spread }) => (
            <tr key={key} className={rates[1] - rates[0] < WHOLE ? 'partial' : undefined}>
              <th scope="row">{name}</th>
              <td>
                <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
                  {reference !== undefined && Number.isFinite(reference) && (
                    <path className="nelbo-reference" d={`M${x(reference)} 0V${HEIGHT}`} />
                  )}
                  {independent && <Whisker row={independent} x={x} y={9} open />}
                  {spread && <Whisker row={spread} x={x} y={21} />}
                </svg>
              </td>
              <td>{estimate(independent, tokens)}</td>
              <td>{estimate(spread, tokens)}</td>
              <td>{number(independent?.variance)}</td>
              <td>{saved(independent, spread)}</td>
              <td>{`${percent(rates[0])} – ${percent(rates[1])}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The mark of a column, in its heading. */
function Sign({ open = false }: { open?: boolean }) {
  return (
    <svg className="nelbo-sign" width="10" height="10" aria-hidden="true">
      <circle className={open ? 'nelbo-mark open' : 'nelbo-mark'} cx="5" cy="5" r="4" />
    </svg>
  );
}

function Whisker({ row, x, y, open = false }: { row: Row; x: (value: number) => number; y: number; open?: boolean }) {
  const { mean, standardError } = row;
  if (!Number.isFinite(mean)) return null;
  return (
    <>
      {Number.isFinite(standardError) && (
        <path className="figure-whisker" d={`M${x(mean - standardError)} ${y}H${x(mean + standardError)}`} />
      )}
      <circle className={open ? 'nelbo-mark open' : 'nelbo-mark'} cx={x(mean)} cy={y} r="4" />
    </>
  );
}

function pairsOf(rows: readonly Row[], curve: string): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const row of rows) {
    const { estimator } = row;
    const key = estimator.kind === 'count' ? 'count' : estimator.schedule;
    const before = pairs.get(key) ?? {
      key,
      name: estimator.kind === 'count' ? m.scheduleView.nelbo.count : m.schedules[estimator.schedule][0],
      rates:
        estimator.kind === 'count'
          ? ([0, 1] as const)
          : visitedRates(scheduleOf({ schedule: estimator.schedule, curve: curve || DEFAULT_CURVE })),
      independent: undefined,
      spread: undefined,
    };
    pairs.set(key, { ...before, [estimator.times === 'independent' ? 'independent' : 'spread']: row });
  }
  return [...pairs.values()];
}

function estimate(row: Row | undefined, tokens: number): string {
  if (!row || !Number.isFinite(row.mean)) return '–';
  const error = Number.isFinite(row.standardError) ? ` ± ${hundredths(row.standardError / tokens)}` : '';
  return `${hundredths(row.mean / tokens)}${error}`;
}

function number(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '–' : significant(value);
}

/** Variance of a batch's mean with low-discrepancy times, against independent ones. */
export function saved(independent: Row | undefined, spread: Row | undefined): string {
  const ratio = (spread?.batchVariance ?? Number.NaN) / (independent?.batchVariance ?? Number.NaN);
  return Number.isFinite(ratio) ? `× ${hundredths(ratio)}` : '–';
}
