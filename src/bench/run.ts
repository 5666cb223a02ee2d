/**
 * The bench: our engine, ONNX Runtime and tfjs on WebGPU, with the same weights on the same canvases, in turn. In each
 * precision it first compares the answers, then times single forward passes and whole generations. Every canvas is new.
 */
import type { ModelConfig, Weights } from '../checkpoint/model.ts';
import { continueCanvas } from '../diffusion/canvas.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { generate } from '../diffusion/generate.ts';
import { defaultSettings } from '../diffusion/settings.ts';
import { type EngineDevice, openDevice } from '../engine/device.ts';
import type { Contestant } from './contestant.ts';
import { type Form, NAMES, PRECISIONS, type Precision, type Program } from './names.ts';
import { randomModel } from './random-model.ts';
import type { Cell, Report, Task } from './report.ts';
import { takeTurns } from './rounds.ts';
import { SIZES, type SizeName } from './sizes.ts';

export interface BenchOptions {
  readonly size: SizeName;
  readonly rounds: number;
  /** Two lengths, one generation, fewest rounds. */
  readonly quick: boolean;
  readonly precisions?: readonly Precision[] | undefined;
  /** All that belong to the extent, unless told. */
  readonly tasks?: readonly Task[] | undefined;
  /** Form of ONNX Runtime to try first, because it was right on this device before. */
  readonly right?: Form | undefined;
}

export interface BenchProgress {
  readonly report: Report;
  /** What is being done now. */
  readonly doing: {
    readonly stage: 'open' | 'compare' | 'measure';
    readonly precision: Precision;
    readonly program?: Program;
    readonly task?: Task;
  };
  /** Share of the whole that is done, 0 to 1. */
  readonly done: number;
}

export interface Surroundings {
  readonly gpu: GPU;
  /** "Chromium 153 on Linux", "Node 20 with Dawn". */
  readonly where: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: BenchProgress) => void;
}

const LONGEST = 512;
const PROMPT = 16;
const NEW_TOKENS = 128;
const BLOCK = 32;
const LEAST_ROUNDS = 3;

/** How far a log-sum-exp may be from our f32 answer for the answers to count as the same; beyond it, no time counts. */
const SAME: Readonly<Record<Precision, number>> = { f32: 5e-3, f16: 0.1, int8: 0.5 };

export function tasksOf({ quick }: Pick<BenchOptions, 'quick'>): Task[] {
  const lengths = quick ? [64, 256] : [64, 128, 256, 512];
  const steps = quick ? [32] : [128, 64, 32];
  return [
    ...lengths.flatMap((tokens) =>
      [1, 0.25].map((share): Task => ({ kind: 'forward', tokens, asked: Math.round(tokens * share) })),
    ),
    ...steps.map((count): Task => ({ kind: 'generate', tokens: NEW_TOKENS, steps: count })),
  ];
}

/** Runs to the end, or until the signal stops it: what was measured until then is returned. Throws `UnmaskError`: device. */
export async function runBench(options: BenchOptions, surroundings: Surroundings): Promise<Report> {
  const { size, precisions = PRECISIONS } = options;
  const { signal, onProgress } = surroundings;
  const device = await openDevice(surroundings.gpu);
  const model = randomModel(SIZES[size], 'F32');
  const tasks = options.tasks ?? tasksOf(options);
  const total = precisions.reduce((sum) => sum + tasks.reduce((all, task) => all + weightOf(task), 0), 0);
  let done = 0;
  let report = emptyReport(options, device, surroundings.where, model);
  let turn = 0;
  let { right } = options;

  try {
    // Our own f32 answer; the engine itself is checked against PyTorch's logits in its tests.
    let wanted = precisions[0] === 'f32' ? undefined : await reference(device, model);
    for (const precision of precisions) {
      const contestants: Contestant[] = [];
      try {
        for (const { program, form, open } of openers(device, model, precision, right)) {
          signal?.throwIfAborted();
          if (contestants.some((one) => one.program === program)) continue; // a form before this one was right
          onProgress?.({ report, done: done / total, doing: { stage: 'open', precision, program } });
          try {
            const contestant = await open();
            contestants.push(contestant);
            onProgress?.({ report, done: done / total, doing: { stage: 'compare', precision, program } });
            const answer = await logSums(contestant);
            wanted ??= answer;
            const difference = distance(answer, wanted);
            if (!(difference < SAME[precision])) {
              await contestants.pop()?.dispose();
              throw new Error(`its answers differ by ${difference.toPrecision(2)}.`);
            }
            report = { ...report, differences: [...report.differences, { program, precision, form, difference }] };
            right = form ?? right;
          } catch (error) {
            if (program === 'unmask') throw error;
            report = { ...report, absent: [...report.absent, { program, precision, form, why: messageOf(error) }] };
          }
        }
        for (const task of tasks) {
          const warm = task.kind === 'generate';
          const rounds = warm ? Math.max(LEAST_ROUNDS, Math.floor(options.rounds / 2)) : options.rounds;
          if (task === tasks.find(({ kind }) => kind === 'generate')) {
            for (const contestant of contestants) await warmUp(contestant, ++turn, signal);
          }
          const share = weightOf(task) / ((warm ? rounds : rounds + 1) * contestants.length);
          const work = contestants.map((contestant) => () => perform(contestant, task, ++turn, signal));
          const times = await takeTurns(work, rounds, {
            warm,
            signal,
            onTurn() {
              done += share;
              onProgress?.({ report, done: done / total, doing: { stage: 'measure', precision, task } });
            },
          });
          const cell: Cell = {
            task,
            precision,
            times: Object.fromEntries(contestants.map(({ program }, i) => [program, times[i] as number[]])),
          };
          report = { ...report, cells: [...report.cells, cell] };
        }
      } finally {
        for (const contestant of contestants) await contestant.dispose();
      }
    }
    return { ...report, complete: true };
  } catch (error) {
    if (signal?.aborted) return report;
    throw error instanceof UnmaskError ? error : UnmaskError.from(error);
  } finally {
    device.gpu.destroy();
  }
}

interface Opener {
  readonly program: Program;
  readonly form?: Form;
  readonly open: () => Promise<Contestant>;
}
type RandomModel = { readonly config: ModelConfig; readonly weights: Weights };

/** The peers are loaded when they are needed: ONNX Runtime alone is tens of megabytes. */
function openers(device: EngineDevice, model: RandomModel, precision: Precision, right?: Form): Opener[] {
  const onnxruntime = (form: Form): Opener => ({
    program: 'onnxruntime',
    form,
    open: async () => (await import('./onnxruntime.ts')).openOnnxRuntime(model, precision, LONGEST, form),
  });
  // llvmpipe takes many minutes to compile the fused attention that goes without subgroups.
  const forms: readonly Form[] = /llvmpipe/i.test(device.description)
    ? ['fused', 'plain']
    : ['fused', 'withoutSubgroups', 'plain'];
  const tfjs: Opener = { program: 'tfjs', open: async () => (await import('./tfjs.ts')).openTfjs(model) };
  return [
    { program: 'unmask', open: async () => (await import('./unmask.ts')).openUnmask(device, model, precision) },
    ...[...new Set(right === undefined ? forms : [right, ...forms])].map(onnxruntime),
    ...(precision === 'f32' ? [tfjs] : []),
  ];
}

/** Our f32 answer, where f32 is not measured itself. */
async function reference(device: EngineDevice, model: RandomModel): Promise<Float32Array> {
  const ours = await (await import('./unmask.ts')).openUnmask(device, model, 'f32');
  try {
    return await logSums(ours);
  } finally {
    await ours.dispose();
  }
}

/** Log-sum-exp of some slots of a canvas longer than the window. */
async function logSums({ denoiser }: Contestant): Promise<Float32Array> {
  const ids = newCanvas(160, denoiser.vocabSize, denoiser.maskId, 4001);
  const slots = Int32Array.from({ length: 32 }, (_, i) => 5 * i);
  const request = { ids, slots, topK: 1, fresh: true, draw: { seed: 1, step: 0, temperature: 0 } };
  return (await denoiser.predict(request)).logSumExp;
}

function distance(got: Float32Array, want: Float32Array): number {
  return got.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (want[i] as number))), 0);
}

/** `turn` makes every canvas of the run a new one, so that nothing is answered from memory. */
async function perform(contestant: Contestant, task: Task, turn: number, signal?: AbortSignal): Promise<void> {
  const { denoiser } = contestant;
  if (task.kind === 'forward') {
    const { tokens, asked } = task;
    const slots = Int32Array.from({ length: asked }, (_, i) => Math.floor((i * tokens) / asked));
    await contestant.forward(newCanvas(tokens, denoiser.vocabSize, denoiser.maskId, turn), slots);
    return;
  }
  let steps = 0;
  for await (const forwards of generation(contestant, task, turn, signal)) {
    if (forwards === 0) throw new Error(`Step ${steps} of turn ${turn} was answered from memory.`);
    steps++;
  }
  signal?.throwIfAborted();
  if (steps !== task.steps) throw new Error(`A generation of ${task.steps} steps took ${steps}.`);
}

/** The first block of a generation, one token a step: it asks for every number of slots that any generation asks for. */
async function warmUp(contestant: Contestant, turn: number, signal?: AbortSignal): Promise<void> {
  let steps = 0;
  for await (const _ of generation(contestant, { tokens: NEW_TOKENS, steps: NEW_TOKENS }, turn, signal)) {
    if (++steps === BLOCK) break;
  }
  signal?.throwIfAborted();
}

/** Forward passes of each step. */
async function* generation(
  { denoiser }: Contestant,
  { tokens, steps }: { readonly tokens: number; readonly steps: number },
  turn: number,
  signal?: AbortSignal,
): AsyncGenerator<number> {
  const prompt = newCanvas(PROMPT, denoiser.vocabSize, denoiser.maskId, turn);
  const settings = { ...defaultSettings(), length: tokens, steps, block: BLOCK, seed: turn };
  const canvas = continueCanvas(prompt, tokens, denoiser.maskId);
  for await (const step of generate(denoiser, canvas, settings, { signal })) yield step.forwards;
}

/** Token ids none of which is the mask: the turn, written out, then a pattern that depends on it. */
function newCanvas(tokens: number, vocabSize: number, maskId: number, turn: number): Int32Array {
  const words = vocabSize - maskId - 1;
  return Int32Array.from({ length: tokens }, (_, i) => {
    const digit = i < 3 ? Math.floor(turn / words ** i) : (i + turn) * 7919;
    return maskId + 1 + (digit % words);
  });
}

/** Tokens that go through the network, as a guess of how long a task takes. */
function weightOf(task: Task): number {
  return task.kind === 'forward' ? task.tokens : task.steps * (PROMPT + task.tokens);
}

function emptyReport(
  { size }: BenchOptions,
  device: EngineDevice,
  where: string,
  { config, weights }: RandomModel,
): Report {
  return {
    version: 1,
    date: new Date().toISOString(),
    device: device.description,
    software: device.software,
    where,
    model: {
      name: size,
      parameters: weights.parameters,
      layers: config.layers.length,
      hidden: config.hiddenSize,
      vocabulary: config.vocabSize,
    },
    programs: NAMES,
    absent: [],
    differences: [],
    cells: [],
    complete: false,
  };
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] as string;
}
