/** The recorded experiments as lines to draw. */
import type { ExperimentName } from '../../../worker/protocol.train.ts';
import { hundredths, integer } from '../../messages/format.ts';
import a2d from './recorded/a2d.json';
import rates from './recorded/rates.json';
import repeats from './recorded/repeats.json';
import shapes from './recorded/shapes.json';
import starts from './recorded/starts.json';

export const RECORDED: Readonly<Record<ExperimentName, Recording>> = { a2d, shapes, starts, rates, repeats };

export interface Recording {
  /** The command that made it. */
  readonly recipe: string;
  readonly runs: readonly RecordedRun[];
}

interface RecordedRun extends Run {
  /** How many numbers learnt. */
  readonly parameters: number;
  /** What it wrote; `given` stands at the beginning of `text`. */
  readonly samples: readonly { readonly step: number; readonly text: string; readonly given?: string }[];
}

/** One that was recorded, or made in this page. */
interface Run {
  readonly name: string;
  /** Made for another to begin with. */
  readonly before?: boolean | undefined;
  readonly references: { readonly unigram: number };
  readonly evaluations: readonly { readonly step: number; readonly nelbo: number; readonly standardError?: number }[];
}

type Dot = readonly [step: number, value: number];

export interface Line {
  readonly name: string;
  /** The mean over the seeds. */
  readonly dots: readonly Dot[];
  /** Of each seed. */
  readonly each: readonly (readonly Dot[])[];
  /** Over the texts, of the first seed. */
  readonly errors: readonly number[];
  /** What a guess by word counts costs. */
  readonly unigram: number;
}

/** The runs that are drawn; those of one name differ in their seed. */
export function linesOf(runs: readonly Run[]): Line[] {
  const drawn = runs.filter(({ before }) => !before);
  return [...new Set(drawn.map(({ name }) => name))].map((name) => {
    const own = drawn.filter((run) => run.name === name);
    const each = own.map(({ evaluations }) => evaluations.map(({ step, nelbo }) => [step, nelbo] as const));
    const [first = []] = each;
    const mean = (i: number) => each.reduce((sum, dots) => sum + (dots[i]?.[1] ?? Number.NaN), 0) / each.length;
    return {
      name,
      dots: first.map(([step], i) => [step, mean(i)] as const),
      each,
      errors: (own[0]?.evaluations ?? []).map(({ standardError = Number.NaN }) => standardError),
      unigram: own[0]?.references.unigram ?? Number.NaN,
    };
  });
}

/** The first line of a panel is unbroken. */
export const DASHES: readonly (string | undefined)[] = [undefined, '7 4', '2 3', '9 3 2 3'];

/** Lines of one kind of value share a plot. */
export function panelsOf(experiment: ExperimentName, lines: readonly Line[]) {
  if (experiment !== 'repeats') return [{ panel: '', lines }];
  return ['masks', 'appends'].map((panel) => ({ panel, lines: lines.filter(({ name }) => name.startsWith(panel)) }));
}

/**
 * What is said of an experiment in numbers: its steps, what word counts alone give, and of each run, under its name, nats
 * per token at the end; `NAMEBegun` at the beginning, `NAMELowest` at its lowest, `NAMEApart` how far its seeds lie apart.
 */
export function factsOf({ runs }: Recording): Readonly<Record<string, string>> {
  const lines = linesOf(runs);
  const facts: Record<string, string> = {
    steps: integer(lines[0]?.dots.at(-1)?.[0] ?? 0),
    unigram: hundredths(lines[0]?.unigram ?? Number.NaN),
  };
  for (const { name, dots, each } of lines) {
    const values = dots.map(([, value]) => value);
    const ends = each.map((own) => own.at(-1)?.[1] ?? Number.NaN);
    facts[name] = hundredths(values.at(-1) ?? Number.NaN);
    facts[`${name}Begun`] = hundredths(values[0] ?? Number.NaN);
    facts[`${name}Lowest`] = hundredths(Math.min(...values));
    facts[`${name}Apart`] = hundredths(Math.max(...ends) - Math.min(...ends));
  }
  return facts;
}
