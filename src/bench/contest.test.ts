/** Programs that answer wrongly or fail are left out with their reason, and the others are timed all the same. */
import { expect, test } from 'vitest';
import { type Contest, contest, type Findings, type Opener } from './contest.ts';
import { LogitsNetwork } from './contestant.ts';
import type { Program } from './names.ts';
import { type Task, taskName } from './report.ts';

const VOCAB = 40;
const TASKS: readonly Task[] = [
  { kind: 'forward', tokens: 64, asked: 16 },
  { kind: 'generate', tokens: 128, steps: 32 },
];

/** A program whose logits depend on the position, `off` more than they should be; `fails` is asked before each pass. */
function program(name: Program, { off = 0, fails = () => false as boolean, closed = [] as string[] } = {}): Opener {
  const logits = async (_: Int32Array, slots: Int32Array) => {
    if (fails()) throw new Error('out of memory\nand a stack');
    return Float32Array.from({ length: slots.length * VOCAB }, (_, i) => (i % 7) + off);
  };
  return {
    program: name,
    open: async () => ({
      program: name,
      network: new LogitsNetwork({ vocabSize: VOCAB, maskId: 3, maxLength: 512 }, logits),
      forward: logits,
      dispose: async () => {
        closed.push(name);
      },
    }),
  };
}

async function run(openers: readonly Opener[], more: Partial<Contest> = {}) {
  const found: Findings = { absent: [], differences: [], cells: [] };
  const all = found as { absent: unknown[]; differences: unknown[]; cells: unknown[] };
  const shares: number[] = [];
  let turn = 0;
  await contest({
    precision: 'f32',
    openers,
    tasks: TASKS,
    rounds: 3,
    nextTurn: () => ++turn,
    onFinding({ absent = [], differences = [], cells = [] }) {
      all.absent.push(...absent);
      all.differences.push(...differences);
      all.cells.push(...cells);
    },
    onProgress: (_, done) => shares.push(done),
    ...more,
  });
  const timed = found.cells.map(({ task, times }) => `${taskName(task)}: ${Object.keys(times).join(' ')}`);
  return { ...found, timed, shares };
}

test('all that answer alike are timed, each as often, and every one is closed', async () => {
  const closed: string[] = [];
  const { timed, absent, cells, shares } = await run([
    program('unmask', { closed }),
    program('onnxruntime', { closed }),
    program('tfjs', { closed }),
  ]);
  expect(timed).toEqual(['forward-64-16: unmask onnxruntime tfjs', 'generate-32: unmask onnxruntime tfjs']);
  expect(absent).toEqual([]);
  for (const { times } of cells) for (const all of Object.values(times)) expect(all).toHaveLength(3);
  expect(closed.sort()).toEqual(['onnxruntime', 'tfjs', 'unmask']);
  expect(shares.at(-1)).toBeCloseTo(64 + 32 * 144);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
});

test('who answers something else, or fails when asked, is closed and not timed; another form of it may be', async () => {
  const closed: string[] = [];
  const { timed, absent, differences } = await run([
    program('unmask'),
    { ...program('onnxruntime', { off: 0.5, closed }), form: 'fused' },
    { ...program('onnxruntime', { fails: () => true, closed }), form: 'withoutSubgroups' },
    { ...program('onnxruntime', { off: 1e-3 }), form: 'plain' },
    program('tfjs', { off: Number.NaN, closed }),
  ]);
  expect(timed).toEqual(['forward-64-16: unmask onnxruntime', 'generate-32: unmask onnxruntime']);
  expect(absent.map(({ program: name, form, why }) => [name, form, why])).toEqual([
    ['onnxruntime', 'fused', 'its answers differ by 0.50.'],
    ['onnxruntime', 'withoutSubgroups', 'out of memory'],
    ['tfjs', undefined, expect.stringContaining('NaN, which is no number')],
  ]);
  expect(differences.map(({ form }) => form)).toEqual([undefined, 'plain']);
  expect(closed).toEqual(['onnxruntime', 'onnxruntime', 'tfjs']);
});

test('a peer that fails later keeps what it did, and the others go on', async () => {
  const closed: string[] = [];
  let passes = 0;
  // One pass to compare, four of the first task; then it breaks in the middle of the generation.
  const { timed, absent, cells } = await run([
    program('unmask'),
    program('tfjs', { fails: () => ++passes > 50, closed }),
  ]);
  expect(timed).toEqual(['forward-64-16: unmask tfjs', 'generate-32: unmask']);
  expect(cells[1]?.times.unmask).toHaveLength(3);
  expect(absent).toEqual([{ program: 'tfjs', precision: 'f32', why: 'out of memory' }]);
  expect(closed).toEqual(['tfjs']);
});

test('when ours fails, so does the bench', async () => {
  const closed: string[] = [];
  let passes = 0;
  const ours = program('unmask', { fails: () => ++passes > 3, closed });
  await expect(run([ours, program('tfjs', { closed })])).rejects.toThrow('out of memory');
  expect(closed.sort()).toEqual(['tfjs', 'unmask']);
});

test('a bench that is stopped ends with the reason, and everybody is closed', async () => {
  const closed: string[] = [];
  const stop = new AbortController();
  const onProgress: Contest['onProgress'] = ({ stage }) => {
    if (stage === 'measure') stop.abort(new Error('enough'));
  };
  const openers = [program('unmask', { closed }), program('tfjs', { closed })];
  await expect(run(openers, { signal: stop.signal, onProgress })).rejects.toThrow('enough');
  expect(closed.sort()).toEqual(['tfjs', 'unmask']);
});
