/** What a run of the bench has measured so far, and how it is written down. */
import { FORMS, type Form, type Precision, type Program } from './names.ts';
import { ratioOf, type Summary, summarise } from './rounds.ts';

/** One thing to do: a forward pass, or the generation of new tokens in a number of steps. */
export type Task =
  | { readonly kind: 'forward'; readonly tokens: number; readonly asked: number }
  | { readonly kind: 'generate'; readonly tokens: number; readonly steps: number };

export interface Cell {
  readonly task: Task;
  readonly precision: Precision;
  /** Milliseconds of each round; a program that cannot run this is absent. */
  readonly times: Readonly<Partial<Record<Program, readonly number[]>>>;
}

export interface Report {
  readonly version: 1;
  readonly date: string;
  readonly device: string;
  readonly software: boolean;
  readonly where: string;
  readonly model: {
    readonly name: string;
    readonly parameters: number;
    readonly layers: number;
    readonly hidden: number;
    readonly vocabulary: number;
  };
  readonly programs: Readonly<Record<Program, string>>;
  /** Programs that did not run in a precision, or not in one of their forms, and why. */
  readonly absent: readonly {
    readonly program: Program;
    readonly precision: Precision;
    readonly form?: Form | undefined;
    readonly why: string;
  }[];
  /** Largest difference of a log-sum-exp from our f32 answer, by precision and program: of those that are timed. */
  readonly differences: readonly {
    readonly program: Program;
    readonly precision: Precision;
    /** The form that was timed. */
    readonly form?: Form | undefined;
    readonly difference: number;
  }[];
  readonly cells: readonly Cell[];
  /** False when it was stopped before its end. */
  readonly complete: boolean;
}

export interface Row {
  readonly cell: Cell;
  readonly summaries: Readonly<Partial<Record<Program, Summary>>>;
  /** Time of the peer divided by ours: above 1, we are faster. */
  readonly ratios: Readonly<Partial<Record<Program, Summary>>>;
}

export function rowOf(cell: Cell): Row {
  const programs = Object.entries(cell.times) as [Program, readonly number[]][];
  const ours = cell.times.unmask;
  const peers = programs.filter(([program]) => ours !== undefined && program !== 'unmask');
  return {
    cell,
    summaries: Object.fromEntries(programs.map(([program, times]) => [program, summarise(times)])),
    ratios: Object.fromEntries(peers.map(([program, times]) => [program, ratioOf(times, ours as readonly number[])])),
  };
}

/** A task's name on the command line: "forward-512-128", "generate-32". */
export function taskName(task: Task): string {
  return task.kind === 'generate' ? `generate-${task.steps}` : `forward-${task.tokens}-${task.asked}`;
}

/**
 * What was measured before together with what was measured now, on the same device with the same model: a long bench can
 * be run in parts. Cells that were measured again replace the old ones. `whole` lists all cells that make a bench complete.
 */
export function mergeReports(before: Report, now: Report, whole: readonly Pick<Cell, 'task' | 'precision'>[]): Report {
  const nameOf = ({ task, precision }: Pick<Cell, 'task' | 'precision'>) => `${precision} ${taskName(task)}`;
  const order = whole.map(nameOf);
  const fresh = new Set(now.cells.map(nameOf));
  const cells = [...before.cells.filter((cell) => !fresh.has(nameOf(cell))), ...now.cells];
  const tried = new Set([...now.absent, ...now.differences].map(attempt));
  const kept = <T extends Attempt>(all: readonly T[]) => all.filter((one) => !tried.has(attempt(one)));
  return {
    ...now,
    absent: [...kept(before.absent), ...now.absent],
    differences: [...kept(before.differences), ...now.differences],
    cells: cells.toSorted((a, b) => order.indexOf(nameOf(a)) - order.indexOf(nameOf(b))),
    complete: order.every((name) => cells.some((cell) => nameOf(cell) === name)),
  };
}

type Attempt = Pick<Report['differences'][number], 'program' | 'precision' | 'form'>;

function attempt({ program, precision, form }: Attempt): string {
  return `${program} ${precision} ${form}`;
}

/** Whether two reports can be merged. */
export function isSameBench(a: Report, b: Report): boolean {
  return a.device === b.device && a.where === b.where && a.model.name === b.model.name;
}

export function taskWords(task: Task): string {
  if (task.kind === 'generate') return `${task.tokens} new tokens in ${task.steps} steps`;
  return `forward, ${task.tokens} tokens, ${task.asked} asked`;
}

/** " (fused attention)", or nothing. */
export function formWords(form: Form | undefined): string {
  return form === undefined ? '' : ` (${FORMS[form]})`;
}

export function milliseconds(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** A table for a README: medians with quartiles in ms, ratios with 95 % intervals. */
export function markdown(report: Report): string {
  const { device, where, model, programs, cells, absent, differences, date, complete } = report;
  const time = (summary: Summary | undefined) =>
    summary === undefined
      ? '–'
      : `${milliseconds(summary.median)} (${milliseconds(summary.lower)}–${milliseconds(summary.upper)})`;
  const ratio = (summary: Summary | undefined) =>
    summary === undefined
      ? '–'
      : `${summary.median.toFixed(2)} × (${summary.lower.toFixed(2)}–${summary.upper.toFixed(2)})`;
  const lines = cells
    .map(rowOf)
    .map(({ cell, summaries, ratios }) =>
      [
        '',
        taskWords(cell.task),
        cell.precision,
        time(summaries.unmask),
        time(summaries.onnxruntime),
        ratio(ratios.onnxruntime),
        time(summaries.tfjs),
        ratio(ratios.tfjs),
        '',
      ]
        .join(' | ')
        .trim(),
    );
  const millions = (model.parameters / 1e6).toPrecision(3);
  return [
    `${device}; ${where}; ${date.slice(0, 10)}. Model ${model.name}: ${model.layers} layers, width ${model.hidden}, vocabulary ${model.vocabulary}, ${millions} M parameters, random weights.`,
    `Median milliseconds (quartiles); a ratio is the peer's time divided by ours (95 % interval), so above 1 ours is faster.${complete ? '' : ' The run was stopped before its end.'}`,
    '',
    `| task | weights | ${programs.unmask} | ${programs.onnxruntime} | ratio | ${programs.tfjs} | ratio |`,
    '|:--|:--|--:|--:|--:|--:|--:|',
    ...lines,
    '',
    ...absent.map(
      ({ program, precision, form, why }) =>
        `${programs[program]}${formWords(form)} is not timed in ${precision}: ${why}`,
    ),
    ...differences
      .filter(({ difference }) => difference > 0)
      .map(
        ({ program, precision, form, difference }) =>
          `${programs[program]}${formWords(form)}, ${precision}: log-sum-exp within ${difference.toPrecision(2)} of ours in f32.`,
      ),
  ].join('\n');
}
