/** Tasks whose answers a model writes, and a program reads: as lm-evaluation-harness words and reads them. */
import { flexibleNumber, sameNumber, sameText, strictNumber } from '../answers.ts';
import { checkable, followsLoosely, followsStrictly, type Instruction } from '../ifeval.ts';
import { lastBoxed, mathAnswer, sameMath } from '../math-answers.ts';
import { type Fields, nested, reader } from './fields.ts';
import { converted, type Doc, exactMatch, type Row, SPEED, type Tasks } from './task.ts';

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

export const WRITING: Tasks<'gsm8k' | 'math500' | 'ifeval' | 'exact_match'> = {
  gsm8k: {
    name: 'gsm8k',
    harness: 'gsm8k',
    output: 'generate_until',
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
    output: 'generate_until',
    metrics: [exactMatch('exact_match'), exactMatch('boxed'), ...SPEED],
    hub: converted('HuggingFaceH4/MATH-500', 'default/test'),
    read: reader('math500', (fields) => {
      const target = lastBoxed(fields.has('solution') ? fields.text('solution') : '') ?? fields.text('answer');
      const prompt = `Problem: ${fields.text('problem')}\nAnswer:`;
      // The harness reads no boxes; the second number does.
      return write(fields, { prompt, until: ['Problem:'], target }, (text) => ({
        exact_match: [mathAnswer(text), sameMath(mathAnswer(text), target)],
        boxed: [lastBoxed(text) ?? mathAnswer(text), sameMath(lastBoxed(text) ?? mathAnswer(text), target)],
      }));
    }),
  },
  ifeval: {
    name: 'ifeval',
    harness: 'ifeval',
    output: 'generate_until',
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
      const kwargs = (nested(fields.row['kwargs']) ?? []) as readonly Row[];
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
    output: 'generate_until',
    metrics: [exactMatch('exact_match'), ...SPEED],
    read: reader('exact_match', (fields) => {
      const target = fields.text('answer', 'target', 'output', 'completion');
      const prompt = fields.text('prompt', 'question', 'input');
      return write(fields, { prompt, until: ['\n\n'], target }, (text) => ({
        exact_match: [text.trim(), sameText(text, target)],
      }));
    }),
  },
};
