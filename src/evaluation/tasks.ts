/**
 * The tasks: how a row of a data set becomes what a model is asked, and which numbers come of its answers. Wording, spaces
 * and metrics are those of lm-evaluation-harness (EleutherAI, tasks/NAME), so that values may be set beside published ones.
 * Rows may come as the data sets have them, or as `query`, `choices` and `gold`.
 */
import { UnmaskError } from '../diffusion/error.ts';
import { said, type Text } from '../text/said.ts';
import { flexibleNumber, sameNumber, sameText, strictNumber } from './answers.ts';
import { checkable, followsLoosely, followsStrictly, type Instruction } from './ifeval.ts';
import { lastBoxed, mathAnswer, sameMath } from './math-answers.ts';

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

export interface Task {
  readonly name: TaskName;
  /** Its name in the harness. */
  readonly harness: string;
  readonly metrics: readonly Metric[];
  /** Where its test rows are on the hub: Parquet as the hub converts every data set (branch refs/convert/parquet). */
  readonly hub?: { readonly id: string; readonly file: string };
  /** Undefined: the row is left out. Throws `UnmaskError` code `data` for a row of another shape. */
  read(row: Row, index: number): Doc | undefined;
}

function thrown(error: UnmaskError): never {
  throw error;
}

const ACC: Metric = { name: 'acc', kind: 'mean', of: 'acc' };
const ACC_NORM: Metric = { name: 'acc_norm', kind: 'mean', of: 'acc_norm' };
/** Of everything that is written. */
const SPEED: readonly Metric[] = [
  { name: 'nfe', kind: 'mean', of: 'forwards', lowerIsBetter: true },
  { name: 'tpf', kind: 'ratio', of: 'tokens', per: 'forwards' },
  { name: 'tokens_per_second', kind: 'ratio', of: 'tokens', per: 'seconds' },
];

const REMEDY = 'Choose the data set of this task, or rows with query, choices and gold.';

function badRow(message: Text): UnmaskError {
  return new UnmaskError({ code: 'data', message, remedy: REMEDY });
}

/** Reads the fields of one row, and says which is missing. */
class Fields {
  readonly row: Row;
  readonly task: string;
  readonly index: number;

  constructor(row: Row, task: string, index: number) {
    this.row = row;
    this.task = task;
    this.index = index;
  }

  has(...names: string[]): boolean {
    return names.every((name) => this.row[name] !== undefined && this.row[name] !== null);
  }

  text(...names: string[]): string {
    for (const name of names) {
      const value = this.row[name];
      if (typeof value === 'string') return value;
      if (typeof value === 'number' || typeof value === 'bigint') return String(value);
    }
    throw this.noText(names[0] as string);
  }

  texts(name: string, value: unknown = this.row[name]): string[] {
    if (Array.isArray(value) && value.length > 0) return value.map(String);
    throw badRow(said`Row ${this.index + 1} is no row of ${this.task}: it has no list in "${name}".`);
  }

  /** A place in a list of `count`: a number, or a letter or digit of `labels`. */
  place(name: string, count: number, labels = LETTERS): number {
    const value = this.row[name];
    const found =
      typeof value === 'number' || typeof value === 'bigint'
        ? Number(value)
        : typeof value === 'string' && labels.includes(value.trim())
          ? labels.indexOf(value.trim())
          : typeof value === 'string' && /^\d+$/.test(value.trim())
            ? Number(value)
            : -1;
    if (Number.isInteger(found) && found >= 0 && found < count) return found;
    throw badRow(said`Row ${this.index + 1} is no row of ${this.task}: "${name}" names none of ${count} choices.`);
  }

  noText(name: string): UnmaskError {
    return badRow(said`Row ${this.index + 1} is no row of ${this.task}: it has no text in "${name}".`);
  }

  id(): string {
    const { row } = this;
    const id = row['id'] ?? row['ind'] ?? row['key'] ?? row['index'] ?? row['question_id'] ?? row['unique_id'];
    return String(id ?? this.index);
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOP'.split('');

type ReadFields = (fields: Fields) => Doc | undefined;

function reader(name: TaskName, read: ReadFields): Task['read'] {
  return (row, index) => read(new Fields(row, name, index));
}

/** Rows that say themselves what is asked. */
function plain(fields: Fields): Doc | undefined {
  if (!fields.has('query', 'choices', 'gold')) return undefined;
  const choices = fields.texts('choices');
  const gold = fields.place('gold', choices.length);
  return { id: fields.id(), kind: 'choices', contexts: [fields.text('query')], choices, gold };
}

function choices(name: TaskName, read: ReadFields): Task['read'] {
  return reader(name, (fields) => plain(fields) ?? read(fields));
}

const arc = (name: TaskName) =>
  choices(name, (fields) => {
    const given = fields.row['choices'] as Row | undefined;
    const options = fields.texts('choices', given?.['text']);
    const labels = fields.texts('choices', given?.['label']);
    const contexts = [`Question: ${fields.text('question')}\nAnswer:`];
    const gold = fields.place('answerKey', options.length, labels);
    return { id: fields.id(), kind: 'choices', contexts, choices: options, gold };
  });

/** Lettered lines, and the letters as choices. */
const lettered = (question: string, options: readonly string[], answer: string) =>
  `${question.trim()}\n${options.map((option, i) => `${LETTERS[i]}. ${option}`).join('\n')}\n${answer}`;

const mmlu = (name: TaskName) =>
  choices(name, (fields) => {
    const options = fields.texts('options', fields.row['options'] ?? fields.row['choices']);
    const subject = fields.row['subject'];
    const about =
      typeof subject === 'string'
        ? `The following are multiple choice questions (with answers) about ${subject.replaceAll('_', ' ')}.\n\n`
        : '';
    const labels = LETTERS.slice(0, options.length);
    return {
      id: fields.id(),
      kind: 'choices',
      contexts: [about + lettered(fields.text('question'), options, 'Answer:')],
      choices: labels,
      gold: fields.place(fields.has('answer_index') ? 'answer_index' : 'answer', options.length, labels),
    };
  });

const chinese = (name: TaskName) =>
  choices(name, (fields) => {
    const labels = LETTERS.slice(0, 4);
    const options = labels.map((label) => fields.text(label));
    const answer = fields.has('Answer') ? 'Answer' : 'answer';
    // The test rows of C-Eval keep their answers to themselves.
    if (!fields.has(answer) || fields.row[answer] === '') return undefined;
    const contexts = [lettered(fields.text('question', 'Question'), options, '答案：')];
    return { id: fields.id(), kind: 'choices', contexts, choices: labels, gold: fields.place(answer, 4) };
  });

/** HellaSwag's texts without the marks of WikiHow. */
export function withoutMarks(text: string): string {
  return text
    .trim()
    .replaceAll(' [title]', '. ')
    .replace(/\[.*?\]/g, '')
    .replaceAll('  ', ' ');
}

const capitalised = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();

/** LAMBADA: all but the last word between spaces, and that word. */
export function splitLastWord(text: string): { readonly context: string; readonly word: string } {
  const at = text.lastIndexOf(' ');
  return { context: at < 0 ? '' : text.slice(0, at), word: text.slice(at + 1) };
}

const write = (
  fields: Fields,
  { prompt, until, target }: { prompt: string; until: readonly string[]; target: string },
  judge: (text: string) => Record<string, readonly [answer: string, right: boolean]>,
): Doc => ({
  id: fields.id(),
  kind: 'write',
  prompt,
  until,
  target,
  judge(text) {
    const answers = Object.entries(judge(text));
    return {
      filtered: Object.fromEntries(answers.map(([rule, [answer]]) => [rule, answer])),
      scores: Object.fromEntries(answers.map(([rule, [, right]]) => [rule, Number(right)])),
    };
  },
});

const exactMatch = (of: string): Metric => ({ name: of, kind: 'mean', of });

const converted = (id: string, path: string) => ({ id, file: `${path}/0000.parquet` });

export const TASKS: { readonly [K in TaskName]: Task & { readonly name: K } } = {
  lambada: {
    name: 'lambada',
    harness: 'lambada_openai',
    metrics: [{ name: 'perplexity', kind: 'perplexity', of: 'logLikelihood', lowerIsBetter: true }, ACC],
    hub: converted('EleutherAI/lambada_openai', 'default/test'),
    read: reader('lambada', (fields) => ({ id: fields.id(), kind: 'word', ...splitLastWord(fields.text('text')) })),
  },
  arc_easy: {
    name: 'arc_easy',
    harness: 'arc_easy',
    metrics: [ACC, ACC_NORM],
    hub: converted('allenai/ai2_arc', 'ARC-Easy/test'),
    read: arc('arc_easy'),
  },
  arc_challenge: {
    name: 'arc_challenge',
    harness: 'arc_challenge',
    metrics: [ACC, ACC_NORM],
    hub: converted('allenai/ai2_arc', 'ARC-Challenge/test'),
    read: arc('arc_challenge'),
  },
  piqa: {
    name: 'piqa',
    harness: 'piqa',
    metrics: [ACC, ACC_NORM],
    hub: converted('baber/piqa', 'default/validation'),
    read: reader('piqa', (fields) => {
      if (!fields.has('goal', 'sol1', 'sol2')) return plain(fields) ?? thrown(fields.noText('goal'));
      const contexts = [`Question: ${fields.text('goal')}\nAnswer:`];
      const options = [fields.text('sol1'), fields.text('sol2')];
      return { id: fields.id(), kind: 'choices', contexts, choices: options, gold: fields.place('label', 2) };
    }),
  },
  hellaswag: {
    name: 'hellaswag',
    harness: 'hellaswag',
    metrics: [ACC, ACC_NORM],
    hub: converted('Rowan/hellaswag', 'default/validation'),
    read: choices('hellaswag', (fields) => {
      const before = `${fields.text('ctx_a')} ${capitalised(fields.text('ctx_b'))}`;
      const contexts = [withoutMarks([fields.text('activity_label'), before].join(': '))];
      const endings = fields.texts('endings').map(withoutMarks);
      const gold = fields.place('label', endings.length);
      return { id: fields.id(), kind: 'choices', contexts, choices: endings, gold };
    }),
  },
  winogrande: {
    name: 'winogrande',
    harness: 'winogrande',
    metrics: [ACC],
    hub: converted('allenai/winogrande', 'winogrande_xl/validation'),
    read: reader('winogrande', (fields) => {
      const [before = '', after] = fields.text('sentence').split('_');
      if (after === undefined)
        throw badRow(said`Row ${fields.index + 1} is no row of winogrande: its sentence has no gap.`);
      const contexts = [fields.text('option1'), fields.text('option2')].map((option) => before + option);
      const gold = fields.place('answer', 2, ['1', '2']);
      return { id: fields.id(), kind: 'choices', contexts, choices: [after.trim()], gold };
    }),
  },
  mmlu: {
    name: 'mmlu',
    harness: 'mmlu',
    metrics: [ACC],
    hub: converted('cais/mmlu', 'all/test'),
    read: mmlu('mmlu'),
  },
  mmlu_pro: {
    name: 'mmlu_pro',
    harness: 'leaderboard_mmlu_pro',
    metrics: [ACC],
    hub: converted('TIGER-Lab/MMLU-Pro', 'default/test'),
    read: mmlu('mmlu_pro'),
  },
  ceval: {
    name: 'ceval',
    harness: 'ceval-valid',
    metrics: [ACC, ACC_NORM],
    hub: converted('ceval/ceval-exam', 'computer_network/val'),
    read: chinese('ceval'),
  },
  cmmlu: {
    name: 'cmmlu',
    harness: 'cmmlu',
    metrics: [ACC, ACC_NORM],
    hub: converted('lmlmcat/cmmlu', 'agronomy/test'),
    read: chinese('cmmlu'),
  },
  gsm8k: {
    name: 'gsm8k',
    harness: 'gsm8k',
    metrics: [exactMatch('strict'), exactMatch('flexible'), ...SPEED],
    hub: converted('openai/gsm8k', 'main/test'),
    read: reader('gsm8k', (fields) => {
      const target = fields.text('answer');
      const prompt = `Question: ${fields.text('question')}\nAnswer:`;
      return write(fields, { prompt, until: ['Question:', '</s>', '<|im_end|>'], target }, (text) => ({
        strict: [strictNumber(text), sameNumber(strictNumber(text), target)],
        flexible: [flexibleNumber(text), sameNumber(flexibleNumber(text), target)],
      }));
    }),
  },
  math500: {
    name: 'math500',
    harness: 'hendrycks_math500',
    metrics: [exactMatch('exact_match'), ...SPEED],
    hub: converted('HuggingFaceH4/MATH-500', 'default/test'),
    read: reader('math500', (fields) => {
      const target = lastBoxed(fields.has('solution') ? fields.text('solution') : '') ?? fields.text('answer');
      const prompt = `Problem: ${fields.text('problem')}\nAnswer:`;
      return write(fields, { prompt, until: ['Problem:'], target }, (text) => ({
        exact_match: [mathAnswer(text), sameMath(mathAnswer(text), target)],
      }));
    }),
  },
  ifeval: {
    name: 'ifeval',
    harness: 'ifeval',
    metrics: [
      exactMatch('prompt_level_strict_acc'),
      { name: 'inst_level_strict_acc', kind: 'ratio', of: 'strictlyFollowed', per: 'instructions' },
      exactMatch('prompt_level_loose_acc'),
      { name: 'inst_level_loose_acc', kind: 'ratio', of: 'looselyFollowed', per: 'instructions' },
      ...SPEED,
    ],
    hub: converted('google/IFEval', 'default/train'),
    read: reader('ifeval', (fields) => {
      const names = fields.texts('instruction_id_list');
      if (!checkable(names)) return undefined;
      const kwargs = (fields.row['kwargs'] ?? []) as readonly Row[];
      const instructions: Instruction[] = names.map((name, i) => ({ name, kwargs: kwargs[i] ?? {} }));
      const target = names.join(', ');
      return {
        id: fields.id(),
        kind: 'write',
        prompt: fields.text('prompt'),
        until: [],
        target,
        judge(text) {
          const count = (follows: readonly boolean[]) => follows.filter(Boolean).length;
          const strictly = followsStrictly(text, instructions);
          const loosely = followsLoosely(text, instructions);
          return {
            filtered: { followed: names.filter((_, i) => strictly[i]).join(', ') },
            scores: {
              prompt_level_strict_acc: Number(strictly.every(Boolean)),
              prompt_level_loose_acc: Number(loosely.every(Boolean)),
              strictlyFollowed: count(strictly),
              looselyFollowed: count(loosely),
              instructions: names.length,
            },
          };
        },
      };
    }),
  },
  exact_match: {
    name: 'exact_match',
    harness: 'exact_match',
    metrics: [exactMatch('exact_match'), ...SPEED],
    read: reader('exact_match', (fields) => {
      const target = fields.text('answer', 'target', 'output', 'completion');
      const prompt = fields.text('prompt', 'question', 'input');
      return write(fields, { prompt, until: ['\n\n'], target }, (text) => ({
        exact_match: [text.trim(), sameText(text, target)],
      }));
    }),
  },
  nelbo: {
    name: 'nelbo',
    harness: 'nelbo',
    metrics: [
      { name: 'nelbo', kind: 'ratio', of: 'nats', per: 'tokens', lowerIsBetter: true },
      { name: 'perplexity_bound', kind: 'ratio', of: 'nats', per: 'tokens', exp: true, lowerIsBetter: true },
      { name: 'bits_per_character', kind: 'ratio', of: 'bits', per: 'characters', lowerIsBetter: true },
      { name: 'bits_per_byte', kind: 'ratio', of: 'bits', per: 'bytes', lowerIsBetter: true },
    ],
    read: reader('nelbo', (fields) => {
      const text = fields.text('text', 'content', 'story').trim();
      return text === '' ? undefined : { id: fields.id(), kind: 'text', text };
    }),
  },
  quality: {
    name: 'quality',
    harness: 'quality',
    // Always together: a text that repeats itself is likely, too.
    metrics: [
      { name: 'generative_perplexity', kind: 'quality', of: 'perplexity', lowerIsBetter: true },
      { name: 'entropy', kind: 'quality', of: 'entropy' },
      { name: 'repeated_trigrams', kind: 'quality', of: 'repetition', lowerIsBetter: true },
      { name: 'distinct_bigrams', kind: 'quality', of: 'distinct' },
      { name: 'self_bleu', kind: 'quality', of: 'selfBleu', lowerIsBetter: true },
      ...SPEED,
    ],
    read: reader('quality', (fields) => ({
      id: fields.id(),
      kind: 'sample',
      prompt: fields.text('prompt', 'question', 'text'),
    })),
  },
};

/** The texts of a data set that are asked, with their numbers in it. `limit` 0 is all of them. Throws as `Task.read` does. */
export function docsOf(task: Task, rows: readonly Row[], { limit, shots }: { limit: number; shots: number }) {
  const docs = rows.flatMap((row, index) => {
    const doc = task.read(row, index);
    return doc === undefined ? [] : [{ index, doc }];
  });
  const asked = docs.slice(shots);
  if (asked.length === 0) {
    const message = said`The data for ${task.name} has ${docs.length} rows that can be asked, and ${shots} of them are examples.`;
    throw new UnmaskError({ code: 'data', message, remedy: 'Give more rows.' });
  }
  return {
    /** Shown before each question, with their answers. */
    examples: docs.slice(0, shots).map(({ doc }) => doc),
    asked: limit === 0 ? asked : asked.slice(0, limit),
    /** Rows that can be asked, examples left out. */
    total: asked.length,
  };
}
