/** A short run of training that a lesson makes with the model in use; it is kept beside those of Train. */
import type { Training } from '../../../worker/protocol.train.ts';
import { defaultTrainSettings, type TrainData, type TrainSettings } from '../../../worker/protocol.train.ts';
import { compute, loadModel, sourceOf, useCompute } from '../../session/compute.ts';
import { useSettings } from '../../session/settings.ts';

export interface Learning {
  readonly step: number;
  readonly steps: number;
  /** Seconds. */
  readonly left: number | undefined;
}

/** What learns: the whole model, or low ranks beside it. */
export const LEARNERS = ['whole', 'adapter'] as const;
export type Learner = (typeof LEARNERS)[number];

/** Low ranks begin at nothing and need larger steps. */
const HOW: Readonly<Record<Learner, Partial<TrainSettings>>> = {
  whole: { lr: 5e-5 },
  adapter: { adapter: 'lora', rank: 16, alpha: 32, lr: 1e-3 },
};

interface Begun {
  /** Its name in Train is the model's with this behind it. */
  readonly suffix: string;
  readonly learner: Learner;
  readonly settings: Partial<TrainSettings>;
  readonly data: TrainData;
  readonly signal: AbortSignal;
}

/** What a run was called, and the model it began with. */
export interface KeptRun {
  readonly id: string;
  readonly name: string;
  readonly model: string;
}

/** Runs it, and says how it goes. Throws what the worker throws. */
export async function* learn({
  suffix,
  learner,
  settings: own,
  data,
  signal,
}: Begun): AsyncGenerator<Training, KeptRun> {
  const model = await loadModel();
  const settings = {
    ...defaultTrainSettings(),
    ...HOW[learner],
    ...own,
    init: model.id,
    seed: useSettings.getState().settings.seed,
  };
  const name = `${model.id.replace(/.*\//, '')}-${suffix}`;
  const valid = { kind: 'url', url: served('data/sample.txt') } as const;
  const begin = { name, settings, data, valid, from: await sourceOf(model.id) };
  const worker = await compute();
  const run = crypto.randomUUID().replaceAll('-', '');
  const backend = useCompute.getState().model?.device.backend === 'webgpu' ? 'auto' : 'fallback';
  for await (const { event } of worker.run('train', { run, begin, backend }, signal)) yield event;
  return { id: run, name, model: model.id };
}

/** The address of a file that is served with the page. */
export const served = (path: string) => new URL(path, document.baseURI).href;
