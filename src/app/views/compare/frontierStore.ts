/** The frontier: what was measured beforehand, and what this machine computes in a queue, some texts at once. */
import { create } from 'zustand';
import {
  type Frontier,
  type FrontierPlan,
  type FrontierPoint,
  groupsOf,
  planFrontier,
  pointOf,
  type Sample,
} from '../../../diffusion/frontier.ts';
import { OPENINGS } from '../../../diffusion/openings.ts';
import { JUDGE, loadPair } from '../../session/comparedModels.ts';
import { compute, useCompute } from '../../session/compute.ts';
import type { Comparison } from './address.ts';
import { forgetSamples, sampleKey, storedSamples, storeSample } from './samples.ts';
import { useComparison } from './store.ts';
import { startWork, useWork } from './work.ts';

/** Made by `npm run frontier`. A measurement, so it lies with the others; the build serves it as a file. */
const MEASURED = new URL('../../../../bench/results/frontier.json', import.meta.url);

export const PASSES = [8, 16, 32, 64] as const;

interface FrontierState {
  readonly measured: Frontier | undefined;
  /** Samples of this machine by the key of their point. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
  readonly done: number;
  readonly total: number;
  /** Milliseconds still to go; undefined before it can be told. */
  readonly left: number | undefined;
  readonly shown: 'measured' | 'here';
  /** Key of the point whose texts are listed. */
  readonly chosen: string | undefined;
}

export const useFrontier = create<FrontierState>(() => ({
  measured: undefined,
  samples: new Map(),
  done: 0,
  total: 0,
  left: undefined,
  shown: 'measured',
  chosen: undefined,
}));

export async function fetchMeasured(): Promise<void> {
  if (useFrontier.getState().measured) return;
  const answer = await fetch(MEASURED).catch(() => undefined);
  if (!answer?.ok) return;
  const found = (await answer.json()) as Frontier;
  if (found.format === 'unmask-frontier' && found.version === 1) useFrontier.setState({ measured: found });
}

export function planOf({ settings, series, prompts }: Comparison): FrontierPlan {
  const base = { ...settings, mode: 'continue' as const };
  return planFrontier({ series, passes: PASSES, prompts: OPENINGS.slice(0, prompts), seeds: 1, base });
}

/** Reference and points of what was computed here, as far as it goes. */
export function pointsHere(
  plan: FrontierPlan,
  samples: FrontierState['samples'],
): { reference: FrontierPoint | undefined; points: FrontierPoint[] } {
  const all = plan.points.map((point) => pointOf(point, samples.get(point.key) ?? []));
  return { reference: all[0], points: all.slice(1).filter((point) => point !== undefined) };
}

function modelsKey(): string {
  return `${useCompute.getState().model?.id ?? useComparison.getState().settings.model} ${JUDGE}`;
}

/** Shows what an earlier visit has computed for this plan. */
export async function recallSamples(): Promise<FrontierPlan['tasks']> {
  const plan = planOf(useComparison.getState());
  const keys = plan.tasks.map((task) => sampleKey(task, modelsKey()));
  const found = await storedSamples(keys);
  const samples = new Map<string, Sample[]>();
  for (const [index, sample] of found.entries()) {
    const key = plan.tasks[index]?.point.key as string;
    if (sample) samples.set(key, [...(samples.get(key) ?? []), sample]);
  }
  const done = found.filter(Boolean).length;
  useFrontier.setState({ samples, done, total: plan.tasks.length, left: undefined });
  return plan.tasks.filter((_, index) => found[index] === undefined);
}

/** Writes the texts of the plan that are not there yet, some at once; stopping keeps what is done. */
export async function computeFrontier(): Promise<void> {
  await startWork(async (signal) => {
    useFrontier.setState({ shown: 'here' });
    await loadPair();
    const todo = await recallSamples();
    if (signal.aborted) return;
    useWork.setState({ status: 'running' });
    const worker = await compute();
    const began = performance.now();
    let made = 0;
    for (const group of groupsOf(todo)) {
      const runs = group.map(({ point, prompt, seed }) => ({
        writer: point.writer,
        settings: { ...point.settings, prompt, seed },
      }));
      const asked = { runs, steps: false, judge: true, together: true };
      for await (const event of worker.run('compare', asked, signal)) {
        if (event.kind !== 'written') continue;
        const task = group[event.run] as (typeof group)[number];
        const { ids, text, logProbs, forwards, milliseconds } = event.result;
        const sample: Sample = { prompt: task.prompt, seed: task.seed, ids, text, logProbs, forwards, milliseconds };
        void storeSample(sampleKey(task, modelsKey()), sample);
        const each = (performance.now() - began) / ++made;
        const { key } = task.point;
        useFrontier.setState(({ samples, done }) => ({
          samples: new Map(samples).set(key, [...(samples.get(key) ?? []), sample]),
          done: done + 1,
          left: each * (todo.length - made),
        }));
      }
      if (signal.aborted) return;
    }
  });
}

export async function startOver(): Promise<void> {
  await forgetSamples();
  useFrontier.setState({ samples: new Map(), done: 0, left: undefined, chosen: undefined });
}
