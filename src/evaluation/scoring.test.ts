/**
 * Against lm-evaluation-harness itself: what 0.4.13 says of odd inputs of ours (`golden/make_harness.py`), and the numbers of
 * commit 4e7e0d4 (shared golden eval_scoring) where they lie beside the repository.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Message } from '../checkpoint/model.ts';
import { flexibleNumber, sameNumber, strictNumber } from './answers.ts';
import { multipleChoice } from './evaluate.ts';
import harness from './golden/harness.json' with { type: 'json' };
import { checkable, followsLoosely, followsStrictly } from './ifeval.ts';
import { mathAnswer, sameMath } from './math-answers.ts';
import { encodePair, requestsOf } from './requests.ts';
import { selfBleu } from './self-bleu.ts';
import { splitLastWord, withoutMarks } from './tasks/choices.ts';
import { docsOf, rowsOfFile, TASKS } from './tasks.ts';

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

describe('as the harness, on odd inputs', () => {
  test('two ways of writing a number, and what is read out of an answer', () => {
    for (const { answer, gold, same } of harness.math) expect(sameMath(answer, gold), `${answer} | ${gold}`).toBe(same);
    for (const { text, solution, exact_match: right } of harness.math_answers) {
      const doc = TASKS.math500.read({ problem: 'x', solution, answer: '' }, 0);
      expect(doc?.kind === 'write' && doc.judge(text).scores['exact_match'], text).toBe(right);
    }
  });

  test('the answers of GSM8K', () => {
    for (const { text, gold, ...expected } of harness.gsm8k) {
      const [strict, flexible] = [strictNumber(text), flexibleNumber(text)];
      const found = { strict, flexible, strictly: sameNumber(strict, gold), flexibly: sameNumber(flexible, gold) };
      expect(found, text).toEqual(expected);
    }
  });

  test('instructions of IFEval', () => {
    for (const { name, kwargs, text, follows } of harness.ifeval)
      expect(followsStrictly(text, [{ name, kwargs }]), `${name} ${JSON.stringify(text)}`).toEqual([follows]);
    for (const { name, kwargs, text, follows } of harness.ifeval_loose)
      expect(followsLoosely(text, [{ name, kwargs }]), `${name} ${JSON.stringify(text)}`).toEqual([follows]);
  });

  test('rows of HellaSwag and WinoGrande', () => {
    for (const { row, query, choices } of harness.hellaswag)
      expect(TASKS.hellaswag.read(row, 0)).toMatchObject({ contexts: [query], choices });
    for (const { row, contexts, continuation, gold } of harness.winogrande)
      expect(TASKS.winogrande.read(row, 0)).toMatchObject({ contexts, choices: [continuation], gold });
  });
});

const template = {
  render: (messages: readonly Message[]) =>
    `${messages.map(({ role, content }) => `<${role}>${content}`).join('')}<answer>`,
};

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
      context: '<user>Question: Which?\nAnswer:<answer>',
      continuation: 'a dog',
    });
  });

  test('follows examples with their answers', () => {
    const { asked, needed, total } = docsOf(TASKS.arc_easy, [arc, arc, arc], { limit: 1, shots: 1 });
    expect([asked.length, [...needed], total]).toEqual([1, [0, 1], 2]);
    const [{ doc, examples }] = asked as [(typeof asked)[number]];
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
    if (mmlu?.kind !== 'choices') throw new Error('choices');
    expect(mmlu).toMatchObject({ choices: ['A', 'B'], gold: 1 });
    // What it is about is said once, before the examples; in a conversation by the system.
    const about = 'The following are multiple choice questions (with answers) about high school.\n\n';
    const question = '1+1?\nA. 1\nB. 2\nAnswer:';
    expect(requestsOf(mmlu, { examples: [mmlu] })[0]?.context).toBe(`${about}${question} B\n\n${question}`);
    expect(requestsOf(mmlu, { examples: [], template })[0]?.context).toBe(`<system>${about}<user>${question}<answer>`);
    // MMLU-Pro: up to ten choices, its question as it is, and nothing said before.
    const options = Array.from({ length: 10 }, (_, i) => `o${i}`);
    const pro = TASKS.mmlu_pro.read({ question: ' q ', options, answer: 'J', category: 'law' }, 0);
    expect(pro).toMatchObject({ gold: 9, choices: [...'ABCDEFGHIJ'] });
    expect(pro?.kind === 'choices' && pro.contexts[0]).toMatch(/^ q \nA\. o0\n.*J\. o9\nAnswer:$/s);
    const ceval = TASKS.ceval.read({ question: '一？', A: '甲', B: '乙', C: '丙', D: '丁', answer: 'C' }, 0);
    expect(ceval?.kind === 'choices' && [ceval.contexts[0], ceval.gold]).toEqual([
      '一？\nA. 甲\nB. 乙\nC. 丙\nD. 丁\n答案：',
      2,
    ]);
    expect(TASKS.ceval.read({ question: '一？', A: '甲', B: '乙', C: '丙', D: '丁', answer: '' }, 0)).toBeUndefined();
  });

  test('is a subject in turn, with examples of its own', () => {
    const row = (subject: string, n: number) => ({
      subject,
      question: `${n}？`,
      A: 'a',
      B: 'b',
      C: 'c',
      D: 'd',
      answer: 'A',
    });
    const rows = [row('law', 0), row('law', 1), row('law', 2), row('physician', 3), row('physician', 4)];
    const { asked, needed, total } = docsOf(TASKS.ceval, rows, { limit: 2, shots: 1 });
    expect([asked.map(({ index }) => index), [...needed].sort(), total]).toEqual([[1, 4], [0, 1, 3, 4], 3]);
    const [first, second] = asked as [(typeof asked)[number], (typeof asked)[number]];
    if (second.doc.kind !== 'choices') throw new Error('choices');
    expect(requestsOf(second.doc, second)[0]?.context).toMatch(
      /^以下是中国关于医师资格的单项选择题，请选出其中的正确答案。\n\n3？[\s\S]*答案： A\n\n4？/,
    );
    expect(first.examples).not.toEqual(second.examples);
    const sparse = rows.map((each, index) => (needed.has(index) ? each : null));
    expect(docsOf(TASKS.ceval, sparse, { limit: 2, shots: 1 }).asked).toMatchObject(
      asked.map(({ index }) => ({ index })),
    );
  });

  test('reads tables: lists as pandas writes them into a cell, answers as numbers, subjects in names of files', () => {
    const question = '1+1?';
    const doc = TASKS.mmlu.read({ question, subject: 'law', choices: ['one', "it's two"], answer: 1 }, 0);
    for (const choices of [`['one', "it's two"]`, `['one' "it's two"]`, '["one", "it\'s two"]'])
      expect(TASKS.mmlu.read({ question, subject: 'law', choices, answer: '1' }, 0), choices).toEqual(doc);
    const cell = "{'text': array(['a stone', 'a dog'], dtype=object), 'label': array(['A', 'B'], dtype=object)}";
    expect(TASKS.arc_easy.read({ ...arc, choices: cell }, 0)).toEqual(TASKS.arc_easy.read(arc, 0));
    expect(() => TASKS.mmlu.read({ question, choices: '[one', answer: 0 }, 0)).toThrow('no list in "choices"');
    for (const choices of [['one', null], [], [['one']], 'one'])
      expect(() => TASKS.mmlu.read({ question, choices, answer: 0 }, 0)).toThrow('no list in "choices"');

    // Digits that are labels are no numbers from 0, whatever a table made of them.
    const gap = { sentence: 'It was _ who ran.', option1: 'Tom', option2: 'Ann' };
    for (const answer of ['2', 2]) expect(TASKS.winogrande.read({ ...gap, answer }, 0)).toMatchObject({ gold: 1 });
    for (const answer of ['0', 0, 3, '', null, ['1']])
      expect(() => TASKS.winogrande.read({ ...gap, answer }, 0)).toThrow('names none of 2 choices');

    const row = { Question: '一？', A: 'a', B: 'b', C: 'c', D: 'd', Answer: 'A' };
    expect(rowsOfFile('cmmlu', 'agronomy.csv', [row])).toEqual([{ ...row, subject: 'agronomy' }]);
    expect(rowsOfFile('ceval', 'law_val.csv', [row])).toEqual([{ ...row, subject: 'law' }]);
    expect(rowsOfFile('cmmlu', 'mine.csv', [row])).toEqual([row]);
    expect(rowsOfFile('cmmlu', 'mine.csv', [row], 'anatomy')).toEqual([{ ...row, subject: 'anatomy' }]);
    const [law, arts] = [
      { ...row, subject: 'law' },
      { ...row, subject: 'arts' },
    ];
    expect(rowsOfFile('cmmlu', 'all.jsonl', [law, arts], 'arts')).toEqual([arts]);
    expect(rowsOfFile('cmmlu', 'agronomy.csv', [row], 'arts')).toEqual([]);
  });

  test('is a word after its passage, in examples after two spaces as there', () => {
    const doc = TASKS.lambada.read({ text: 'I see a dog' }, 0);
    if (doc?.kind !== 'word') throw new Error('word');
    expect(requestsOf(doc, { examples: [doc], template })).toEqual([
      { context: '<user>I see a  dog\n\nI see a<answer>', continuation: ' dog' },
    ]);
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
  expect(mathAnswer('we get $x=4$ and stop')).toBe('x=4');
  const doc = TASKS.math500.read({ problem: 'x', solution: 'so \\boxed{4}', answer: '4' }, 0);
  // A box alone counts only where boxes are read.
  expect(doc?.kind === 'write' && doc.judge('so \\boxed{4}.').scores).toEqual({ exact_match: 0, boxed: 1 });
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
