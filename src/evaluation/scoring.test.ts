/** Against lm-evaluation-harness itself (shared golden eval_scoring, commit 4e7e0d4) where its numbers lie beside the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Message } from '../checkpoint/model.ts';
import { flexibleNumber, sameNumber, strictNumber } from './answers.ts';
import { multipleChoice } from './evaluate.ts';
import { checkable, followsLoosely, followsStrictly } from './ifeval.ts';
import { mathAnswer, sameMath } from './math-answers.ts';
import { encodePair, requestsOf } from './requests.ts';
import { selfBleu } from './self-bleu.ts';
import { docsOf, splitLastWord, TASKS, withoutMarks } from './tasks.ts';

const file = new URL('../../../shared/golden/eval_scoring.json', import.meta.url);
const golden = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;

describe.skipIf(golden === undefined)('as the harness', () => {
  test('scores choices', () => {
    for (const { loglikelihoods, lengths, gold, acc, acc_norm } of golden.multiple_choice) {
      expect(multipleChoice(loglikelihoods, lengths, gold)).toEqual({ acc, acc_norm });
    }
  });

  test('counts the characters of a choice', () => {
    for (const { choices, lengths } of golden.multiple_choice) {
      expect(choices.map((choice: string) => [...choice].length)).toEqual(lengths);
    }
  });

  test('reads the answers of GSM8K', () => {
    for (const { text, gold_answer: gold, ...expected } of golden.gsm8k.cases) {
      const [strict, flexible] = [strictNumber(text), flexibleNumber(text)];
      const found = {
        strict,
        flexible,
        strict_correct: Number(sameNumber(strict, gold)),
        flexible_correct: Number(sameNumber(flexible, gold)),
      };
      expect(found, text).toEqual(expected);
    }
  });

  test('splits LAMBADA and pairs of texts', () => {
    for (const { text, context, target } of golden.lambada.split) {
      const { context: before, word } = splitLastWord(text);
      expect([before, ` ${word}`]).toEqual([context, target]);
    }
    const pieces = (text: string) => text.match(/ ?\S+|\s+/g) ?? [];
    for (const each of golden.encode_pair.filter((one: { adds_special: boolean }) => !one.adds_special)) {
      const found = toyPair(pieces, each);
      expect([found.context, found.continuation], JSON.stringify(each)).toEqual([
        each.context_pieces,
        each.continuation_pieces,
      ]);
    }
  });
});

/** `encodePair` over words with their leading space: pieces stand for ids. */
function toyPair(pieces: (text: string) => string[], request: { context: string; continuation: string }) {
  const ids = new Map<string, number>();
  const idOf = (piece: string) => {
    if (!ids.has(piece)) ids.set(piece, ids.size);
    return ids.get(piece) as number;
  };
  const names = () => [...ids.keys()];
  const { context, continuation } = encodePair((text) => pieces(text).map(idOf), request);
  return { context: context.map((id) => names()[id]), continuation: continuation.map((id) => names()[id]) };
}

const template = { render: ([first]: readonly Message[]) => `<chat>${first?.content}<answer>` };

describe('what a model is handed', () => {
  const arc = {
    question: 'Which?',
    choices: { text: ['a stone', 'a dog'], label: ['A', 'B'] },
    answerKey: 'B',
    id: 'x',
  };

  test('has one space before a choice, and none after a chat template', () => {
    const doc = TASKS.arc_easy.read(arc, 0);
    if (doc?.kind !== 'choices') throw new Error('choices');
    expect(doc).toMatchObject({ id: 'x', gold: 1 });
    expect(requestsOf(doc, { examples: [] })).toEqual([
      { context: 'Question: Which?\nAnswer:', continuation: ' a stone' },
      { context: 'Question: Which?\nAnswer:', continuation: ' a dog' },
    ]);
    expect(requestsOf(doc, { examples: [], template })[1]).toEqual({
      context: '<chat>Question: Which?\nAnswer:<answer>',
      continuation: 'a dog',
    });
  });

  test('follows examples with their answers', () => {
    const { examples, asked, total } = docsOf(TASKS.arc_easy, [arc, arc, arc], { limit: 1, shots: 1 });
    expect([examples.length, asked.length, total]).toEqual([1, 1, 2]);
    const [{ doc }] = asked as [(typeof asked)[number]];
    if (doc.kind !== 'choices') throw new Error('choices');
    expect(requestsOf(doc, { examples })[0]?.context).toBe(
      'Question: Which?\nAnswer: a dog\n\nQuestion: Which?\nAnswer:',
    );
    expect(() => docsOf(TASKS.arc_easy, [arc], { limit: 0, shots: 1 })).toThrow('1 of them are examples');
  });

  test('varies the context in WinoGrande', () => {
    const row = { sentence: 'Because _ was late, they left.', option1: 'Tom', option2: 'Ann', answer: '2' };
    const doc = TASKS.winogrande.read(row, 0);
    if (doc?.kind !== 'choices') throw new Error('choices');
    expect(doc.gold).toBe(1);
    expect(requestsOf(doc, { examples: [] })).toEqual([
      { context: 'Because Tom', continuation: ' was late, they left.' },
      { context: 'Because Ann', continuation: ' was late, they left.' },
    ]);
  });

  test('letters its lines in MMLU, C-Eval and CMMLU', () => {
    const mmlu = TASKS.mmlu.read({ question: ' 1+1? ', choices: ['1', '2'], answer: 1, subject: 'high_school' }, 0);
    expect(mmlu).toMatchObject({ choices: ['A', 'B'], gold: 1 });
    expect(mmlu?.kind === 'choices' && mmlu.contexts[0]).toBe(
      'The following are multiple choice questions (with answers) about high school.\n\n1+1?\nA. 1\nB. 2\nAnswer:',
    );
    const ceval = TASKS.ceval.read({ question: '一？', A: '甲', B: '乙', C: '丙', D: '丁', answer: 'C' }, 0);
    expect(ceval?.kind === 'choices' && [ceval.contexts[0], ceval.gold]).toEqual([
      '一？\nA. 甲\nB. 乙\nC. 丙\nD. 丁\n答案：',
      2,
    ]);
    expect(TASKS.ceval.read({ question: '一？', A: '甲', B: '乙', C: '丙', D: '丁', answer: '' }, 0)).toBeUndefined();
  });

  test('loses the marks of WikiHow', () => {
    expect(withoutMarks(' How [title] to [step] cook  rice ')).toBe('How. to cook rice');
  });

  test('is refused where a row is of another shape, by name', () => {
    expect(() => TASKS.piqa.read({ text: 'x' }, 4)).toThrow('Row 5 is no row of piqa');
    expect(() => TASKS.arc_easy.read({ ...arc, answerKey: 'E' }, 0)).toThrow('"answerKey" names none of 2 choices');
  });
});

test('answers of MATH are read and compared as MATH does it', () => {
  expect(mathAnswer('so \\boxed{\\frac{1}{2}}.')).toBe('\\frac{1}{2}');
  expect(mathAnswer('we get $x=4$ and stop')).toBe('x=4');
  expect(mathAnswer('it is \\[ 7 \\] here')).toBe('7');
  const same = [
    '0.5 \\frac12',
    '\\dfrac{3}{4} 3/4',
    'x=12 12',
    '\\sqrt3 \\sqrt{3}',
    '10\\% 10',
    '.5 0.5',
    '5\\text{ cm} 5',
  ];
  for (const pair of same) {
    const at = pair.lastIndexOf(' ');
    expect(sameMath(pair.slice(0, at), pair.slice(at + 1)), pair).toBe(true);
  }
  expect(sameMath('12', '13')).toBe(false);
  expect(sameMath('2/3', '3/2')).toBe(false);
});

test.each([
  ['keywords:existence', { keywords: ['cat', 'dog'] }, 'A Cat and a dog.', 'A cat.'],
  ['keywords:forbidden_words', { forbidden_words: ['cat'] }, 'A category.', 'The cat sat.'],
  ['keywords:frequency', { keyword: 'up', frequency: 2, relation: 'at least' }, 'Up and up.', 'Up.'],
  ['keywords:letter_frequency', { letter: 'e', let_frequency: 2, let_relation: 'less than' }, 'We.', 'We see.'],
  ['length_constraints:number_words', { num_words: 3, relation: 'at least' }, 'one two three', 'one two'],
  ['length_constraints:number_paragraphs', { num_paragraphs: 2 }, 'one *** two', 'one *** *** two'],
  [
    'length_constraints:nth_paragraph_first_word',
    { num_paragraphs: 2, nth_paragraph: 2, first_word: 'Weekend' },
    'a\n\n"Weekend, at last',
    'weekend',
  ],
  ['detectable_content:number_placeholders', { num_placeholders: 1 }, 'to [name]', 'to you'],
  ['detectable_content:postscript', { postscript_marker: 'P.S.' }, 'x\nP. S. more', 'x'],
  ['detectable_format:number_bullet_lists', { num_bullets: 2 }, '* a\n- b', '* a'],
  ['detectable_format:constrained_response', {}, 'My answer is no.', 'No.'],
  ['detectable_format:number_highlighted_sections', { num_highlights: 1 }, 'a *b* c', 'a ** c'],
  [
    'detectable_format:multiple_sections',
    { section_spliter: 'Section', num_sections: 2 },
    'Section 1 a\nSection 2 b',
    'Section 1',
  ],
  ['detectable_format:json_format', {}, '```json\n{"a": 1}\n```', '{a}'],
  ['detectable_format:title', {}, '<<joy>>\ntext', '<< >>'],
  ['combination:two_responses', {}, 'one ****** two', 'one ****** one'],
  ['combination:repeat_prompt', { prompt_to_repeat: 'Say so' }, 'say so. yes', 'yes'],
  ['startend:end_checker', { end_phrase: 'The end' }, 'x "the end"', 'the end.'],
  ['startend:quotation', {}, ' "all" ', '"all'],
  ['change_case:capital_word_frequency', { capital_frequency: 2, capital_relation: 'at least' }, 'NOT NOW', 'not NOW'],
  ['punctuation:no_comma', {}, 'a b', 'a, b'],
])('IFEval checks %s', (name, kwargs, follows, not) => {
  expect(followsStrictly(follows, [{ name, kwargs }])).toEqual([true]);
  expect(followsStrictly(not, [{ name, kwargs }])).toEqual([false]);
  expect(checkable([name])).toBe(true);
});

test('IFEval leaves out what needs a language detector, and is lenient where asked', () => {
  expect(checkable(['punctuation:no_comma', 'language:response_language'])).toBe(false);
  const quoted = [{ name: 'startend:quotation', kwargs: {} }];
  expect(followsStrictly('Sure:\n"all"', quoted)).toEqual([false]);
  expect(followsLoosely('Sure:\n"all"', quoted)).toEqual([true]);
  expect(followsStrictly(' ', [{ name: 'punctuation:no_comma', kwargs: {} }])).toEqual([false]);
});

test('Self-BLEU is 1 for one text again and again, and low for strangers', () => {
  const text = 'the cat sat on the mat today'.split(' ');
  expect(selfBleu([text, text, text])).toBeCloseTo(1, 12);
  expect(selfBleu([text, 'a dog ran over my old green hill'.split(' ')])).toBeLessThan(0.15);
  expect(selfBleu([text])).toBeNaN();
});
