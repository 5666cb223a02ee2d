import { memory, setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { describe, expect, test } from 'vitest';
import { GOLDEN, openGolden } from '../checkpoint/testing/golden.ts';
import { Geometry } from './geometry.ts';
import { decode, encode } from './network.ts';
import { disposeParameters, loadParameters } from './parameters.ts';

/** Of logits that span about 20: f32 rounding in another order, and an erf good to 1.5e-7. The largest seen is 4e-5. */
const TOLERANCE = 2e-4;

describe.each(['wasm', 'cpu'])('ModernBERT on the %s backend', (backend) => {
  test.each(GOLDEN)('gives the logits of PyTorch: %s', async (name) => {
    await setBackend(backend);
    const before = memory().numTensors;
    const { ids, rows, logits, ...model } = await openGolden(name);
    const parameters = await loadParameters(model.arch, model.weights);
    const geometry = new Geometry(ids.length);
    const hidden = encode(model.arch, parameters, geometry, ids);
    const answer = decode(model.arch, parameters, hidden, rows);
    const values = await answer.data();

    expect(answer.shape).toEqual([model.arch.vocab, rows.length]);
    let worst = 0;
    for (const [m, row] of logits.entries()) {
      for (const [id, logit] of row.entries()) {
        worst = Math.max(worst, Math.abs(logit - (values[id * rows.length + m] as number)));
      }
    }
    expect(worst).toBeLessThan(TOLERANCE);

    for (const tensor of [hidden, answer]) tensor.dispose();
    geometry.dispose();
    disposeParameters(parameters);
    expect(memory().numTensors).toBe(before);
  });
});

test('a batch of two canvases gives what each gives alone', async () => {
  await setBackend('wasm');
  const { ids, ...model } = await openGolden('long');
  const parameters = await loadParameters(model.arch, model.weights);
  const geometry = new Geometry(ids.length);
  const other = ids.toReversed();
  const both = encode(model.arch, parameters, geometry, Int32Array.from([...ids, ...other]));
  const alone = [ids, other].map((canvas) => encode(model.arch, parameters, geometry, canvas).dataSync());
  const expected = alone.flatMap((values) => [...values]);
  for (const [i, value] of both.dataSync().entries())
    expect(Math.abs(value - (expected[i] as number))).toBeLessThan(1e-4);
});
