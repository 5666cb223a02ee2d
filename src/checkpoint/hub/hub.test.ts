import { expect, test } from 'vitest';
import { hubId } from '../../diffusion/model-id.ts';
import { Rate } from './rate.ts';

test.each([
  ['dllm-hub/ModernBERT-base-chat-v0.1', 'dllm-hub/ModernBERT-base-chat-v0.1'],
  [' answerdotai/ModernBERT-base\n', 'answerdotai/ModernBERT-base'],
  ['https://huggingface.co/answerdotai/ModernBERT-base', 'answerdotai/ModernBERT-base'],
  ['https://huggingface.co/answerdotai/ModernBERT-base/tree/main', 'answerdotai/ModernBERT-base'],
  ['http://192.168.0.7:8000/class/small/', 'class/small'],
  ['gpt2', 'gpt2'],
  ['../../etc/passwd', undefined],
  ['a/..', undefined],
  ['https://github.com/answerdotai/ModernBERT', undefined],
  ['git clone git@github.com:answerdotai/ModernBERT.git', undefined],
  ['git@hf.co:answerdotai/ModernBERT-base.git', 'answerdotai/ModernBERT-base'],
  ['github/small', 'github/small'],
  ['two words', undefined],
  ['', undefined],
])('the id in %j is %j', (text, id) => {
  expect(hubId(text)).toBe(id);
});

test('the rate is that of the last seconds, and falls while nothing comes', () => {
  const rate = new Rate();
  expect(rate.mark(0, 0)).toBe(0);
  for (let second = 1; second <= 10; second++) rate.mark(second * 1000, second * 1000);
  expect(rate.mark(11_000, 11_000)).toBeCloseTo(1000);
  expect(rate.mark(11_000, 16_000)).toBeLessThan(250);
});
