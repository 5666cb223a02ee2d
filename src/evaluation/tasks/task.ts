/** What a task is: how a row of a data set becomes what a model is asked, and which numbers come of its answers. */

export type Row = Readonly<Record<string, unknown>>;
/** What one item is worth, by name. */
export type Scores = Readonly<Record<string, number>>;

export const TASK_NAMES = [
  'lambada',
  'arc_easy',
  'arc_challenge',
  'piqa',
  'hellaswag',
  'winogrande',
  'mmlu',
  'mmlu_pro',
  'ceval',
  'cmmlu',
  'gsm8k',
  'math500',
  'ifeval',
  'exact_match',
  'nelbo',
  'quality',
] as const;
export type TaskName = (typeof TASK_NAMES)[number];

/** What a model is asked about one row. */
export type Doc = { readonly id: string } & (
  | {
      readonly kind: 'choices';
      /** Said once, before examples and question; in a conversation by the system. */
      readonly description?: string;
      /** What stands before each choice; one for all, but where the choice is in the context (WinoGrande). */
      readonly contexts: readonly string[];
      /** Without the space before it. */
      readonly choices: readonly string[];
      readonly gold: number;
    }
  | { readonly kind: 'word'; readonly context: string; readonly word: string }
  | {
      readonly kind: 'write';
      readonly prompt: string;
      readonly until: readonly string[];
      readonly target: string;
      /** What is read out of a text, by the name of the rule, and what that is worth. */
      judge(text: string): { readonly filtered: Readonly<Record<string, string>>; readonly scores: Scores };
    }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'sample'; readonly prompt: string }
);

/**
 * A number over the items. mean: of a score. perplexity: exp of the mean of a log-likelihood. ratio: one sum over another,
 * `exp` of it where that is said. quality: of all texts together.
 */
export type Metric = { readonly name: string; readonly lowerIsBetter?: true } & (
  | { readonly kind: 'mean'; readonly of: string }
  | { readonly kind: 'perplexity'; readonly of: string }
  | { readonly kind: 'ratio'; readonly of: string; readonly per: string; readonly exp?: true }
  | { readonly kind: 'quality'; readonly of: Quality }
);
export type Quality = 'perplexity' | 'entropy' | 'repetition' | 'distinct' | 'selfBleu';

/** A file of a data set, and the subject of its rows where they do not say it. */
export interface HubFile {
  readonly file: string;
  readonly subject?: string;
}

export interface Task {
  readonly name: TaskName;
  /** Its name in the harness. */
  readonly harness: string;
  /** What the harness calls this kind of question (`output_type`). */
  readonly output: 'multiple_choice' | 'loglikelihood' | 'loglikelihood_rolling' | 'generate_until';
  readonly metrics: readonly Metric[];
  /** Where its test rows are on the hub: Parquet as the hub converts every data set (branch refs/convert/parquet). */
  readonly hub?: { readonly id: string; readonly files: readonly HubFile[] };
  /** Undefined: the row is left out. Throws `UnmaskError` code `data` for a row of another shape. */
  read(row: Row, index: number): Doc | undefined;
}

/** The tasks of one file. */
export type Tasks<K extends TaskName> = { readonly [N in K]: Task & { readonly name: N } };

export const exactMatch = (of: string): Metric => ({ name: of, kind: 'mean', of });

/** Of everything that is written. */
export const SPEED: readonly Metric[] = [
  { name: 'nfe', kind: 'mean', of: 'forwards', lowerIsBetter: true },
  { name: 'tpf', kind: 'ratio', of: 'tokens', per: 'forwards' },
  { name: 'tokens_per_second', kind: 'ratio', of: 'tokens', per: 'seconds' },
];

/** One file of what the hub has converted. */
export const converted = (id: string, path: string) => ({ id, files: [{ file: `${path}/0000.parquet` }] });
