/**
 * One precision of the bench. Each program is opened and asked for the same answer; those that give it are timed in turn,
 * one task after the other. A peer that fails is left out and named with its reason; when ours fails, so does the bench.
 */
import type { Contestant } from './contestant.ts';
import type { Form, Precision, Program } from './names.ts';
import type { Cell, Report, Task } from './report.ts';
import { takeTurns } from './rounds.ts';
import { logSums, perform, warmUp, weightOf } from './tasks.ts';

export interface Opener {
  readonly program: Program;
  readonly form?: Form;
  readonly open: () => Promise<Contestant>;
}

/** What is being done now. */
export interface Doing {
  readonly stage: 'open' | 'compare' | 'measure';
  readonly precision: Precision;
  readonly program?: Program;
  readonly task?: Task;
}

/** What came out of a precision so far. */
export type Findings = Pick<Report, 'absent' | 'differences' | 'cells'>;

export interface Contest {
  readonly precision: Precision;
  /** Ours first; of several forms of one program the first that is right is timed. */
  readonly openers: readonly Opener[];
  readonly tasks: readonly Task[];
  readonly rounds: number;
  /** Log-sum-exps that count as right; ours, unless told. */
  readonly wanted?: Float32Array | undefined;
  /** A number that no canvas was made from before. */
  readonly nextTurn: () => number;
  readonly signal?: AbortSignal | undefined;
  readonly onFinding: (finding: Partial<Findings>) => void;
  /** `done`: tokens that went through the network, of those that all tasks send through it. */
  readonly onProgress: (doing: Doing, done: number) => void;
}

const LEAST_ROUNDS = 3;

/** How far a log-sum-exp may be from our f32 answer for the answers to count as the same; beyond it, no time counts. */
const SAME: Readonly<Record<Precision, number>> = { f32: 5e-3, f16: 0.1, int8: 0.5, int4: 1.5 };

/** Returns the answer that counted as right. Throws what our program throws; the signal's reason when aborted. */
export async function contest(c: Contest): Promise<Float32Array | undefined> {
  const { precision, tasks, signal, onFinding } = c;
  const contestants: Contestant[] = [];
  try {
    const wanted = await enter(c, contestants);
    let done = 0;
    const generations = tasks.filter(({ kind }) => kind === 'generate');
    for (const task of tasks) {
      for (;;) {
        signal?.throwIfAborted();
        const failure = new Failure();
        try {
          const times = await time(c, contestants, task, { first: task === generations[0], done, failure });
          onFinding({ cells: [{ task, precision, times }] });
          break;
        } catch (error) {
          const { contestant } = failure;
          if (contestant === undefined || contestant.program === 'unmask' || signal?.aborted) throw error;
          // The cell is begun again without it.
          contestants.splice(contestants.indexOf(contestant), 1);
          await contestant.dispose().catch(() => {});
          onFinding({ absent: [{ program: contestant.program, precision, why: messageOf(error) }] });
        }
      }
      done += weightOf(task);
    }
    return wanted;
  } finally {
    for (const contestant of contestants) await contestant.dispose();
  }
}

/** Who failed, where one did. */
class Failure {
  contestant: Contestant | undefined;

  /** `work` of a contestant, which is remembered if it fails. */
  async watch(contestant: Contestant, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.contestant = contestant;
      throw error;
    }
  }
}

/** Fills `contestants` with the programs whose answer is right; returns that answer. */
async function enter(c: Contest, contestants: Contestant[]): Promise<Float32Array | undefined> {
  const { precision, signal, onFinding, onProgress } = c;
  let { wanted } = c;
  for (const { program, form, open } of c.openers) {
    signal?.throwIfAborted();
    if (contestants.some((one) => one.program === program)) continue; // a form before this one was right
    onProgress({ stage: 'open', precision, program }, 0);
    let contestant: Contestant | undefined;
    try {
      contestant = await open();
      onProgress({ stage: 'compare', precision, program }, 0);
      const answer = await logSums(contestant);
      wanted ??= answer;
      const difference = distance(answer, wanted);
      if (Number.isNaN(difference))
        throw new Error('it answers NaN, which is no number: its arithmetic overflows or fails on this device.');
      if (!(difference < SAME[precision])) throw new Error(`its answers differ by ${difference.toPrecision(2)}.`);
      contestants.push(contestant);
      onFinding({ differences: [{ program, precision, form, difference }] });
    } catch (error) {
      await contestant?.dispose().catch(() => {});
      if (program === 'unmask') throw error;
      onFinding({ absent: [{ program, precision, form, why: messageOf(error) }] });
    }
  }
  return wanted;
}

interface Timing {
  /** Whether this is the first generation, before which programs are warmed up. */
  readonly first: boolean;
  readonly done: number;
  readonly failure: Failure;
}

/** Milliseconds of each round, by program. */
async function time(c: Contest, contestants: Contestant[], task: Task, timing: Timing): Promise<Cell['times']> {
  const { precision, nextTurn, signal, onProgress } = c;
  const { first, failure } = timing;
  const warm = task.kind === 'generate';
  const rounds = warm ? Math.max(LEAST_ROUNDS, Math.floor(c.rounds / 2)) : c.rounds;
  if (first) {
    for (const contestant of contestants) {
      await failure.watch(contestant, warmUp(contestant, nextTurn(), signal));
    }
  }
  let done = timing.done;
  const share = weightOf(task) / ((warm ? rounds : rounds + 1) * contestants.length);
  const work = contestants.map(
    (contestant) => () => failure.watch(contestant, perform(contestant, task, nextTurn(), signal)),
  );
  const onTurn = () => {
    done += share;
    onProgress({ stage: 'measure', precision, task }, done);
  };
  const times = await takeTurns(work, rounds, { warm, signal, onTurn });
  return Object.fromEntries(contestants.map(({ program }, i) => [program, times[i] as number[]]));
}

function distance(got: Float32Array, want: Float32Array): number {
  return got.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (want[i] as number))), 0);
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] as string;
}
