import { expect, test } from 'vitest';
import { parseLog } from './log.ts';

const LINES = [
  '{"recipe": "python train.py --data a.txt", "parameters": 5, "data": ["a.txt"]}',
  '{"step": 50, "tokens": 204800, "loss": 3.75, "rate": 0.0008}',
  '{"step": 60, "tokens": 245760, "held_out": 3.1, "bits_per_char": 1.1}',
  '',
];

test('steps, measurements and commands are told apart', () => {
  expect(parseLog(LINES.join('\n'))).toEqual({
    kind: 'writes',
    loss: [[204800, 3.75]],
    hidden: [[245760, 1.1]],
    recipe: ['python train.py --data a.txt'],
  });
});

test('a model that chats is measured on conversations', () => {
  const line = '{"step": 60, "tokens": 245760, "bits_per_char": 1.1, "held_out_answers": 0.4}';
  expect(parseLog(line)).toMatchObject({ kind: 'chats', hidden: [[245760, 0.4]] });
});

test('a model that edits is measured by the loss of its edits', () => {
  expect(parseLog('{"step": 9, "tokens": 70, "edit_loss": 0.5}')).toMatchObject({ kind: 'edits', hidden: [[70, 0.5]] });
});

test('what is no log is none', () => {
  for (const text of ['', '<!doctype html>', 'null\n', LINES[0] as string]) expect(parseLog(text)).toBeUndefined();
});
