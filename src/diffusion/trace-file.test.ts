import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { continueCanvas } from './canvas.ts';
import { UnmaskError } from './error.ts';
import { generate } from './generate.ts';
import { canvasAt } from './replay.ts';
import { defaultSettings } from './settings.ts';
import { stepStatistics } from './statistics.ts';
import { anyCase, anySettings, type Case, hashDenoiser, MASK } from './testing/arbitrary.ts';
import type { Step, Trace } from './trace.ts';
import { decodeTrace } from './trace-decode.ts';
import { encodeTrace } from './trace-encode.ts';

async function record({ canvas, settings, denoiser }: Case): Promise<Trace> {
  const steps: Step[] = [];
  for await (const step of generate(denoiser, canvas, settings)) steps.push(step);
  return {
    version: 1,
    settings,
    model: { id: 'stories', parameters: 1234 },
    backend: { name: 'cpu', device: 'table' },
    start: canvas,
    maskId: MASK,
    steps,
    edits: [{ before: steps.length, slot: 0, id: 3, state: 4 }],
    pieces: { 0: '<unk>', 3: ' fox', 7: '\ud83e\udd8a' },
  };
}

/** Six tokens in three steps. */
const example: Case = {
  canvas: continueCanvas([1, 2], 6, MASK),
  settings: { ...defaultSettings(), length: 6, steps: 3 },
  denoiser: hashDenoiser(7),
};

const refusal = (change: (file: never) => unknown) => async () => {
  const trace = await record(example);
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
        const trace = { ...(await record(run)), settings };
        const back = decodeTrace(encodeTrace(trace));
        expect({ ...back, steps: [] }).toEqual({ ...trace, steps: [] });
        back.steps.forEach((step, i) => {
          const { prediction, milliseconds, ...rest } = trace.steps[i]!;
          expect(step).toMatchObject(rest);
          expect(step.milliseconds).toBeCloseTo(milliseconds, 2);
          for (const name of ['slots', 'ids', 'topIds', 'topK', 'forwards'] as const) {
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

describe('a damaged trace file', () => {
  test.each<[string, (file: never) => unknown, string]>([
    ['a foreign file', (f: { format?: string }) => delete f.format, 'not a trace'],
    ['a newer version', (f: { version: number }) => (f.version = 2), 'newer version'],
    ['an unknown version', (f: { version: string }) => (f.version = 'one'), 'version should be 1'],
    ['a missing part', (f: { start?: unknown }) => delete f.start, 'start should be an object, but it is missing'],
    ['a slot outside the canvas', (f: Loose) => (f.steps[0]!.revealed[0] = 999), 'steps[0].revealed[0] should be'],
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
    const trace = await record(example);
    const whole = encodeTrace(trace);
    await fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), mutation, (stream, change) => {
        const text = change(whole, () => stream.next().value as number);
        try {
          const read = decodeTrace(text);
          canvasAt(read, read.steps.length);
          stepStatistics(read);
        } catch (error) {
          expect(error).toBeInstanceOf(UnmaskError);
          expect((error as UnmaskError).code).toBe('trace');
        }
      }),
      { numRuns: 1500 },
    );
  });
});

/** The file as a test that damages it sees it. */
interface Loose {
  start: { states: unknown[] };
  settings: Record<string, unknown>;
  steps: { revealed: unknown[]; prediction: { topK: unknown; topIds: unknown[]; entropy: unknown[] } }[];
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
