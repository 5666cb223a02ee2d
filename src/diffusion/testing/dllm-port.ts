/**
 * dLLM's sampler, `dllm/core/samplers/mdlm.py` (sample and infill), ported for tests on its own, as directly as its Python:
 * whole-canvas arrays, no cursor, no shared code but the random numbers and the network.
 */
// biome-ignore-all lint/style/noNonNullAssertion: indices are in range, as in the Python
import { gumbel, Stream, stepKey, uniform, word } from '../rng.ts';
import type { Settings } from '../settings.ts';
import type { TableNetwork } from './table-network.ts';

const f = Math.fround;

function transferPlan(masks: number, steps: number, schedule: string): number[] {
  const alpha = (t: number) =>
    schedule === 'linear' ? f(1 - f(t)) : f(1 - f(Math.cos(f(f(Math.PI / 2) * f(1 - f(t))))));
  const plan: number[] = [];
  let remaining = masks;
  for (let j = 0; j < steps && remaining > 0; j++) {
    const p = f(1 - f(f(1 - alpha((steps - j - 1) / steps)) / f(1 - alpha((steps - j) / steps))));
    const x = remaining * p;
    const down = Math.floor(x);
    const k = Math.min(x - down === 0.5 ? down + (down % 2) : Math.floor(x + 0.5), remaining);
    remaining -= k;
    if (k > 0) plan.push(k);
  }
  return plan;
}

/** Every canvas of the run, first to last. `P` is the prompt's length (0 when filling in). */
export async function dllmSample(net: TableNetwork, start: Int32Array, P: number, s: Settings): Promise<number[][]> {
  const mask = net.info.maskId!;
  const fill = s.mode === 'fill';
  const canvas = Array.from(start);
  const given = canvas.map((id) => id !== mask);
  const T = canvas.length;
  const block = s.block === 0 ? T - P : s.block;
  const B = Math.ceil((T - P) / block);
  const S = Math.ceil(s.steps / B);
  const history = [canvas.slice()];
  for (let b = 0; b < B; b++) {
    const from = P + b * block;
    const to = Math.min(from + block, T);
    const masks = canvas.slice(from, to).filter((id) => id === mask).length;
    for (const k of transferPlan(masks, S, s.schedule)) {
      const step = history.length - 1;
      const slots = Int32Array.from(canvas.keys());
      const logits = (ids: number[]) => Array.from(slots, (slot) => Array.from(net.logits(Int32Array.from(ids), slot)));
      let L = logits(canvas);
      if (s.guidance > 0) {
        const U = logits(canvas.map((id, slot) => (given[slot] ? mask : id)));
        L = L.map((row, slot) => row.map((c, v) => U[slot]![v]! + (s.guidance + 1) * (c - U[slot]![v]!)));
      }
      if (!s.exact) for (const row of L) row[mask] = -Infinity;
      const x0 = L.map((row, slot) => {
        const key = stepKey(s.seed, step, Stream.Gumbel);
        const noisy = row.map((l, v) => (s.temperature === 0 ? l : l + s.temperature * gumbel(key, slot, v)));
        return noisy.indexOf(Math.max(...noisy));
      });
      const confidence = L.map((row, slot) => {
        if (slot >= to || canvas[slot] !== mask || (fill && slot < from)) return -Infinity;
        if (s.sampler === 'random') return uniform(word(stepKey(s.seed, step, Stream.Order), slot, 0));
        const sum = row.reduce((total, l) => total + Math.exp(l), 0);
        return Math.exp(row[x0[slot]!]!) / sum;
      });
      const order = Array.from(canvas.keys()).sort((a, b2) => confidence[b2]! - confidence[a]!);
      for (const slot of order.slice(0, k)) canvas[slot] = x0[slot]!;
      history.push(canvas.slice());
    }
  }
  return history;
}
