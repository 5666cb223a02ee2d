/**
 * Makes the runs of an experiment again in the page: one of them as it was recorded, or all of them one after another with
 * half of the steps. They are runs like any other, kept and shown in Train.
 */
import { create } from 'zustand';
import { UnmaskError } from '../../../diffusion/error.ts';
import { SMALL } from '../../../diffusion/shipped.ts';
import {
  type ExperimentName,
  presetSettings,
  runsOf,
  type StoredRun,
  smaller,
  type TrainSettings,
} from '../../../worker/protocol.train.ts';
import { estimateSeconds } from './estimate.ts';
import { servedWith, takePreset, takeRecipe } from './setup.ts';
import { compare, keptOf, learnt, show, start, stop, useTrain } from './store.ts';

/** Starts one run: its recipe, with what is other in it. */
export function repeat(experiment: ExperimentName, run: string): Promise<void> {
  takePreset(experiment);
  const own = new Map(runsOf(experiment).runs).get(run)?.settings ?? {};
  if (Object.keys(own).length > 0) takeRecipe({ ...presetSettings(experiment), ...own });
  return start(SMALL);
}

/** One run of an experiment that is made as a whole. */
export interface Part {
  readonly name: string;
  readonly settings: TrainSettings;
  readonly after: string | undefined;
  readonly drawn: boolean;
}

/** What the page makes of an experiment: each run once, with half of the steps. */
export function partsOf(experiment: ExperimentName): readonly Part[] {
  return runsOf(experiment).runs.map(([name, { settings = {}, after, before }]) => ({
    name,
    settings: smaller({ ...presetSettings(experiment), ...settings }),
    after,
    drawn: !before,
  }));
}

/** How fast the model in use passes over a text here. */
export interface Speed {
  readonly passMilliseconds: number;
  readonly parameters: number;
}

/** Seconds of each part: a token costs as its network is large. `parameters`: of the network of each part. */
export function secondsOf(parts: readonly Part[], parameters: readonly number[], speed: Speed): readonly number[] {
  return parts.map(({ settings }, i) => {
    const size = (parameters[i] ?? speed.parameters) / speed.parameters;
    return estimateSeconds(settings, speed.passMilliseconds * size);
  });
}

interface Repeating {
  readonly experiment: ExperimentName;
  readonly parts: readonly Part[];
  /** Expected seconds of each part, where they are known. */
  readonly seconds: readonly number[] | undefined;
  /** Which part is being made; as many as there are when all are. */
  readonly at: number;
  /** Seconds that the parts before it took. */
  readonly spent: number;
  /** The ids of the runs that were made, by their names in the experiment. */
  readonly made: Readonly<Record<string, string>>;
  readonly going: boolean;
}

export const useRepeating = create<{ readonly now: Repeating | undefined }>(() => ({ now: undefined }));

const note = (part: Partial<Repeating>) => useRepeating.setState(({ now }) => ({ now: now && { ...now, ...part } }));

/** Makes all runs; ends with the first that does not come to its end. `nameOf` is what a run is called in the list. */
export async function repeatAll(
  experiment: ExperimentName,
  nameOf: (run: string) => string,
  seconds: readonly number[] | undefined,
): Promise<void> {
  if (useTrain.getState().status !== 'idle') return;
  const parts = partsOf(experiment);
  const began = performance.now();
  useRepeating.setState({ now: { experiment, parts, seconds, at: 0, spent: 0, made: {}, going: true } });
  const ended = new Map<string, StoredRun>();
  try {
    for (const [at, { name, settings, after }] of parts.entries()) {
      note({ at, spent: (performance.now() - began) / 1000 });
      const run = await makeOne(settings, after === undefined ? undefined : ended.get(after), nameOf(name));
      if (run === undefined || !useRepeating.getState().now?.going) return;
      ended.set(name, run);
      note({ made: Object.fromEntries([...ended].map(([each, { id }]) => [each, id])) });
    }
    note({ at: parts.length });
    for (const { name, drawn } of parts) if (drawn) compare((ended.get(name) as StoredRun).id, true);
    show(undefined);
  } catch (cause) {
    useTrain.setState({ error: UnmaskError.from(cause).toJSON() });
  } finally {
    note({ going: false });
  }
}

/** The run in flight is saved and ended, and no other begins. */
export function cancelRepeating(): void {
  note({ going: false });
  stop();
}

async function makeOne(
  settings: TrainSettings,
  before: StoredRun | undefined,
  name: string,
): Promise<StoredRun | undefined> {
  const named = (count: number) => (count === 1 ? name : `${name} ${count}`);
  const { data, from } = servedWith(settings);
  if (before === undefined) return learnt({ settings, data, from }, named);
  const { model, key } = await keptOf(before.id);
  return learnt({ settings: { ...settings, init: model }, data, from: { stored: key } }, named);
}

/**
 * Seconds until the last part ends, judged by what the parts before took beside what was expected of them. `ofThis`: those
 * that the part in flight has left, where it knows.
 */
export function secondsLeft(
  { seconds, at, spent }: Pick<Repeating, 'seconds' | 'at' | 'spent'>,
  ofThis: number | undefined,
): number | undefined {
  if (seconds === undefined) return undefined;
  const sum = (values: readonly number[]) => values.reduce((all, each) => all + each, 0);
  const expected = sum(seconds.slice(0, at));
  const slower = expected > 0 ? spent / expected : 1;
  return (ofThis ?? (seconds[at] ?? 0) * slower) + sum(seconds.slice(at + 1)) * slower;
}
