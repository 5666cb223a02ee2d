/** Edit networks in tfjs: answers, loss and gradients beside PyTorch's (golden/make_edit_gradients.py) and dLLM's. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { existsSync, readFileSync } from 'node:fs';
import { setBackend, tensor1d, tensor2d, valueAndGrads } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { asEditNetwork } from '../checkpoint/edit-model.ts';
import { openFixture, openGolden } from '../checkpoint/testing/golden.ts';
import { scheduleOf } from '../diffusion/drawn-schedule.ts';
import { softplus } from '../diffusion/edit-flow/rates.ts';
import { type EditHeads, editLoss } from './edit-loss.ts';
import { FallbackNetwork } from './fallback-network.ts';
import { crossEntropyWith } from './gradients/cross-entropy.ts';
import { WITH_GRADIENTS } from './gradients/plain.ts';
import { type EditText, editQuestion, edits, pairsOf } from './objectives/edits.ts';
import { split } from './objectives/objective.ts';
import { expectEditsOf, openEditGradients, testEditGradients } from './testing/edits.ts';
import { worstOf } from './testing/gradients.ts';
import { defaultTrainSettings } from './train-settings.ts';
import { Trainable } from './trainable.ts';

describe.each(['cpu', 'wasm'])('on the %s backend', (backend) => {
  testEditGradients(() => setBackend(backend));
});

test('the fallback answers as PyTorch does', async () => {
  await setBackend('wasm');
  const golden = await openEditGradients();
  const network = await FallbackNetwork.create(golden);
  await expectEditsOf(network, golden);
  network.dispose();
});

test('a network that fills masks is refused', async () => {
  await setBackend('cpu');
  const network = await FallbackNetwork.create(await openGolden('single'));
  const asked = { ids: Int32Array.of(5), asked: Int32Array.of(0), draw: { seed: 0, step: 0, temperature: 0 } };
  await expect(network.edits([asked], { topK: 0 })).rejects.toMatchObject({ code: 'settings' });
  network.dispose();
});

test('micro-batches of texts of different lengths give the step of the whole', async () => {
  await setBackend('wasm');
  const { arch, weights, question } = await openEditGradients();
  const how = { lr: 1e-3, weightDecay: 0, beta1: 0.9, beta2: 0.99, eps: 1e-8, clip: 0 };
  const [whole, parts] = [await Trainable.create(arch, weights), await Trainable.create(arch, weights)];
  const a = await whole.step(question, how);
  const b = await parts.step(split(question, 1), how);
  expect(Math.abs(a.loss - b.loss)).toBeLessThan(1e-4);
  expect(worstOf(await parts.weights(), await whole.weights())).toBeLessThan(1e-4);
  whole.dispose();
  parts.dispose();
});

test('where rows speak of the next slot, only insertions are of the slot’s own row, and the first token stays', async () => {
  await setBackend('cpu');
  const golden = await openFixture(new URL('./golden/dream/', import.meta.url));
  const dream = asEditNetwork(golden, 5);
  expect([dream.modelType, dream.arch.logitShift]).toEqual(['editflow-dream', 1]);
  const ids = Int32Array.of(5, 9, 3, 7);
  const asked = { ids, asked: Int32Array.from(ids.keys()), draw: { seed: 0, step: 0, temperature: 0 } };
  const answerOf = async (arch: typeof dream.arch) => {
    const network = await FallbackNetwork.create({ ...dream, arch });
    const [answer] = await network.edits([asked], { topK: 2 });
    network.dispose();
    return answer as NonNullable<typeof answer>;
  };
  const [shifted, plain] = [await answerOf(dream.arch), await answerOf({ ...dream.arch, logitShift: 0 })];
  expect(shifted.rates.insert).toEqual(plain.rates.insert);
  expect(shifted.insert.topIds).toEqual(plain.insert.topIds);
  expect([...shifted.rates.set]).toEqual([0, ...plain.rates.set.slice(0, 3)]);
  expect([...shifted.rates.remove]).toEqual([0, ...plain.rates.remove.slice(0, 3)]);
  expect([...shifted.set.topIds.slice(2)]).toEqual([...plain.set.topIds.slice(0, 6)]);
});

test('texts with nothing to insert, and with nothing to do at all, can be learnt from', async () => {
  await setBackend('wasm');
  const { arch, weights } = await openEditGradients();
  const model = await Trainable.create(arch, weights);
  const how = { lr: 1e-3, weightDecay: 0, beta1: 0.9, beta2: 0.99, eps: 1e-8, clip: 0 };
  for (const left of [[{ kind: 'remove', slot: 2 } as const], []]) {
    const question = editQuestion([{ ids: Int32Array.of(2, 5, 6), edits: left, weight: 1 }], {
      padId: 0,
      maxLength: 64,
    });
    const { loss, gradNorm } = await model.step(question, how);
    expect(loss).toBeGreaterThan(0);
    expect(gradNorm).toBeGreaterThan(0);
  }
  model.dispose();
});

test('a converted network begins as the one it was, on both sides', async () => {
  await setBackend('wasm');
  const golden = await openGolden('biases');
  const converted = asEditNetwork(golden, 7);
  expect(converted.modelType).toBe('editflow-modernbert');
  const network = await FallbackNetwork.create(converted);
  const { ids } = golden;
  const asked = { ids, asked: Int32Array.from(ids.keys()), draw: { seed: 0, step: 0, temperature: 0 } };
  const [answer] = await network.edits([asked], { topK: 4 });
  // Insertions are copies of substitutions, and rates lie where a fresh Linear puts them.
  expect(answer?.insert.topIds).toEqual(answer?.set.topIds);
  for (const rate of answer?.rates.insert ?? []) expect(rate).toBeGreaterThan(0);
  network.dispose();
});

/** Of dLLM itself, where they are to be had: given rates and logits, the loss and its gradient by the rates. */
const shared = new URL('../../../shared/golden/editflow_loss.json', import.meta.url);
const own = JSON.parse(readFileSync(new URL('../diffusion/golden/edit-flow.json', import.meta.url), 'utf8')).loss;
interface Case {
  readonly x1: number[][];
  readonly weight: number[];
  readonly xt: number[][];
  readonly edits: { kind: 'SUB' | 'DEL' | 'INS'; row: number; token: number | null }[][];
  readonly inputs: number[][];
  readonly normalize_per_position: boolean;
  readonly sub_rate: number[][];
  readonly del_rate: number[][];
  readonly ins_rate: number[][];
  readonly sub_logits: number[][][];
  readonly ins_logits: number[][][];
  readonly loss: number;
  readonly rate_gradients: Readonly<Record<'sub_rate_hat' | 'del_rate_hat' | 'ins_rate_hat', number[][]>>;
}
const KINDS = { SUB: 'substitute', DEL: 'remove', INS: 'insert' } as const;

test('the loss and its gradients by the rates are dLLM’s', async () => {
  await setBackend('cpu');
  const cases: Case[] = existsSync(shared) ? JSON.parse(readFileSync(shared, 'utf8')).cases : own;
  for (const each of cases) {
    const size = each.inputs.length;
    const texts = each.xt.map((ids, b): EditText => {
      const divisor = each.normalize_per_position ? (each.x1[b] as number[]).length : 1;
      const list = each.edits[b] as Case['edits'][number];
      return {
        ids: Int32Array.from(ids),
        edits: list.map(({ kind, row, token }) => ({ kind: KINDS[kind], slot: row, id: token ?? 0 })),
        weight: (each.weight[b] as number) / (divisor * size),
      };
    });
    const question = editQuestion(texts, { padId: 10, maxLength: 1000 });
    const rows = texts.flatMap(({ ids }, b) => Array.from(ids, (_, row) => [b, row] as const));
    // One hidden row for each token, whose heads give exactly the numbers of the case: rows of the identity.
    const place = new Map(rows.map(([b, row], i) => [b * question.length + row, i]));
    const count = rows.length;
    const identity = new Float32Array(question.inputs.length * count);
    for (const [slot, i] of place) identity[slot * count + i] = 1;
    const column = (logits: number[][][]) => {
      const matrix = new Float32Array(12 * count);
      rows.forEach(([b, row], i) => {
        for (let id = 0; id < 12; id++) matrix[id * count + i] = (logits[b] as number[][])[row]![id] as number;
      });
      return { matrix: tensor2d(matrix, [12, count]), bias: undefined };
    };
    // Rates are softplus of what the heads give: x = log(eʳ − 1); of a rate of 0 something far below.
    const kinds = [each.sub_rate, each.del_rate, each.ins_rate];
    const inverse = rows.flatMap(([b, row]) =>
      kinds.map((kind) => Math.max(-60, Math.log(Math.expm1((kind[b] as number[])[row] as number)))),
    );
    const start = tensor2d(inverse, [count, 3]);
    const loss = (matrix: typeof start) => {
      const heads: EditHeads = {
        substitutions: column(each.sub_logits),
        insertions: column(each.ins_logits),
        rates: { matrix, bias: tensor1d([0, 0, 0]) },
      };
      const h = tensor2d(identity, [question.inputs.length, count]);
      return editLoss(
        h,
        heads,
        { ...question, edits: question.edits! },
        {
          ops: WITH_GRADIENTS,
          crossEntropy: crossEntropyWith(WITH_GRADIENTS.multiply),
          room: (scored) => scored,
          shift: 0,
        },
      );
    };
    const { value, grads } = valueAndGrads(loss as never)([start]);
    expect(Math.abs((await value.data())[0]! / each.loss - 1)).toBeLessThan(1e-4);
    const found = await grads[0]!.data();
    const wanted = each.rate_gradients;
    rows.forEach(([b, row], i) => {
      [wanted.sub_rate_hat, wanted.del_rate_hat, wanted.ins_rate_hat].forEach((kind, k) => {
        // By the head's number: times the slope of softplus, 1 − e^−rate.
        const rate = softplus(inverse[3 * i + k] as number);
        const want = (kind[b] as number[])[row]! * -Math.expm1(-rate);
        expect(Math.abs((found[3 * i + k] as number) - want)).toBeLessThan(2e-4 * (1 + Math.abs(want)));
      });
    });
  }
});

describe('the objective', () => {
  const tokenizer = {
    encode: (text: string) => Array.from(text, (letter) => letter.codePointAt(0) as number),
    decode: (ids: readonly number[]) => String.fromCodePoint(...ids),
  };
  const words = { tokenizer, startId: 2, padId: 0, maxLength: 512 };
  const text = 'the cat sat on the mat and looked at all of us there';
  const rows = {
    ids: Int32Array.from([...tokenizer.encode(text), ...tokenizer.encode(text)]),
    maskable: new Uint8Array(2 * text.length).fill(1),
    length: text.length,
  };
  const about = { maskId: 4, vocabSize: 128, schedule: scheduleOf({ schedule: 'linear', curve: '' }), words };
  const draw = { seed: 1, step: 3 };
  const settings = { ...defaultTrainSettings(), mistakes: 0.4 } as const;

  test.each(['typos', 'mixed', 'empty', 'masks'] as const)('%s: all that is left leads to the text', (corrupt) => {
    const pairs = pairsOf(rows, { ...settings, corrupt, editMasks: 9 }, draw, about);
    expect(pairs).toHaveLength(2);
    for (const { from, to } of pairs) {
      expect([...to]).toEqual([2, ...tokenizer.encode(text)]);
      expect(from[0]).toBe(2);
      if (corrupt === 'empty') expect(from).toHaveLength(1);
      if (corrupt === 'masks') expect([...from.slice(1)]).toEqual(Array(9).fill(4));
    }
    const asked = edits({ ...settings, corrupt, editMasks: 9 }).ask(rows, draw, about);
    const again = edits({ ...settings, corrupt, editMasks: 9 }).ask(rows, draw, about);
    expect(asked).toEqual(again);
    expect(asked.length % 16).toBe(0);
    expect(asked.edits?.lengths).toHaveLength(2);
    asked.edits?.lengths.forEach((tokens, b) => {
      const row = asked.inputs.subarray(b * asked.length, (b + 1) * asked.length);
      expect(row[0]).toBe(2);
      expect([...row.subarray(tokens)].every((id) => id === 0)).toBe(true);
      // As many tokens more or fewer as are left to be put in or taken out.
      const within = (slots: Int32Array) => slots.filter((slot) => Math.floor(slot / asked.length) === b).length;
      const { inserted, removed } = asked.edits as NonNullable<typeof asked.edits>;
      expect(tokens + within(inserted.scored) - within(removed.scored)).toBe(text.length + 1);
    });
  });

  test('what does not fit is left out', () => {
    const texts = [{ ids: Int32Array.of(2, 5, 6, 7), edits: [{ kind: 'remove', slot: 3 } as const], weight: 1 }];
    const question = editQuestion(texts, { padId: 0, maxLength: 3 });
    expect([...question.inputs]).toEqual([2, 5, 6]);
    expect(question.edits?.removed.scored).toHaveLength(0);
    expect(question.edits?.lengths).toEqual(Int32Array.of(3));
  });
});

test('files as dLLM writes them are read and written', async () => {
  const { arch, unused } = (await openFixture(new URL('./golden/edits/', import.meta.url))) as never as {
    arch: { tied: boolean; edits: boolean; finalNorm: unknown };
    unused: string[];
  };
  expect(arch).toMatchObject({ tied: false, edits: true });
  expect(arch.finalNorm).toBeUndefined();
  // The encoder's own decoder has nothing to say any more, and the heads read what comes before the last norm.
  expect([...unused].sort()).toEqual(['decoder.bias', 'model.final_norm.weight']);
});
