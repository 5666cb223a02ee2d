import { expect, test } from 'vitest';
import { CHAT_DEFAULTS, defaultsOf } from './chat-defaults.ts';
import { isAsMade, makerOf } from './makers.ts';
import { SETTINGS } from './settings.ts';

test.each([
  [
    'a2d-qwen3 bd3lm-v0.1',
    'continue',
    { process: 'blocks', sampler: 'confidence', block: 32, steps: 128, temperature: 0 },
  ],
  [
    'a2d-qwen3',
    'continue',
    { process: 'masked', sampler: 'confidence', steps: 128, length: 128, block: 128, temperature: 0 },
  ],
  ['a2d-llama', 'chat', { sampler: 'confidence', block: 128 }],
  ['llada', 'continue', { sampler: 'confidence', steps: 128, length: 128, block: 128, temperature: 0 }],
  ['Dream', 'continue', { sampler: 'dream-entropy', steps: 512, length: 512, temperature: 0.2, topP: 0.95 }],
  ['modernbert', 'chat', CHAT_DEFAULTS],
] as const)('%s in mode %s', (model, mode, settings) => {
  const [modelType = '', name = 'mdlm-v0.1'] = model.split(' ');
  expect(makerOf(modelType, `dllm-hub/${name}`, mode)?.settings).toMatchObject(settings);
});

test('of other models, and of ModernBERT outside a chat, nothing is known', () => {
  for (const modelType of ['modernbert', 'bert', 'qwen3', 'my-a2d-thing']) {
    expect(makerOf(modelType, '', 'continue')).toBeUndefined();
  }
});

test('every setting of theirs is one that a link can carry', () => {
  for (const modelType of ['a2d-qwen3', 'llada', 'Dream']) {
    const maker = makerOf(modelType, '', 'continue');
    for (const [name, value] of Object.entries(maker?.settings ?? {})) {
      const row = SETTINGS[name as keyof typeof SETTINGS];
      expect(row.parse((row.format as (value: unknown) => string)(value))).toBe(value);
    }
  }
});

test('the settings are as made once they are taken over, and not when one is changed', () => {
  const maker = makerOf('Dream', '', 'continue');
  if (maker === undefined) throw new Error('no maker');
  const taken = { ...defaultsOf('continue'), ...maker.settings };
  expect(isAsMade(taken, maker)).toBe(true);
  expect(isAsMade({ ...taken, temperature: 1 }, maker)).toBe(false);
});
