import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type TraceTree, treeOf, withBranch, withName } from './branches.ts';
import { UnmaskError } from './error.ts';
import { canvasAt } from './replay.ts';
import { stepStatistics } from './statistics.ts';
import { anyCase, anySettings, type Case } from './testing/arbitrary.ts';
import { example, record, recordExample } from './testing/record.ts';
import type { Trace } from './trace.ts';
import { decodeTrace, decodeTree } from './trace-decode.ts';
import { encodeTrace, encodeTree } from './trace-encode.ts';

const withEdit = async (run: Case): Promise<Trace> => {
  const trace = await record(run);
  return { ...trace, edits: [{ before: trace.steps.length, slot: 0, id: 3, state: 4 }] };
};

const refusal = (change: (file: never) => unknown) => async () => {
  const trace = await withEdit(example);
  const file = JSON.parse(encodeTrace(trace));
  change(file as never);
  try {
    decodeTrace(JSON.stringify(file));
  } catch (error) {
    expect(error).toBeInstanceOf(UnmaskError);
    return error as UnmaskError;
  }
  throw new Error('was not refused');
};

describe('a trace file', () => {
  test('gives back the run, network numbers to 4 decimals and times to 2', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, anySettings, async (run, settings) => {
        const trace = { ...(await withEdit(run)), settings };
        const back = decodeTrace(encodeTrace(trace));
        expect({ ...back, steps: [] }).toEqual({ ...trace, steps: [] });
        back.steps.forEach((step, i) => {
          const { prediction, milliseconds, ...rest } = trace.steps[i]!;
          expect(step).toMatchObject(rest);
          expect(step.milliseconds).toBeCloseTo(milliseconds, 2);
          for (const name of ['slots', 'ids', 'topIds', 'topK', 'forwards', 'rows'] as const) {
            expect(step.prediction[name]).toEqual(prediction[name]);
          }
          for (const name of ['logProbs', 'entropy', 'logSumExp', 'topLogProbs'] as const) {
            prediction[name].forEach((x, j) => {
              expect(Math.abs(step.prediction[name][j]! - x)).toBeLessThan(6e-5);
            });
          }
        });
        expect(encodeTrace(back)).toBe(encodeTrace(trace));
      }),
      { numRuns: 40 },
    );
  });

  test('can keep fewer alternatives', async () => {
    const trace = await record(example);
    const { prediction } = trace.steps[0]!;
    const small = decodeTrace(encodeTrace(trace, { alternatives: 2 })).steps[0]!.prediction;
    expect(small.topK).toBe(2);
    expect(small.topIds.length).toBe(prediction.slots.length * 2);
    expect(small.topIds[2]).toBe(prediction.topIds[prediction.topK]);
  });

  test('holds no number that JSON has no words for', async () => {
    const trace = await record(example);
    trace.steps[0]!.prediction.topLogProbs.fill(Number.NEGATIVE_INFINITY);
    expect(decodeTrace(encodeTrace(trace)).steps[0]!.prediction.topLogProbs[0]).toBe(-9999);
  });
});

describe('a file of branches', () => {
  const family = async (): Promise<TraceTree> => {
    const { trace, branched } = await recordExample();
    const alone = await withEdit({ ...example, canvas: { ids: Int32Array.of(8, 8), states: Uint8Array.of(1, 1) } });
    return withName(withBranch(withBranch(treeOf(trace), branched, 0), alone, undefined), 1, 'with a fox');
  };
  const shown = ({ branches, ...rest }: TraceTree) => ({
    ...rest,
    branches: branches.map(({ trace, ...branch }) => ({
      ...branch,
      line: { ...trace, steps: trace.steps.map(({ prediction, ...step }) => [step, prediction.ids]) },
    })),
  });

  test('gives back every branch as a whole line, and shares what it shared', async () => {
    const tree = await family();
    const back = decodeTree(encodeTree(tree));
    expect(shown(back)).toEqual(shown(tree));
    expect(back.branches[1]!.trace.steps[1]).toBe(back.branches[0]!.trace.steps[1]);
    expect(encodeTree(back)).toBe(encodeTree(tree));
    expect(decodeTrace(encodeTree(tree))).toEqual(back.branches[2]!.trace);
  });

  test('stores of a branch only what differs from its parent', async () => {
    const [, branch] = JSON.parse(encodeTree(await family())).branches;
    expect(branch).toMatchObject({ name: 'with a fox', parent: 0, step: 2, settings: { seed: 9, temperature: 0.5 } });
    expect(Object.keys(branch)).toEqual(['id', 'name', 'parent', 'step', 'settings', 'edits', 'steps']);
    expect(Object.keys(branch.settings)).toHaveLength(2);
    expect(branch.steps[0].index).toBe(2);
    expect(branch.edits).toEqual([{ before: 2, slot: 7, id: 3, state: 4 }]);
  });

  test('of version 1, as it was saved before there were branches, is a tree of one line', () => {
    const text = readFileSync(new URL('testing/trace-v1.json', import.meta.url), 'utf8');
    const tree = decodeTree(text);
    expect(tree).toMatchObject({ current: 0, next: 1, branches: [{ id: 0, name: '', parent: undefined }] });
    const { trace } = tree.branches[0]!;
    expect(trace.steps).toHaveLength(3);
    expect([...canvasAt(trace, 3).ids]).toEqual([1, 2, 5, 2, 3, 1, 2, 3]);
    expect(trace).toMatchObject({
      settings: { seed: 9, temperature: 0.5 },
      maskId: 8,
      edits: [{ before: 2, slot: 7 }],
    });
  });

  test('of version 2, as it was saved before, has its branches', () => {
    const text = readFileSync(new URL('testing/trace-v2.json', import.meta.url), 'utf8');
    const tree = decodeTree(text);
    expect(tree).toMatchObject({
      current: 2,
      next: 3,
      branches: [
        { id: 0, name: '', parent: undefined },
        { id: 1, name: 'with a fox', parent: 0, trace: { settings: { seed: 9, temperature: 0.5 } } },
        { id: 2, parent: undefined },
      ],
    });
    const [first, fox, alone] = tree.branches.map(({ trace }) => [...canvasAt(trace, trace.steps.length).ids]);
    expect(first).toEqual([1, 2, 5, 1, 3, 1, 2, 4]);
    expect(fox).toEqual([1, 2, 5, 2, 3, 1, 2, 3]);
    expect(alone).toEqual([3, 1]);
  });

  type LooseTree = { current: unknown; next: unknown; branches: Record<string, unknown>[] };
  test.each<[string, (file: LooseTree) => unknown, string]>([
    ['no branch at all', (f) => (f.branches = []), 'branches should be a list of at least 1'],
    ['a current branch that is not there', (f) => (f.current = 7), 'current should be the id of a branch'],
    ['an id twice', (f) => (f.branches[1]!['id'] = 0), 'branches[1].id'],
    ['an id that will be given again', (f) => (f.next = 2), 'next should be a whole number from 3'],
    ['a parent that comes later', (f) => (f.branches[1]!['parent'] = 2), 'branches[1].parent'],
    ['a branch that leaves after the end', (f) => (f.branches[1]!['step'] = 4), 'branches[1].step'],
    ['a root that inherits steps', (f) => (f.branches[2]!['step'] = 1), 'branches[2].step'],
    ['a step out of turn', (f) => (f.branches[1]!['step'] = 1), 'branches[1].steps[0].index'],
    ['an edit in the parent’s part', (f) => (edit(f)['before'] = 1), 'branches[1].edits[0].before'],
    ['a name without end', (f) => (f.branches[1]!['name'] = 'x'.repeat(121)), 'branches[1].name'],
    ['a setting out of range', (f) => (f.branches[1]!['settings'] = { steps: 0 }), 'branches[1].settings.steps'],
  ])('is refused for %s', async (_, change, words) => {
    const file = JSON.parse(encodeTree(await family()));
    change(file);
    expect(() => decodeTree(JSON.stringify(file))).toThrow(words);
  });
  const edit = (file: LooseTree) => (file.branches[1]!['edits'] as Record<string, unknown>[])[0]!;
});

describe('a damaged trace file', () => {
  test.each<[string, (file: never) => unknown, string]>([
    ['a foreign file', (f: { format?: string }) => delete f.format, 'not a trace'],
    ['a newer version', (f: { version: number }) => (f.version = 4), 'newer version'],
    ['an unknown version', (f: { version: string }) => (f.version = 'one'), 'version should be 1, 2 or 3'],
    ['a missing part', (f: { start?: unknown }) => delete f.start, 'start should be an object, but it is missing'],
    ['a slot outside the canvas', (f: Loose) => (f.steps[0]!.ops[0]!['set'] = 999), 'steps[0].ops[0].set should be'],
    ['an op that is none', (f: Loose) => (f.steps[0]!.ops[0] = { move: 3 }), 'steps[0].ops[0] should be one of'],
    ['a slot that comes twice', (f: Loose) => f.steps[0]!.ops.push({ insert: 3, id: 1 }), 'insert should be'],
    [
      'a slot that has gone',
      (f: Loose) => f.steps[0]!.ops.push({ remove: 4 }, { set: 4, id: 1 }),
      'a slot that is there',
    ],
    ['a list of the wrong length', (f: Loose) => f.steps[1]!.prediction.topIds.pop(), 'steps[1].prediction.topIds'],
    ['an absurd K', (f: Loose) => (f.steps[0]!.prediction.topK = 1e9), 'steps[0].prediction.topK'],
    ['a number that is none', (f: Loose) => (f.steps[0]!.prediction.entropy[0] = null), 'prediction.entropy[0]'],
    ['an unknown slot state', (f: Loose) => (f.start.states[0] = 9), 'start.states[0] should be'],
    ['a setting out of range', (f: Loose) => (f.settings['steps'] = 0), 'settings.steps'],
    ['a setting of another kind', (f: Loose) => (f.settings['steps'] = '8'), 'settings.steps should be a number'],
    ['an edit after the end', (f: Loose) => (f.edits[0]!.before = 999), 'edits[0].before'],
    ['a piece without an id', (f: Loose) => (f.pieces['fox'] = 'x'), 'pieces'],
  ])('is refused for %s', async (_, change, words) => {
    const error = await refusal(change)();
    expect(error.code).toBe('trace');
    expect(error.message).toContain(words);
    expect(error.remedy).not.toBe('');
  });

  test('is refused when a number overflows', async () => {
    const text = encodeTrace(await record(example)).replace(/"milliseconds":[^,}]*/, '"milliseconds":1e999');
    expect(() => decodeTrace(text)).toThrow('steps[0].milliseconds should be a number, not negative');
  });

  test('is refused when it is no JSON or of another shape', () => {
    expect(() => decodeTrace('{"format":')).toThrow('it is not JSON');
    expect(() => decodeTrace('[]')).toThrow('the file should be an object');
    expect(() => decodeTrace('['.repeat(1e6))).toThrow(UnmaskError);
  });

  test('never does worse than be refused, whatever is changed in it', async () => {
    const { trace, branched } = await recordExample();
    const wholes = [encodeTrace(trace), encodeTree(withBranch(treeOf(trace), branched, 0))];
    await fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), mutation, fc.constantFrom(...wholes), (stream, change, whole) => {
        const text = change(whole, () => stream.next().value as number);
        try {
          for (const { trace: read } of decodeTree(text).branches) {
            canvasAt(read, read.steps.length);
            stepStatistics(read);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(UnmaskError);
          expect((error as UnmaskError).code).toBe('trace');
        }
      }),
      { numRuns: 3000 },
    );
  });
});

/** The file as a test that damages it sees it. */
interface Loose {
  start: { states: unknown[] };
  settings: Record<string, unknown>;
  steps: { ops: Record<string, unknown>[]; prediction: { topK: unknown; topIds: unknown[]; entropy: unknown[] } }[];
  edits: { before: unknown }[];
  pieces: Record<string, unknown>;
}

type Mutation = (text: string, random: () => number) => string;

/** Puts `value` (or nothing) somewhere in the tree of the file. */
function replaceSomewhere(value: unknown): Mutation {
  return (text, random) => {
    const file = JSON.parse(text);
    let place = file;
    for (;;) {
      const keys = Object.keys(place);
      const key = keys[random() % keys.length];
      if (key === undefined) return JSON.stringify(file);
      const child = place[key];
      if (child !== null && typeof child === 'object' && random() % 5 > 0) {
        place = child;
        continue;
      }
      if (value === undefined) delete place[key];
      else place[key] = value;
      return JSON.stringify(file);
    }
  };
}

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.jsonValue().map(replaceSomewhere),
  fc.constantFrom(undefined, 1e308, -1, 0.5, 2 ** 31, 2 ** 53, '', [], {}, null, true).map(replaceSomewhere),
  fc.constant<Mutation>((text, random) => text.slice(0, random() % text.length)),
  fc.string({ maxLength: 3 }).map<Mutation>((insert) => (text, random) => {
    const at = random() % text.length;
    return text.slice(0, at) + insert + text.slice(at + (random() % 3));
  }),
);

describe('where an answer ended', () => {
  test.each([
    { from: 3, to: 5 },
    { from: 3, to: 4, saved: 60 },
  ])('is kept: %j', async (ended) => {
    const trace = await record(example);
    const steps = trace.steps.map((step, at) => (at === trace.steps.length - 1 ? { ...step, ended } : step));
    expect(decodeTrace(encodeTrace({ ...trace, steps })).steps.at(-1)?.ended).toEqual(ended);
    expect(decodeTree(encodeTree(treeOf({ ...trace, steps }))).branches[0]?.trace.steps.at(-1)?.ended).toEqual(ended);
  });

  test.each([{ from: 3, to: 3 }, { from: -1, to: 2 }, { from: 3, to: 99 }, { from: 3, to: 4, saved: 0.5 }, 7])(
    'is refused when it makes no sense: %j',
    async (ended) => {
      const file = JSON.parse(encodeTrace(await record(example)));
      file.steps.at(-1).ended = ended;
      expect(() => decodeTrace(JSON.stringify(file))).toThrow(expect.objectContaining({ code: 'trace' }));
    },
  );
});
