/**
 * Tasks whose answers are given and weighed: choices, and the last word of a passage. Wording, spaces and metrics are those
 * of lm-evaluation-harness (EleutherAI, tasks/NAME of 0.4.13), so that values may be set beside published ones. Rows may come
 * as the data sets have them, or as `query`, `choices` and `gold`.
 */
import { said } from '../../text/said.ts';
import { badRow, type Fields, LETTERS, nested, type ReadFields, reader } from './fields.ts';
import { CEVAL_SUBJECTS, CMMLU_SUBJECTS } from './subjects.ts';
import {
  converted,
  type Doc,
  exactMatch,
  type Metric,
  type Row,
  type Task,
  type TaskName,
  type Tasks,
} from './task.ts';

const ACC: Metric = exactMatch('acc');
const ACC_NORM: Metric = exactMatch('acc_norm');

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
    const given = nested(fields.row['choices']) as Row | undefined;
    const options = fields.texts('choices', given?.['text']);
    const labels = fields.texts('choices', given?.['label']);
    const contexts = [`Question: ${fields.text('question')}\nAnswer:`];
    const gold = fields.place('answerKey', options.length, labels);
    return { id: fields.id(), kind: 'choices', contexts, choices: options, gold };
  });

/** Lettered lines, and the letters as choices. */
const lettered = (question: string, options: readonly string[], answer: string) =>
  `${question}\n${options.map((option, i) => `${LETTERS[i]}. ${option}`).join('\n')}\n${answer}`;

/** MMLU says what it is about and trims its questions; MMLU-Pro does neither. */
const mmlu = (name: 'mmlu' | 'mmlu_pro') =>
  choices(name, (fields) => {
    const options = fields.texts(fields.has('options') || name === 'mmlu_pro' ? 'options' : 'choices');
    const subject = name === 'mmlu' ? fields.subject() : undefined;
    const question = fields.text('question');
    const labels = LETTERS.slice(0, options.length);
    return {
      id: fields.id(),
      kind: 'choices',
      ...(subject !== undefined && {
        description: `The following are multiple choice questions (with answers) about ${subject.replaceAll('_', ' ')}.\n\n`,
      }),
      contexts: [lettered(name === 'mmlu' ? question.trim() : question, options, 'Answer:')],
      choices: labels,
      gold: fields.place(fields.has('answer_index') ? 'answer_index' : 'answer', options.length, labels),
    };
  });

const chinese = (
  name: 'ceval' | 'cmmlu',
  subjects: Readonly<Record<string, string>>,
  about: (subject: string) => string,
) =>
  choices(name, (fields) => {
    const labels = LETTERS.slice(0, 4);
    const options = labels.map((label) => fields.text(label));
    const answer = fields.has('Answer') ? 'Answer' : 'answer';
    // The test rows of C-Eval keep their answers to themselves.
    if (!fields.has(answer) || fields.row[answer] === '') return undefined;
    const contexts = [lettered(fields.text('question', 'Question').trim(), options, '答案：')];
    const subject = subjects[fields.subject() ?? ''];
    return {
      id: fields.id(),
      kind: 'choices',
      ...(subject !== undefined && { description: `${about(subject)}\n\n` }),
      contexts,
      choices: labels,
      gold: fields.place(answer, 4),
    };
  });

/** HellaSwag's texts without the marks of WikiHow. */
export function withoutMarks(text: string): string {
  return text
    .trim()
    .replaceAll(' [title]', '. ')
    .replace(/\[[^\n]*?\]/g, '')
    .replaceAll('  ', ' ');
}

const capitalised = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();

/** LAMBADA: all but the last word between spaces, and that word. */
export function splitLastWord(text: string): { readonly context: string; readonly word: string } {
  const at = text.lastIndexOf(' ');
  return { context: at < 0 ? '' : text.slice(0, at), word: text.slice(at + 1) };
}

/** Subjects of which each has a file of its own. */
const bySubject = (id: string, subjects: Readonly<Record<string, string>>, split: string) => ({
  id,
  files: Object.keys(subjects).map((subject) => ({ file: `${subject}/${split}/0000.parquet`, subject })),
});

export const CHOICES: Tasks<
  | 'lambada'
  | 'arc_easy'
  | 'arc_challenge'
  | 'piqa'
  | 'hellaswag'
  | 'winogrande'
  | 'mmlu'
  | 'mmlu_pro'
  | 'ceval'
  | 'cmmlu'
> = {
  lambada: {
    name: 'lambada',
    harness: 'lambada_openai',
    output: 'loglikelihood',
    metrics: [{ name: 'perplexity', kind: 'perplexity', of: 'logLikelihood', lowerIsBetter: true }, ACC],
    hub: converted('EleutherAI/lambada_openai', 'default/test'),
    read: reader('lambada', (fields) => ({ id: fields.id(), kind: 'word', ...splitLastWord(fields.text('text')) })),
  },
  arc_easy: {
    name: 'arc_easy',
    harness: 'arc_easy',
    output: 'multiple_choice',
    metrics: [ACC, ACC_NORM],
    hub: converted('allenai/ai2_arc', 'ARC-Easy/test'),
    read: arc('arc_easy'),
  },
  arc_challenge: {
    name: 'arc_challenge',
    harness: 'arc_challenge',
    output: 'multiple_choice',
    metrics: [ACC, ACC_NORM],
    hub: converted('allenai/ai2_arc', 'ARC-Challenge/test'),
    read: arc('arc_challenge'),
  },
  piqa: {
    name: 'piqa',
    harness: 'piqa',
    output: 'multiple_choice',
    metrics: [ACC, ACC_NORM],
    hub: converted('baber/piqa', 'default/validation'),
    read: choices('piqa', (fields) => {
      const contexts = [`Question: ${fields.text('goal')}\nAnswer:`];
      const options = [fields.text('sol1'), fields.text('sol2')];
      return { id: fields.id(), kind: 'choices', contexts, choices: options, gold: fields.place('label', 2) };
    }),
  },
  hellaswag: {
    name: 'hellaswag',
    harness: 'hellaswag',
    output: 'multiple_choice',
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
    output: 'multiple_choice',
    metrics: [ACC],
    hub: converted('allenai/winogrande', 'winogrande_xl/validation'),
    read: reader('winogrande', (fields) => {
      const sentence = fields.text('sentence');
      const gap = sentence.indexOf('_');
      if (gap < 0) throw badRow(said`Row ${fields.index + 1} is no row of winogrande: its sentence has no gap.`);
      const contexts = [fields.text('option1'), fields.text('option2')].map(
        (option) => sentence.slice(0, gap) + option,
      );
      const gold = fields.place('answer', 2, ['1', '2']);
      return { id: fields.id(), kind: 'choices', contexts, choices: [sentence.slice(gap + 1).trim()], gold };
    }),
  },
  mmlu: {
    name: 'mmlu',
    harness: 'mmlu',
    output: 'multiple_choice',
    metrics: [ACC],
    hub: converted('cais/mmlu', 'all/test'),
    read: mmlu('mmlu'),
  },
  mmlu_pro: {
    name: 'mmlu_pro',
    harness: 'leaderboard_mmlu_pro',
    output: 'multiple_choice',
    metrics: [ACC],
    hub: converted('TIGER-Lab/MMLU-Pro', 'default/test'),
    read: mmlu('mmlu_pro'),
  },
  ceval: {
    name: 'ceval',
    harness: 'ceval-valid',
    output: 'multiple_choice',
    metrics: [ACC, ACC_NORM],
    hub: bySubject('ceval/ceval-exam', CEVAL_SUBJECTS, 'val'),
    read: chinese('ceval', CEVAL_SUBJECTS, (subject) => `以下是中国关于${subject}的单项选择题，请选出其中的正确答案。`),
  },
  cmmlu: {
    name: 'cmmlu',
    harness: 'cmmlu',
    output: 'multiple_choice',
    metrics: [ACC, ACC_NORM],
    hub: bySubject('lmlmcat/cmmlu', CMMLU_SUBJECTS, 'test'),
    read: chinese('cmmlu', CMMLU_SUBJECTS, (subject) => `以下是关于${subject}的单项选择题，请直接给出正确答案的选项。`),
  },
};
