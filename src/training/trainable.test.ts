import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { GOLDEN, openGolden } from '../checkpoint/testing/golden.ts';
import { predictOne } from '../diffusion/network.ts';
import { split } from './objectives/objective.ts';
import { openEditGradients } from './testing/edits.ts';
import { BARE, expectNothingLeft, GRADIENTS, openGradients, testAgainstPyTorch, worstOf } from './testing/gradients.ts';
import { Trainable } from './trainable.ts';

describe.each(['cpu', 'wasm'])('on the %s backend', (backend) => {
  testAgainstPyTorch(() => setBackend(backend));
});

test('a hundred steps leave the number of tensors and their bytes as they were after twenty', async () => {
  await setBackend('wasm');
  await expectNothingLeft(100);
});

test.each([...GRADIENTS, 'noisy-and-clean', 'edits'] as const)(
  'finite differences along every tensor agree with its gradient: %s',
  async (name) => {
    await setBackend('wasm');
    const { arch, weights, question } = await (name === 'edits' ? openEditGradients() : openGradients(name));
    const start = await Trainable.create(arch, weights);
    const values = (await start.weights()) as Map<string, Float32Array<ArrayBuffer>>;
    await start.step(question, BARE);
    const gradients = (await start.optimiserState()).first;
    start.dispose();
    const loss = async (tensor: string, moved: Float32Array<ArrayBuffer>) => {
      const read = async (each: string) => (each === tensor ? new Uint8Array(moved.buffer) : weights.read(each));
      const model = await Trainable.create(arch, { ...weights, read });
      try {
        if (question.edits) return await model.loss(question);
        const each = await model.crossEntropy(question);
        return each.reduce((sum, value, n) => sum + value * (question.weights[n] as number), 0);
      } finally {
        model.dispose();
      }
    };
    for (const [tensor, gradient] of gradients) {
      // Along its gradient a loss rises by the gradient's length. Central differences of two steps, extrapolated to none.
      const value = values.get(tensor) as Float32Array<ArrayBuffer>;
      const length = Math.hypot(...gradient);
      const slope = async (part: number) => {
        const h = (part * Math.hypot(...value)) / length;
        const moved = (step: number) => value.map((each, i) => each + step * (gradient[i] as number));
        return ((await loss(tensor, moved(h))) - (await loss(tensor, moved(-h)))) / (2 * h * length);
      };
      const extrapolated = (4 * (await slope(2e-4)) - (await slope(4e-4))) / 3;
      expect(Math.abs(extrapolated / length - 1), tensor).toBeLessThan(1e-2);
    }
  },
);

test('the halves of a question give the step of the whole', async () => {
  await setBackend('wasm');
  const { arch, weights, question, adamw } = await openGradients('tied');
  const whole = await Trainable.create(arch, weights);
  const halves = await Trainable.create(arch, weights);
  const a = await whole.step(question, adamw);
  const b = await halves.step(split(question, 1), adamw);
  expect(Math.abs(a.loss - b.loss)).toBeLessThan(1e-4);
  expect(Math.abs(a.gradNorm / b.gradNorm - 1)).toBeLessThan(1e-5);
  expect(worstOf(await halves.weights(), await whole.weights())).toBeLessThan(1e-4);
});

test('a run that was saved and restored goes on as the unbroken one, to the bit', async () => {
  await setBackend('wasm');
  const { arch, weights, question, adamw } = await openGradients('causal');
  const unbroken = await Trainable.create(arch, weights);
  for (let step = 0; step < 2; step++) await unbroken.step(question, adamw);
  const kept = await unbroken.weights();
  const state = await unbroken.optimiserState();
  const restored = await Trainable.create(arch, {
    ...weights,
    tensors: new Map([...weights.tensors].map(([name, info]) => [name, { ...info, dtype: 'F32' }])),
    read: async (name) => new Uint8Array((kept.get(name) as Float32Array<ArrayBuffer>).slice().buffer),
  });
  restored.restore(state);
  for (let step = 0; step < 3; step++) {
    expect(await restored.step(question, adamw)).toEqual(await unbroken.step(question, adamw));
  }
  expect(await restored.weights()).toEqual(await unbroken.weights());
  expect(await restored.optimiserState()).toEqual(await unbroken.optimiserState());
});

test('the same steps give the same losses, to the bit', async () => {
  await setBackend('wasm');
  const { arch, weights, question, adamw } = await openGradients('tied');
  const curve = async () => {
    const model = await Trainable.create(arch, weights);
    const losses: number[] = [];
    for (let step = 0; step < 5; step++) losses.push((await model.step(question, adamw)).loss);
    model.dispose();
    return losses;
  };
  expect(await curve()).toEqual(await curve());
});

test.each(GOLDEN)('cross-entropy follows from the logits of PyTorch: %s', async (name) => {
  await setBackend('wasm');
  const { arch, weights, ids, rows, logits } = await openGolden(name);
  const model = await Trainable.create(arch, weights);
  // A decoder's last row speaks of a slot behind the canvas.
  const asked = rows.filter((row) => row + arch.logitShift < ids.length);
  const targets = asked.map((row) => (7 * row + 3) % arch.vocab);
  const found = await model.crossEntropy({
    inputs: ids,
    length: ids.length,
    scored: asked.map((row) => row + arch.logitShift),
    targets,
    weights: new Float32Array(asked.length),
  });
  for (const [m, row] of logits.slice(0, asked.length).entries()) {
    const most = Math.max(...row);
    const logSumExp = most + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
    expect(Math.abs((found[m] as number) - (logSumExp - (row[targets[m] as number] as number)))).toBeLessThan(2e-4);
  }
  model.dispose();
});

test('the predictor answers with the weights of the moment', async () => {
  await setBackend('wasm');
  const { arch, weights, question, adamw } = await openGradients('tied');
  const model = await Trainable.create(arch, weights);
  const predictor = model.predictor();
  const ids = question.inputs.subarray(0, question.length);
  const ask = () =>
    predictOne(predictor, { ids, asked: Int32Array.of(3), draw: { seed: 0, step: 0, temperature: 0 } }, { topK: 3 });
  const before = await ask();
  await model.step(question, adamw);
  const after = await ask();
  expect(after.logSumExp).not.toEqual(before.logSumExp);
  const wanted = await model.crossEntropy({
    ...question,
    inputs: ids,
    scored: Int32Array.of(3),
    targets: after.topIds.subarray(0, 1),
    weights: new Float32Array(1),
  });
  expect(Math.abs((wanted[0] as number) + (after.topLogProbs[0] as number))).toBeLessThan(1e-4);
  model.dispose();
});

test('a question without scored positions changes nothing', async () => {
  await setBackend('wasm');
  const { arch, weights, question, adamw } = await openGradients('tied');
  const model = await Trainable.create(arch, weights);
  const before = await model.weights();
  const none = { ...question, scored: new Int32Array(0), targets: new Int32Array(0), weights: new Float32Array(0) };
  expect(await model.step(none, adamw)).toEqual({ loss: 0, gradNorm: 0 });
  expect(await model.crossEntropy(none)).toEqual(new Float32Array(0));
  expect(await model.weights()).toEqual(before);
  model.dispose();
});

test('a loss that is not a number leaves the weights as they are', async () => {
  await setBackend('wasm');
  const { arch, weights, question, adamw } = await openGradients('tied');
  const model = await Trainable.create(arch, weights);
  const before = await model.weights();
  const { loss } = await model.step({ ...question, weights: question.weights.map(() => Number.NaN) }, adamw);
  expect(loss).toBeNaN();
  expect(await model.weights()).toEqual(before);
  model.dispose();
});

describe('a step in parts', () => {
  /** Loss and gradients of one step from the golden start. */
  async function stepOf(
    name: 'tied' | 'biases' | 'causal' | 'bert' | 'qwen3',
    fit?: { rows?: number; blocks?: number },
  ) {
    const { arch, weights, question } = await openGradients(name);
    const model = await Trainable.create(arch, weights, { fit });
    const { loss } = await model.step(question, BARE);
    const gradients = (await model.optimiserState()).first;
    const answers = await model.crossEntropy(question);
    model.dispose();
    return { loss, gradients, answers };
  }

  test.each(['tied', 'biases', 'causal', 'bert', 'qwen3'] as const)(
    'by blocks of layers it is the same to the bit, row by row to the rounding of a sum: %s',
    async (name) => {
      await setBackend('cpu');
      const whole = await stepOf(name);
      const before = memory().numTensors;
      expect(await stepOf(name, { blocks: 2 })).toEqual(whole);
      expect(await stepOf(name, { blocks: 99 })).toEqual(whole);
      const byRow = await stepOf(name, { rows: 1, blocks: 2 });
      expect(memory().numTensors).toBe(before);
      expect(Math.abs(byRow.loss / whole.loss - 1)).toBeLessThan(1e-6);
      expect(worstOf(byRow.gradients, whole.gradients)).toBeLessThan(2e-6);
      expect(byRow.answers).toEqual(whole.answers);
    },
  );
});
