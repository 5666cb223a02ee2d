/** Times and ratios, a row per task and precision; on a narrow page each row becomes a small list. */
import { NAMES, PROGRAMS, type Program } from '../../../bench/names.ts';
import { formWords, milliseconds, type Report, type Row, rowOf } from '../../../bench/report.ts';
import type { Summary } from '../../../bench/rounds.ts';
import { hundredths, plain } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import { wordsOf } from './words.ts';

export function BenchTable({ report }: { report: Report }) {
  if (report.cells.length === 0) return <p className="note">{m.bench.empty}</p>;
  return (
    <>
      <table className="bench-table">
        <thead>
          <tr>
            <th scope="col">{m.bench.columns.task}</th>
            <th scope="col">{m.bench.columns.precision}</th>
            {PROGRAMS.map((program) => (
              <th key={program} scope="col" className="figure">
                {NAMES[program]}, {m.bench.columns.time}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {report.cells.map(rowOf).map((row) => (
            <Line key={`${wordsOf(row.cell.task)} ${row.cell.precision}`} row={row} />
          ))}
        </tbody>
      </table>
      <p className="note">{m.bench.reading}</p>
      {report.absent.map(({ program, precision, form, why }) => (
        <p key={`${program} ${precision} ${form}`} className="note">
          {m.bench.absent(`${NAMES[program]}${formWords(form)}`, precision, told(why))}
        </p>
      ))}
    </>
  );
}

function Line({ row }: { row: Row }) {
  const { cell, summaries, ratios } = row;
  return (
    <tr>
      <th scope="row">{wordsOf(cell.task)}</th>
      <td className="precision">{cell.precision}</td>
      {PROGRAMS.map((program) => (
        <Figure key={program} program={program} time={summaries[program]} ratio={ratios[program]} />
      ))}
    </tr>
  );
}

function Figure({ program, time, ratio }: { program: Program; time: Summary | undefined; ratio: Summary | undefined }) {
  return (
    <td className="figure" data-program={NAMES[program]}>
      {time === undefined ? (
        <span className="none">{m.bench.none}</span>
      ) : (
        <div>
          <b>{plain(milliseconds(time.median))}</b>{' '}
          <small>{m.bench.spread(plain(milliseconds(time.lower)), plain(milliseconds(time.upper)))}</small>
        </div>
      )}
      {ratio && (
        <div className={ratio.median < 1 ? 'ratio behind' : 'ratio'}>
          {m.bench.ratio(hundredths(ratio.median))}{' '}
          <small>{m.bench.spread(hundredths(ratio.lower), hundredths(ratio.upper))}</small>
        </div>
      )}
    </td>
  );
}
