/** Edit networks on the engine: beside PyTorch, beside the fallback's draws, and dLLM's own conversion where it is there. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openFixture } from '../checkpoint/testing/golden.ts';
import { Engine } from './engine.ts';
import { testDevice } from './testing/gpu.ts';

const device = await testDevice();
const fixture = new URL('../training/golden/edits/', import.meta.url);
const shared = new URL('../../../shared/golden/editflow_model/', import.meta.url);

interface Case {
  readonly ids: number[];
  readonly rates: number[][];
  /** Of the first and the last row, or of all. */
  readonly sub_logits: number[][];
  readonly ins_logits: number[][];
}

function casesOf(): [string, URL, Case[]][] {
  const { inputs, length, rates, substitutions, insertions } = JSON.parse(
    readFileSync(new URL('question.json', fixture), 'utf8'),
  );
  const own = { ids: inputs.slice(0, length), rates, sub_logits: substitutions, ins_logits: insertions };
  const all: [string, URL, Case[]][] = [['our own', fixture, [own]]];
  if (existsSync(shared)) {
    all.push(['dLLM’s', shared, JSON.parse(readFileSync(new URL('editflow_model.json', shared), 'utf8')).cases]);
  }
  return all;
}

test.each(casesOf())('rates and tokens of %s are PyTorch’s, in one submission', async (_, folder, cases) => {
  const network = await openFixture(folder);
  const engine = await Engine.create(device, network);
  expect(engine.info.edits).toBe(true);
  const draw = { seed: 3, step: 1, temperature: 0 };
  const batch = cases.map(({ ids }) => ({ ids: Int32Array.from(ids), asked: Int32Array.from(ids.keys()), draw }));
  const answers = await engine.edits(batch, { topK: 3 });
  expect(engine.forwardCount).toBe(cases.length);
  for (const [i, { ids, rates, sub_logits, ins_logits }] of cases.entries()) {
    const answer = answers[i]!;
    for (const slot of ids.keys()) {
      for (const [k, kind] of (['set', 'remove', 'insert'] as const).entries()) {
        const want = rates[slot]![k]!;
        expect(Math.abs(answer.rates[kind][slot]! - want)).toBeLessThan(1e-4 * (1 + want));
      }
      const kept = sub_logits.length === ids.length ? slot : slot === 0 ? 0 : slot === ids.length - 1 ? 1 : undefined;
      if (kept === undefined) continue;
      for (const [prediction, logits] of [
        [answer.set, sub_logits[kept]!],
        [answer.insert, ins_logits[kept]!],
      ] as const) {
        const best = logits.indexOf(Math.max(...logits));
        const logSum = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
        expect(prediction.ids[slot]).toBe(best);
        expect(Math.abs(prediction.logProbs[slot]! - (logits[best]! - logSum))).toBeLessThan(2e-4);
      }
    }
  }
  // The same again comes from memory, and drawn tokens are those of the plain reference's noise.
  const warm = { ...batch[0]!, draw: { seed: 9, step: 2, temperature: 1.5 } };
  const before = engine.forwardCount;
  const [first] = await engine.edits([warm], { topK: 0, suppress: [4] });
  expect(engine.forwardCount).toBe(before);
  const [set] = await engine.predict([warm], { topK: 0, suppress: [4] });
  expect(first?.set.ids).toEqual(set?.ids);
  expect(first?.insert.ids).not.toEqual(first?.set.ids);
  engine.destroy();
});
