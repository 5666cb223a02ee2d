/**
 * Against dLLM, which ran on these inputs (the source stands in the file). All cases of the reference are taken where they
 * are to be had, a few are ours to keep.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EditRates } from '../network.ts';
import { type AlignCosts, align, BLANK } from './align.ts';
import { bridge, type Edit } from './bridge.ts';
import { cubicKappa, KAPPA, type Kappa, kappaWeight } from './kappa.ts';
import { applyEdits, leap, leapTimes } from './leap.ts';

const own = JSON.parse(readFileSync(new URL('../golden/edit-flow.json', import.meta.url), 'utf8'));
const shared = new URL('../../../../shared/golden/', import.meta.url);
function all(name: string, part: string, ours: unknown) {
  const file = new URL(`editflow_${name}.json`, shared);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8'))[part] : ours;
}

describe('align', () => {
  interface Pair {
    readonly x0: number[];
    readonly x1: number[];
    readonly z0: number[];
    readonly z1: number[];
    readonly sub_cost?: number;
    readonly gap_cost?: number;
  }
  test('columns and ties are those of the reference', () => {
    for (const { x0, x1, z0, z1, sub_cost, gap_cost } of all('align', 'pairs', own.align) as Pair[]) {
      const costs: AlignCosts = { substitution: sub_cost ?? 1, gap: gap_cost ?? 1 };
      const { from, to } = align(x0, x1, costs);
      expect({ x0, x1, z0: [...from], z1: [...to] }).toEqual({ x0, x1, z0, z1 });
    }
  });
});

describe('kappa', () => {
  const schedules: Readonly<Record<string, Kappa>> = { ...KAPPA, 'cubic_a2_b-1': cubicKappa(2, -1) };
  test.each(Object.keys(own.kappa))('%s, its derivative and weight', (name) => {
    const wanted = own.kappa[name];
    wanted.t.forEach((t: number, i: number) => {
      const kappa = schedules[name] as Kappa;
      // The reference computes in float32: near t = 1 the weight is a quotient of two small numbers.
      const share = Math.max(1e-5, 3e-7 / (1 - t + 1e-6));
      const near = (value: number, want: number) =>
        expect(Math.abs(value - want)).toBeLessThan(share * (1 + Math.abs(want)));
      near(kappa.at(t), wanted.kappa[i]);
      near(kappa.derivative(t), wanted.derivative[i]);
      near(kappaWeight(kappa, t), wanted.weight[i]);
      near(Math.min(kappaWeight(kappa, t), 20), wanted.weight_clamped[i]);
    });
  });
});

describe('bridge', () => {
  interface Case {
    readonly z0: number[][];
    readonly z1: number[][];
    readonly kappa: number[];
    readonly column_draws: number[][];
    readonly xt: number[][];
    readonly edits: { kind: string; row: number; token: number | null }[][];
  }
  test('texts between, and what is left to do', () => {
    for (const { z0, z1, kappa, column_draws, xt, edits } of all('loss', 'cases', own.loss) as Case[]) {
      z0.forEach((from, b) => {
        const alignment = { from: Int32Array.from(from), to: Int32Array.from(z1[b] as number[]) };
        const found = bridge(alignment, (c) => (column_draws[b] as number[])[c]! < (kappa[b] as number));
        expect([...found.ids]).toEqual(xt[b]);
        expect(found.edits).toEqual((edits[b] as Case['edits'][number]).map(editOf));
      });
    }
  });
  test('at the ends: all to do, and nothing', () => {
    const alignment = align([0, 1, 2], [0, 2, 3, 3]);
    const begun = bridge(alignment, () => false);
    expect([...begun.ids]).toEqual([0, 1, 2]);
    const done = bridge(alignment, () => true);
    expect([...done.ids]).toEqual([0, 2, 3, 3]);
    expect(done.edits).toEqual([]);
    expect([...alignment.from].filter((id) => id !== BLANK)).toEqual([0, 1, 2]);
  });
});

const KINDS: Readonly<Record<string, Edit['kind']>> = { SUB: 'substitute', DEL: 'remove', INS: 'insert' };
function editOf({ kind, row, token }: { kind: string; row: number; token: number | null }): object {
  return { kind: KINDS[kind], slot: row, ...(token !== null && { id: token }) };
}

describe('leap', () => {
  interface Draws {
    readonly fire: number[];
    readonly delete: number[];
    readonly insert: number[];
  }
  interface Golden {
    readonly x: number[];
    readonly prompt_length: number;
    readonly t: number;
    readonly tau: number;
    readonly temperature: number;
    readonly edit_prompt: boolean;
    readonly sub_rate: number[];
    readonly del_rate: number[];
    readonly ins_rate: number[];
    readonly sub_logits: number[][];
    readonly ins_logits: number[][];
    readonly draws: Draws & { readonly gumbel: number[][] };
    readonly next: number[];
    readonly any_edit: boolean;
  }
  const drawsOf = ({ fire, delete: remove, insert }: Draws) => {
    const of = (values: number[]) => (slot: number) => values[slot] as number;
    return { fire: of(fire), remove: of(remove), insert: of(insert) };
  };
  const highest = (values: ArrayLike<number>) => {
    let best = 0;
    for (let id = 1; id < values.length; id++) if ((values[id] as number) > (values[best] as number)) best = id;
    return best;
  };
  const rates = (sub: ArrayLike<number>, del: ArrayLike<number>, ins: ArrayLike<number>, ids: number[][]) =>
    ({
      rates: { set: Float32Array.from(sub), remove: Float32Array.from(del), insert: Float32Array.from(ins) },
      set: { ids: ids[0] },
      insert: { ids: ids[1] },
    }) as unknown as EditRates;

  test('one step: the same edits from the same draws', () => {
    for (const step of all('step', 'steps', own.steps) as Golden[]) {
      const { x, t, tau, temperature, draws } = step;
      const given = step.edit_prompt ? 0 : Math.max(1, Math.min(step.prompt_length, x.length));
      const how = { t, tau, given };
      const greedy = rates(step.sub_rate, step.del_rate, step.ins_rate, [
        step.sub_logits.map(highest),
        step.ins_logits.map(highest),
      ]);
      let edits = leap(greedy, drawsOf(draws), how);
      if (temperature > 0) {
        // The reference draws noise for those edits that happen, all substitutions first.
        const noise = [...draws.gumbel];
        const drawn = (logits: number[]) => {
          const own = noise.shift() as number[];
          return highest(logits.map((logit, id) => logit / temperature + (own[id] as number)));
        };
        const byKind = { substitute: step.sub_logits, insert: step.ins_logits };
        const ids = new Map<Edit, number>();
        for (const kind of ['substitute', 'insert'] as const) {
          for (const edit of edits) if (edit.kind === kind) ids.set(edit, drawn(byKind[kind][edit.slot] as number[]));
        }
        edits = edits.map((edit) => (edit.kind === 'remove' ? edit : { ...edit, id: ids.get(edit) as number }));
      }
      expect(edits.length > 0).toBe(step.any_edit);
      expect([...applyEdits(x, edits)]).toEqual(step.next);
    }
  });

  interface Run {
    readonly prompt: number[];
    readonly mask_length: number;
    readonly tau: number;
    readonly edit_prompt: boolean;
    readonly salt: number;
    readonly draws: Draws[];
    readonly sequences: number[][];
  }
  test('whole runs, from masks and from nothing', () => {
    for (const run of all('runs', 'runs', own.runs) as Run[]) {
      const [BOS, MASK, VOCABULARY] = [0, 11, 12];
      const prompt = run.prompt[0] === BOS ? run.prompt : [BOS, ...run.prompt];
      let ids: Int32Array = Int32Array.from([...prompt, ...Array<number>(run.mask_length).fill(MASK)]);
      const times = leapTimes(run.tau);
      expect(times).toHaveLength(run.sequences.length - 1);
      for (const [step, t] of times.entries()) {
        expect([...ids]).toEqual(run.sequences[step]);
        const rows = Array.from(ids, (_, row) => row);
        const three = rows.map((row) => hashLogits(ids, row, run.salt + 2000, 3, -1));
        const best = (salt: number) =>
          rows.map((row) => highest(hashLogits(ids, row, run.salt + salt, VOCABULARY, MASK)));
        const answer = rates(
          three.map(([a], row) => ((a as number) / 2) * (ids[row] === MASK ? 3 : 0.3)),
          three.map(([, b]) => (b as number) / 8),
          three.map(([, , c]) => (c as number) / 8),
          [best(0), best(1000)],
        );
        const given = run.edit_prompt ? 0 : prompt.length;
        ids = applyEdits(ids, leap(answer, drawsOf(run.draws[step] as Draws), { t, tau: run.tau, given }));
      }
      expect([...ids]).toEqual(run.sequences.at(-1));
    }
  });
});

/** The network of the reference's runs: numbers from a hash of the whole text and the row. */
function hashLogits(ids: ArrayLike<number>, row: number, salt: number, vocabulary: number, mask: number): number[] {
  let h = (Math.imul(salt, 2654435761) + Math.imul(row, 40503)) >>> 0;
  for (const id of Array.from(ids)) h = (Math.imul((h ^ id) >>> 0, 16777619) ^ (h >>> 13)) >>> 0;
  return Array.from({ length: vocabulary }, (_, v) => {
    let m = Math.imul((h ^ Math.imul(v, 2654435761)) >>> 0, 2246822507) >>> 0;
    m = (m ^ (m >>> 15)) >>> 0;
    return v === mask ? -30 : (Math.floor((m / 2 ** 32) * 6144) * 16 + (v % 16)) / 16384;
  });
}
