/**
 * The bench: our engine, ONNX Runtime and tfjs on WebGPU, with the same weights on the same canvases, in turn. In each
 * precision it first compares the answers, then times single forward passes and whole generations. Every canvas is new.
 */

import type { Weights } from '../checkpoint/model.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { type EngineDevice, openDevice } from '../engine/device.ts';
import type { Arch } from '../model/arch.ts';
import { contest, type Doing, type Opener } from './contest.ts';
import { type Form, NAMES, PRECISIONS, type Precision } from './names.ts';
import { randomModel } from './random-model.ts';
import type { Report, Task } from './report.ts';
import { SIZES, type SizeName } from './sizes.ts';
import { LONGEST, logSums, tasksOf, weightOf } from './tasks.ts';

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
  readonly doing: Doing;
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

/** Runs to the end, or until the signal stops it: what was measured until then is returned. Throws `UnmaskError`: device. */
export async function runBench(options: BenchOptions, surroundings: Surroundings): Promise<Report> {
  const { size, precisions = PRECISIONS } = options;
  const { signal, onProgress } = surroundings;
  const device = await openDevice(surroundings.gpu);
  const model = randomModel(SIZES[size], 'F32');
  const tasks = options.tasks ?? tasksOf(options);
  const whole = tasks.reduce((sum, task) => sum + weightOf(task), 0);
  let report = emptyReport(options, device, surroundings.where, model);
  let turn = 0;
  let { right } = options;

  try {
    // Our own f32 answer; the engine itself is checked against PyTorch's logits in its tests.
    let wanted = precisions[0] === 'f32' ? undefined : await reference(device, model);
    for (const [i, precision] of precisions.entries()) {
      wanted = await contest({
        precision,
        openers: openers(device, model, precision, right),
        tasks,
        rounds: options.rounds,
        wanted,
        nextTurn: () => ++turn,
        signal,
        onFinding({ absent = [], differences = [], cells = [] }) {
          right = differences.find(({ form }) => form !== undefined)?.form ?? right;
          report = {
            ...report,
            absent: [...report.absent, ...absent],
            differences: [...report.differences, ...differences],
            cells: [...report.cells, ...cells],
          };
        },
        onProgress: (doing, done) => onProgress?.({ report, doing, done: (i + done / whole) / precisions.length }),
      });
    }
    return { ...report, complete: true };
  } catch (error) {
    if (signal?.aborted) return report;
    throw error instanceof UnmaskError ? error : UnmaskError.from(error);
  } finally {
    device.gpu.destroy();
  }
}

type RandomModel = { readonly arch: Arch; readonly weights: Weights };

/** The peers are loaded when they are needed: ONNX Runtime alone is tens of megabytes. */
function openers(device: EngineDevice, model: RandomModel, precision: Precision, right?: Form): Opener[] {
  const onnxruntime = (form: Form): Opener => ({
    program: 'onnxruntime',
    form,
    open: async () => (await import('./onnxruntime.ts')).openOnnxRuntime(model, precision, LONGEST, form),
  });
  // Its graph in f16 computes in f16, which the device must offer; ours unpacks its weights where it does not.
  const without = precision === 'f16' && !device.gpu.features.has('shader-f16');
  const noHalves: Opener = {
    program: 'onnxruntime',
    open: () => Promise.reject(new Error('the device has no shader-f16.')),
  };
  // llvmpipe takes many minutes to compile the fused attention that goes without subgroups.
  const forms: readonly Form[] = /llvmpipe/i.test(device.description)
    ? ['fused', 'plain']
    : ['fused', 'withoutSubgroups', 'plain'];
  const tfjs: Opener = { program: 'tfjs', open: async () => (await import('./tfjs.ts')).openTfjs(model) };
  return [
    { program: 'unmask', open: async () => (await import('./unmask.ts')).openUnmask(device, model, precision) },
    ...(without ? [noHalves] : [...new Set(right === undefined ? forms : [right, ...forms])].map(onnxruntime)),
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

function emptyReport(
  { size }: BenchOptions,
  device: EngineDevice,
  where: string,
  { arch, weights }: RandomModel,
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
      layers: arch.layers.length,
      hidden: arch.width,
      vocabulary: arch.vocab,
    },
    programs: NAMES,
    absent: [],
    differences: [],
    cells: [],
    complete: false,
  };
}
