/**
 * Claims of the articles as small experiments: a recipe, and the runs in which something of it is other. `npm run experiment`
 * records them, the page draws what it wrote and runs them again.
 */
import type { PresetName } from './presets.ts';
import type { TrainSettings } from './train-settings.ts';

interface ExperimentRun {
  /** What is other than in the recipe. */
  readonly settings?: Partial<TrainSettings>;
  /** The run with whose weights it begins. */
  readonly after?: string;
  /** Made for another to begin with; it is not drawn. */
  readonly before?: true;
}

interface Experiment {
  /** By their names. One that begins with the weights of another comes after it. */
  readonly runs: Readonly<Record<string, ExperimentRun>>;
  /** Each run is recorded once for each of these, where chance alone could part the curves. */
  readonly seeds?: readonly number[];
}

const more = { rows: 'lines', evalEvery: 150 } as const;

export const EXPERIMENTS = {
  /**
   * From an autoregressive model to one that diffuses (its weights), over the whole row or block by block, beside a warm start
   * from one that diffuses already, and the same network with weights drawn anew.
   */
  a2d: {
    runs: {
      converted: {},
      blocks: { settings: { objective: 'bd3lm', block: 8 } },
      warm: { settings: { init: 'stories' } },
      scratch: { settings: { forget: true } },
    },
  },
  /** The kinds of encoder that dLLM compared before it chose ModernBERT, of one size, from nothing. */
  shapes: {
    runs: {
      modernbert: {},
      roberta: { settings: { architecture: 'roberta' } },
      bert: { settings: { architecture: 'bert' } },
    },
    seeds: [42, 43],
  },
  /** Chat training from stories, from stories that went on with WikiText or with stories, and from nothing. */
  starts: {
    runs: {
      learnsWikitext: { settings: { ...more, data: 'wikitext-2' }, before: true },
      learnsStories: { settings: { ...more, data: 'sample' }, before: true },
      warm: {},
      wikitext: { after: 'learnsWikitext' },
      stories: { after: 'learnsStories' },
      scratch: { settings: { forget: true } },
    },
  },
  /** Masks at ten rates beside BERT's 15 %. */
  rates: { runs: { ten: {}, bert: { settings: { objective: 'bert' } } } },
  /** As many steps with less and less text. */
  repeats: {
    runs: {
      masks1: {},
      masks4: { settings: { repeats: 4 } },
      masks16: { settings: { repeats: 16 } },
      masks64: { settings: { repeats: 64 } },
      appends1: { settings: { init: 'stories-ar', objective: 'next-token' } },
      appends4: { settings: { init: 'stories-ar', objective: 'next-token', repeats: 4 } },
      appends16: { settings: { init: 'stories-ar', objective: 'next-token', repeats: 16 } },
      appends64: { settings: { init: 'stories-ar', objective: 'next-token', repeats: 64 } },
    },
  },
} as const satisfies Partial<Record<PresetName, Experiment>>;

export type ExperimentName = keyof typeof EXPERIMENTS;

export function isExperiment(name: string): name is ExperimentName {
  return name in EXPERIMENTS;
}

/** The runs of an experiment by name, in the order in which they are made, and the seeds each is recorded with. */
export function runsOf(name: ExperimentName): {
  readonly runs: readonly (readonly [string, ExperimentRun])[];
  readonly seeds: readonly (number | undefined)[];
} {
  const { runs, seeds }: Experiment = EXPERIMENTS[name];
  return { runs: Object.entries(runs), seeds: seeds ?? [undefined] };
}

/** The same with half of its steps, for a page. */
export function smaller(settings: TrainSettings): TrainSettings {
  const { steps, evalEvery, sampleEvery } = settings;
  return {
    ...settings,
    steps: Math.ceil(steps / 2),
    evalEvery: Math.ceil(evalEvery / 2),
    sampleEvery: Math.ceil(sampleEvery / 2),
  };
}
