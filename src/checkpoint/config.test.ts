import { expect, test } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import { parseConfig } from './config.ts';

test('bytes that are not a JSON object are refused', () => {
  for (const text of ['', 'nonsense', '[]', 'null', '<!doctype html>']) {
    expect(() => parseConfig(new TextEncoder().encode(text))).toThrow(UnmaskError);
  }
});

test('a refusal names the file and says what to do', () => {
  const bytes = new TextEncoder().encode('{"model_type":"modernbert","hidden_size":"768"}');
  expect(() => parseConfig(bytes)).toThrow(
    expect.objectContaining({ code: 'checkpoint', file: 'config.json', message: expect.stringMatching(/hidden_size/) }),
  );
});
