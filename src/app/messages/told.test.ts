import { afterAll, beforeAll, expect, test } from 'vitest';
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
  ['There are 64 branches already.', '已经有 64 个分支了。'],
  [
    'model.safetensors lacks the tensor model.final_norm.weight.',
    'model.safetensors 缺少张量 model.final_norm.weight。',
  ],
])('"%s" is said in the language of the page, with its values', (english, chinese) => {
  expect(told(english)).toBe(chinese);
});

test('a value may be a text of its own', () => {
  expect(told('The graphics device was lost while making room for 128 tokens.')).toBe(
    '为 128 个词元腾出空间时，图形设备丢失了。',
  );
  expect(
    told('WebGPU is emulated on the processor here (SwiftShader). The model runs in WebAssembly, 3.2 times as fast.'),
  ).toBe('这里的 WebGPU 由处理器模拟（SwiftShader）。模型在 WebAssembly 中运行，速度是 3.2 倍。');
  expect(told('The trace is damaged: steps[2].time should be a list of 4, but it is an object.')).toBe(
    '记录文件已损坏：steps[2].time 应是 4 项的列表，实际是一个对象。',
  );
});

test('a value may be a sentence', () => {
  expect(told('The model is being loaded again: The graphics device was lost while timing kernels.')).toBe(
    '正在重新加载模型：测量内核时，图形设备丢失了。',
  );
  expect(told('WebGPU cannot be used (This browser has no WebGPU)')).toBe('WebGPU 无法使用（这个浏览器不支持 WebGPU）');
});

test('the sentence that says most wins', () => {
  // "{file} is empty." would fit, too.
  expect(told('The vocabulary of tokenizer.json is empty.')).toBe('tokenizer.json 的词表是空的。');
});

test('an error is what happened and what to do about it; words of the browser stay as they are', () => {
  expect(toldError({ message: 'Failed to fetch', remedy: 'Try again.' })).toBe('Failed to fetch 请重试。');
});

test('in English everything stays as it was said', async () => {
  await speak('en');
  expect(toldError({ message: 'The canvas is empty.', remedy: 'Try again.' })).toBe('The canvas is empty. Try again.');
});
