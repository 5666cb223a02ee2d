import { expect, test } from 'vitest';
import { formatsIn, parametersOf, parseGpt2 } from './formats.ts';

const file = (name: string, size: number) => ({ name, size, sum: { kind: 'git' as const, hex: '0'.repeat(40) } });
const small = [file('config.json', 5), file('tokenizer.json', 7), file('README.md', 1000)];
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const gpt2 = {
  model_type: 'gpt2',
  vocab_size: 50257,
  n_positions: 1024,
  n_layer: 12,
  n_embd: 768,
  eos_token_id: 50256,
};

test('a current export: formats by suffix, with the weights that lie beside the graph', () => {
  const files = [
    ...small,
    file('onnx/model.onnx', 10),
    file('onnx/model.onnx_data', 400),
    file('onnx/model.onnx_data_1', 100),
    file('onnx/model_fp16.onnx', 250),
    file('onnx/model_uint8.onnx', 120),
  ];
  const found = formatsIn(files);
  expect(found.map(({ format, graph, chunks, bytes }) => [format, graph, chunks, bytes])).toEqual([
    ['fp32', 'model', 2, 522],
    ['fp16', 'model', 0, 262],
  ]);
  expect(found[0]?.files.map(({ name }) => name)).not.toContain('README.md');
});

test('an older export: the merged decoder, not its parts without a cache', () => {
  const parts = ['decoder_model', 'decoder_with_past_model', 'decoder_model_merged'];
  const files = parts.flatMap((name) => [file(`onnx/${name}.onnx`, 650), file(`onnx/${name}_quantized.onnx`, 160)]);
  expect(formatsIn([...small, ...files]).map(({ format, graph, bytes }) => [format, graph, bytes])).toEqual([
    ['fp32', 'decoder_model_merged', 662],
    ['q8', 'decoder_model_merged', 172],
  ]);
});

test('no weights, no formats', () => {
  expect(formatsIn([...small, file('model.safetensors', 500)])).toEqual([]);
});

test('the smallest GPT-2 has 124,439,808 parameters', () => {
  expect(parametersOf(parseGpt2(encode(gpt2)))).toBe(124_439_808);
});

test.each([
  [{ ...gpt2, model_type: 'llama' }, 'of type "llama"'],
  [{ ...gpt2, n_layer: 'many' }, 'n_layer'],
  [{ ...gpt2, vocab_size: 0 }, 'vocab_size'],
])('a config.json that is not GPT-2’s is refused', (config, sentence) => {
  expect(() => parseGpt2(encode(config))).toThrow(sentence);
});
