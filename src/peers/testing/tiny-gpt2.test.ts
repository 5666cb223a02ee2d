import * as ort from 'onnxruntime-web';
import { expect, test } from 'vitest';
import { TinyGpt2, WEIGHTS } from './tiny-gpt2.ts';

const size = { vocab: 61, positions: 24, layers: 2, heads: 3, width: 24 };

test('the graph with past keys and values and the plain sums over the whole text agree at every token', async () => {
  const tiny = new TinyGpt2(size);
  const { graph, weights } = tiny.graph();
  const session = await ort.InferenceSession.create(graph, {
    executionProviders: ['wasm'],
    externalData: [{ path: WEIGHTS, data: weights }],
  });
  const { layers, heads, width } = size;
  const kinds = Array.from({ length: layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
  const empty = () => new ort.Tensor('float32', new Float32Array(0), [1, heads, 0, width / heads]);
  let past = Object.fromEntries(kinds.map((kind) => [kind, empty() as ort.Tensor]));
  const integers = (values: number[]) =>
    new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
  const text = [5, 60, 17];
  let read = 0;
  for (let step = 0; step < 8; step++) {
    const fresh = text.slice(read);
    const answer = await session.run({
      input_ids: integers(fresh),
      attention_mask: integers(text.map(() => 1)),
      position_ids: integers(fresh.map((_, i) => read + i)),
      ...Object.fromEntries(kinds.map((kind) => [`past_key_values.${kind}`, past[kind] as ort.Tensor])),
    });
    past = Object.fromEntries(kinds.map((kind) => [kind, answer[`present.${kind}`] as ort.Tensor]));
    const logits = ((answer['logits'] as ort.Tensor).data as Float32Array).slice(-size.vocab);
    const want = tiny.logits(text);
    for (const [id, value] of want.entries()) expect(logits[id]).toBeCloseTo(value, 4);
    read = text.length;
    text.push(want.indexOf(Math.max(...want)));
  }
  expect(text.slice(3)).toEqual(tiny.greedy([5, 60, 17], 8));
  expect(new Set(text).size).toBeGreaterThan(4); // and it is no text that any broken model would write
});
