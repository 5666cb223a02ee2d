/** The parts of a notebook file (nbformat 4.5) that the runner reads and writes. */
import { readFileSync, writeFileSync } from 'node:fs';

/** Text is a string or a list of lines with their ends. */
type Lines = string | readonly string[];

export type Output =
  | { readonly output_type: 'stream'; readonly name: string; readonly text: Lines }
  | {
      readonly output_type: 'execute_result' | 'display_data';
      readonly data: Readonly<Record<string, Lines>>;
      readonly metadata: object;
      readonly execution_count?: number | null;
    }
  | { readonly output_type: 'error'; readonly ename: string; readonly evalue: string; readonly traceback: Lines };

export interface Cell {
  readonly cell_type: 'markdown' | 'code' | 'raw';
  readonly source: Lines;
  execution_count?: number | null;
  outputs?: readonly Output[];
}

export interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: {
    readonly kernelspec?: { readonly name?: string };
    /** `onRequest`: runs only when it is named. */
    readonly unmask?: { readonly onRequest?: boolean };
  };
}

export function readNotebook(path: string): Notebook {
  return JSON.parse(readFileSync(path, 'utf8')) as Notebook;
}

/** As Jupyter writes it. */
export function writeNotebook(path: string, notebook: Notebook): void {
  writeFileSync(path, `${JSON.stringify(notebook, undefined, 1)}\n`);
}

export function codeCells({ cells }: Notebook): Cell[] {
  return cells.filter(({ cell_type: type }) => type === 'code');
}

export function joined(lines: Lines): string {
  return typeof lines === 'string' ? lines : lines.join('');
}

/** Lines that keep their ends, as Jupyter stores text. */
export function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/);
}
