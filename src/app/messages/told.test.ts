import { afterAll, beforeAll, expect, test } from 'vitest';
import { clause, said } from '../../text/said.ts';
import { speak } from './index.ts';
import { errorsIn } from './languages.ts';
import { told, toldError } from './told.ts';
import { setErrors } from './words.ts';

beforeAll(async () => {
  await speak('zh-Hans');
  setErrors(await errorsIn('zh-Hans'));
});
afterAll(() => speak('en'));

test.each([
  ['The canvas is empty.', '画布是空的。'],
  [said`There are ${64} branches already.`, '已经有 64 个分支了。'],
  [
    said`${'model.safetensors'} lacks the tensor ${'model.final_norm.weight'}.`,
    'model.safetensors 缺少张量 model.final_norm.weight。',
  ],
])('%o is said in the language of the page, with its values', (text, chinese) => {
  expect(told(text)).toBe(chinese);
});

test('a value may be a text of its own', () => {
  const doing = said`making room for ${128} tokens`;
  expect(told(said`The graphics device was lost while ${doing}.`)).toBe('为 128 个词元腾出空间时，图形设备丢失了。');
});

test('a value may be a sentence, whole or as a clause', () => {
  const lost = said`The graphics device was lost while ${'timing kernels'}.`;
  expect(told(said`The model is being loaded again: ${lost}`)).toBe('正在重新加载模型：测量内核时，图形设备丢失了。');
  expect(told(said`WebGPU cannot be used (${clause('This browser has no WebGPU.')})`)).toBe(
    'WebGPU 无法使用（这个浏览器不支持 WebGPU）',
  );
});

test('a value is never taken for a sentence, and a sentence is never read back from its English', () => {
  expect(told('There are 64 branches already.')).toBe('There are 64 branches already.');
  expect(told(said`${'The canvas {name}'} lacks the tensor ${'{}'}.`)).toBe('The canvas {name} 缺少张量 {}。');
});

test('an error is what happened and what to do about it; words of the browser stay as they are', () => {
  expect(toldError({ message: 'Failed to fetch', remedy: 'Try again.' })).toBe('Failed to fetch 请重试。');
});

test('in English everything stays as it was said', async () => {
  await speak('en');
  expect(toldError({ message: 'The canvas is empty.', remedy: 'Try again.' })).toBe('The canvas is empty. Try again.');
});
