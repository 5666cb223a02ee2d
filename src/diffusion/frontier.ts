/**
 * The trade between how good texts are and how many forward passes they take: which settings make a sampler take about
 * so many passes, which texts to write for that, and what becomes of them in one point of a figure. Pure book-keeping,
 * shared by the page and `npm run frontier`.
 */
import { said } from '../text/said.ts';
import { UnmaskError } from './error.ts';
import { formatLink } from './link.ts';
import { OPENINGS } from './openings.ts';
import { type JudgedText, perplexity, type Quality, qualityOf } from './quality.ts';
import { SAMPLER_TABLE } from './samplers/index.ts';
import { SAMPLERS, type SamplerName, SETTINGS, type SettingName, type Settings } from './settings.ts';

/** A sampler with its block size; 0 is the whole text at once. */
export interface Series {
  readonly sampler: SamplerName;
  readonly block: number;
}

/** One point to be measured. */
export interface PointPlan {
  /** The series and its knob, such as `confidence:16 steps=8`; tells points apart. */
  readonly key: string;
  /** As `formatSeries` writes it, or `append` for the judge. */
  readonly series: string;
  readonly writer: 'set' | 'append';
  /** The setting that makes for few or many passes. */
  readonly knob: SettingName;
  /** Complete but for prompt and seed. */
  readonly settings: Settings;
}

/** What one text took and became; the page stores these, so that a stopped computation goes on. */
export interface Sample {
  readonly prompt: string;
  readonly seed: number;
  readonly ids: readonly number[];
  readonly text: string;
  readonly logProbs: readonly number[];
  readonly forwards: number;
  readonly milliseconds: number;
}

export interface FrontierText {
  readonly prompt: string;
  readonly seed: number;
  readonly text: string;
  readonly perplexity: number;
}

export interface FrontierPoint {
  readonly key: string;
  readonly series: string;
  readonly knob: SettingName;
  readonly value: number;
  /** The settings as a link, without prompt and seed. */
  readonly link: string;
  /** Means over the texts: passes made, new tokens before the end of the text, wall time. */
  readonly passes: number;
  readonly tokens: number;
  readonly milliseconds: number;
  readonly quality: Quality;
  readonly texts: readonly FrontierText[];
}

/** What `npm run frontier` writes and the page shows before anything is computed. */
export interface Frontier {
  readonly format: 'unmask-frontier';
  readonly version: 1;
  /** ISO date. */
  readonly measured: string;
  readonly model: string;
  readonly judge: string;
  readonly backend: string;
  readonly device: string;
  readonly length: number;
  readonly prompts: number;
  readonly seeds: number;
  /** The judge's own texts at the same settings. */
  readonly reference: FrontierPoint;
  readonly points: readonly FrontierPoint[];
}

/**
 * Samplers that set their own pace, and the knob that hurries them: from careful to hasty. Those that take as many passes
 * as there are tokens, whatever is set, are one point.
 */
const PACES: Partial<Record<SamplerName, { readonly knob: SettingName; readonly values: readonly number[] }>> = {
  threshold: { knob: 'threshold', values: [0.5, 0.25, 0.1, 0.05] },
  'token-editing': { knob: 'threshold', values: [0.5, 0.25, 0.1, 0.05] },
  factor: { knob: 'factor', values: [0.5, 1, 2, 4] },
  'entropy-bounded': { knob: 'gamma', values: [0.1, 1, 3, 8] },
};

/** `confidence`, or with a block size `confidence:16`. Throws `UnmaskError` code `settings`. */
export function parseSeries(text: string): Series {
  const [name = '', block] = text.split(':');
  const sampler = SAMPLERS.find((one) => one === name);
  if (sampler === undefined) {
    throw new UnmaskError({
      code: 'settings',
      message: said`There is no sampler "${name.slice(0, 40)}".`,
      remedy: said`Choose among ${SAMPLERS.join(', ')}, each with :N for blocks of N.`,
    });
  }
  return { sampler, block: block === undefined ? 0 : SETTINGS.block.parse(block) };
}

export function formatSeries({ sampler, block }: Series): string {
  return block === 0 ? sampler : `${sampler}:${block}`;
}

/** The points of a series: one per number of passes, or one per value of its own knob. `base` gives everything else. */
export function planSeries(series: Series, passes: readonly number[], base: Settings): PointPlan[] {
  const { sampler, block } = series;
  const pace = PACES[sampler];
  const { uses, followsPlan } = SAMPLER_TABLE[sampler];
  const stepped = followsPlan || uses.includes('steps');
  const knob = pace?.knob ?? 'steps';
  const values = pace?.values ?? (stepped ? passes : [base.length]);
  return values.map((value) => ({
    key: `${formatSeries(series)} ${knob}=${value}`,
    series: formatSeries(series),
    writer: 'set' as const,
    knob,
    settings: { ...base, mode: 'continue' as const, sampler, block, [knob]: value },
  }));
}

/** The judge's own texts at these settings: what the points are read against. */
export function planReference(base: Settings): PointPlan {
  const settings: Settings = { ...base, mode: 'continue', steps: base.length, sampler: 'left-to-right', block: 0 };
  return { key: 'append', series: 'append', writer: 'append', knob: 'steps', settings };
}

/** One text to be written. */
export interface Task {
  readonly point: PointPlan;
  readonly prompt: string;
  readonly seed: number;
}

export interface FrontierPlan {
  /** The reference first. */
  readonly points: readonly PointPlan[];
  /** Every text of every point, so ordered that all points grow together and texts of one length follow each other. */
  readonly tasks: readonly Task[];
  readonly prompts: readonly string[];
  readonly seeds: number;
  readonly base: Settings;
}

/** Some of each kind: by confidence with and without blocks, by chance, in order, by time, rewriting, and in parallel. */
export const DEFAULT_SERIES = [
  'confidence',
  'confidence:16',
  'random',
  'left-to-right',
  'ancestral',
  'remdm-conf',
  'iterative-refinement',
  'threshold',
] as const;

/** Throws `UnmaskError` code `settings` when a series cannot be read. */
export function planFrontier({
  series = DEFAULT_SERIES,
  passes,
  prompts,
  seeds,
  base,
}: {
  readonly series?: readonly string[] | undefined;
  readonly passes: readonly number[];
  readonly prompts: readonly string[];
  readonly seeds: number;
  readonly base: Settings;
}): FrontierPlan {
  const names = [...new Set(series.map((text) => formatSeries(parseSeries(text))))];
  const points = [planReference(base), ...names.flatMap((name) => planSeries(parseSeries(name), passes, base))];
  const rounds = Array.from({ length: seeds }, (_, round) => round);
  const tasks = rounds.flatMap((round) =>
    prompts.flatMap((prompt, place) => points.map((point) => ({ point, prompt, seed: seedOf(place, round) }))),
  );
  return { points, tasks, prompts, seeds, base };
}

/** Texts written at once: those of one prompt and seed, of which the judge's own is written alone. */
const AT_ONCE = 8;

/** The tasks in their order, cut into those whose texts advance together. */
export function groupsOf<T extends Task>(tasks: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (const task of tasks) {
    const group = groups.at(-1);
    const [first] = group ?? [];
    const beside =
      first?.prompt === task.prompt &&
      first.seed === task.seed &&
      [first, task].every(({ point }) => point.writer === 'set');
    if (group && beside && group.length < AT_ONCE) group.push(task);
    else groups.push([task]);
  }
  return groups;
}

/** The seed of round `round` of prompt number `prompt`: no two texts of a series share one. */
export function seedOf(prompt: number, round: number): number {
  return 1 + prompt + round * OPENINGS.length;
}

/** Undefined before the first sample. */
export function pointOf(plan: PointPlan, samples: readonly Sample[]): FrontierPoint | undefined {
  if (samples.length === 0) return undefined;
  const mean = (number: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + number(sample), 0) / samples.length;
  const judged: JudgedText[] = samples.map(({ ids, logProbs, prompt }) => ({ ids, logProbs, group: prompt }));
  return {
    key: plan.key,
    series: plan.series,
    knob: plan.knob,
    value: Number(plan.settings[plan.knob]),
    link: formatLink(plan.settings),
    passes: mean(({ forwards }) => forwards),
    tokens: mean(({ ids }) => ids.length),
    milliseconds: mean(({ milliseconds }) => milliseconds),
    quality: qualityOf(judged),
    texts: samples.map(({ prompt, seed, text, logProbs }) => ({
      prompt,
      seed,
      text,
      perplexity: perplexity(logProbs),
    })),
  };
}
