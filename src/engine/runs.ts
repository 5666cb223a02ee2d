/**
 * Runs of rows of a buffer, each labelled with what it holds. They are handed out one behind the other, from the beginning
 * again when the end is reached: what has lain there longest goes first.
 */

/** Rows `[at, at + rows)`. */
export interface Run<Label> {
  readonly at: number;
  rows: number;
  label: Label;
}

/** Runs that are remembered at the most, besides those that are held: looking through them must cost nothing. */
const MOST = 128;

export class Runs<Label> {
  #runs: Run<Label>[] = [];
  #next = 0;
  #size = 0;

  /** Rows of the buffer. It may only grow; what it held stays where it was. */
  set size(rows: number) {
    this.#size = rows;
  }

  find(matches: (label: Label) => boolean): Run<Label> | undefined {
    return this.#runs.find(({ label }) => matches(label));
  }

  /** All runs whose label is of use, best first. */
  best(worth: (label: Label) => number): Run<Label> | undefined {
    let best: Run<Label> | undefined;
    let most = 0;
    for (const run of this.#runs) {
      const value = worth(run.label);
      if (value > most) [best, most] = [run, value];
    }
    return best;
  }

  /** A run of so many rows; those that lay there are gone, but for `held` ones. undefined where these leave no room. */
  take(rows: number, label: Label, held: ReadonlySet<Run<Label>>): Run<Label> | undefined {
    let at = this.#next;
    let turns = 0;
    for (;;) {
      if (at + rows > this.#size) {
        if (turns++ > 0) return undefined;
        at = 0;
        continue;
      }
      const hit = this.#overlapping(at, rows).find((run) => held.has(run));
      if (hit === undefined) break;
      at = hit.at + hit.rows;
    }
    this.#drop(this.#overlapping(at, rows));
    const run = { at, rows, label };
    this.#runs.push(run);
    this.#next = at + rows;
    if (this.#runs.length > MOST) {
      const oldest = this.#runs.find((other) => other !== run && !held.has(other));
      if (oldest) this.#drop([oldest]);
    }
    return run;
  }

  /** Makes a run longer where it lies, if nothing that is held lies behind it. */
  extend(run: Run<Label>, rows: number, held: ReadonlySet<Run<Label>>): boolean {
    if (run.rows >= rows) return true;
    const behind = this.#overlapping(run.at + run.rows, rows - run.rows);
    if (run.at + rows > this.#size || behind.some((other) => held.has(other))) return false;
    this.#drop(behind);
    run.rows = rows;
    this.#next = Math.max(this.#next, run.at + rows);
    return true;
  }

  /** Forgets one, or everything. */
  forget(run?: Run<Label>): void {
    if (run) {
      this.#drop([run]);
      return;
    }
    this.#runs = [];
    this.#next = 0;
  }

  #overlapping(at: number, rows: number): Run<Label>[] {
    return this.#runs.filter((run) => run.at < at + rows && at < run.at + run.rows);
  }

  #drop(gone: readonly Run<Label>[]): void {
    this.#runs = this.#runs.filter((run) => !gone.includes(run));
  }
}
