/** A figure as a table, folded until it is wanted: the same numbers, for reading, for copying, for screen readers. */
import type { ReactNode } from 'react';
import { m } from '../messages/index.ts';

export interface Table {
  /** What the table holds, in a few words. */
  readonly caption: string;
  readonly columns: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly ReactNode[])[];
}

interface Props {
  readonly table: Table;
  /** What unfolds it, where a figure has several. */
  readonly summary?: string;
}

export function DataTable({ table, summary = m.figures.asTable }: Props) {
  const { caption, columns, rows } = table;
  return (
    <details className="figure-table">
      <summary>{summary}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be within reach of the keyboard */}
      <section className="figure-scroll" aria-label={caption} tabIndex={0}>
        <table>
          <caption className="hidden">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, ...cells], row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows keep their order
              <tr key={row}>
                <th scope="row">{name}</th>
                {cells.map((cell, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: columns keep their order
                  <td key={column}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
