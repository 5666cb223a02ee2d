/** The Align view: one pair whose score is looked into, the choices of a person, and the taste that is learnt from them. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import { OPENINGS } from '../../../diffusion/openings.ts';
import type { Evaluation, Sample } from '../../../worker/protocol.train.ts';
import { compute, loadModel } from '../../session/compute.ts';
import { recall, remember } from '../../session/remember.ts';
import { useSettings } from '../../session/settings.ts';
import { type KeptRun, type Learner, type Learning, learn, served } from './runs.ts';
import type { PairSets } from './spread.ts';

export interface Choice {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
}

export const TASTES = ['ours', 'own', 'file'] as const;

interface AlignState {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  /** Whose score it is: of the model beside one with doubt, or of what has learnt the taste beside the model. */
  readonly against: 'doubt' | 'tuned';
  /** Of the pair above, once it has been asked. */
  readonly sets: PairSets | undefined;
  readonly asking: boolean;
  /** Whose taste: that of the pairs that the page brings, one's own, or that of a file. */
  readonly taste: (typeof TASTES)[number];
  /** Pairs as JSON lines, a table or Parquet. */
  readonly file: File | undefined;
  readonly choices: readonly Choice[];
  /** Two continuations to choose from. */
  readonly offer: { readonly prompt: string; readonly texts: readonly [string, string] } | undefined;
  readonly offering: boolean;
  readonly steps: number;
  readonly learner: Learner;
  readonly learning: Learning | undefined;
  readonly evaluations: readonly Evaluation[];
  readonly samples: readonly Sample[];
  /** The last run that has learnt a taste. */
  readonly run: KeptRun | undefined;
  readonly error: ErrorData | undefined;
}

const REMEMBERED = {
  choices: [] as readonly Choice[],
  taste: 'ours' as AlignState['taste'],
  steps: 20,
  learner: 'whole' as Learner,
  run: undefined as KeptRun | undefined,
};

export const useAlign = create<AlignState>(() => ({
  prompt: 'Lily was very hungry, so she',
  chosen: ' ate a big red apple.',
  rejected: ' cried on the cold floor.',
  sets: undefined,
  asking: false,
  against: 'doubt',
  ...recall('align', REMEMBERED),
  file: undefined,
  offer: undefined,
  offering: false,
  learning: undefined,
  evaluations: [],
  samples: [],
  error: undefined,
}));

type Changed = 'prompt' | 'chosen' | 'rejected' | 'against' | keyof typeof REMEMBERED;

export function change(part: Partial<Pick<AlignState, Changed>>): void {
  // Another pair, or other models, have other sets.
  const asked = ['prompt', 'chosen', 'rejected', 'against'].some((name) => name in part);
  useAlign.setState(asked ? { ...part, sets: undefined } : part);
  const { choices, taste, steps, learner, run } = useAlign.getState();
  remember('align', { choices, taste, steps, learner, run });
}

const told = (cause: unknown) => useAlign.setState({ error: UnmaskError.from(cause).toJSON() });

/** A tenth of the certainty of the model goes to all words alike: what stands in for a reference that it has come away from. */
const DOUBT = 0.1;

/** Asks the model every set of masks of both answers. */
export async function lookIntoPair(whose: AlignState['against']): Promise<void> {
  const { prompt, chosen, rejected, run } = useAlign.getState();
  const against = whose === 'tuned' && run ? { run: run.id } : { doubt: DOUBT };
  useAlign.setState({ asking: true, error: undefined, sets: undefined });
  try {
    await loadModel();
    const worker = await compute();
    const setsOf = async (answer: string) => {
      for await (const event of worker.run('maskSets', { prompt, answer, against })) return event;
      throw new DOMException('The worker was closed.', 'AbortError');
    };
    useAlign.setState({ sets: { chosen: await setsOf(chosen), rejected: await setsOf(rejected) } });
  } catch (cause) {
    told(cause);
  } finally {
    useAlign.setState({ asking: false });
  }
}

/** Two continuations of the next beginning. */
export async function offerTwo(): Promise<void> {
  const { choices } = useAlign.getState();
  const prompt = OPENINGS[choices.length % OPENINGS.length] as string;
  const seed = 1 + 2 * choices.length;
  useAlign.setState({ offering: true, error: undefined });
  try {
    await loadModel();
    const worker = await compute();
    const settings = {
      ...useSettings.getState().settings,
      mode: 'continue' as const,
      prompt,
      length: 32,
      steps: 16,
      temperature: 1,
    };
    const runs = [seed, seed + 1].map((own) => ({ writer: 'set' as const, settings: { ...settings, seed: own } }));
    const texts: string[] = [];
    for await (const event of worker.run('compare', { runs, steps: false, judge: false, together: true })) {
      if (event.kind === 'written') texts[event.run] = event.result.text;
    }
    const [one, other] = texts;
    if (one !== undefined && other !== undefined) useAlign.setState({ offer: { prompt, texts: [one, other] } });
  } catch (cause) {
    told(cause);
  } finally {
    useAlign.setState({ offering: false });
  }
}

/** Takes one of the two, and offers the next. */
export function choose(which: 0 | 1): void {
  const { offer, offering, choices } = useAlign.getState();
  if (offer === undefined || offering) return;
  const [chosen, rejected] = which === 0 ? offer.texts : [offer.texts[1], offer.texts[0]];
  if (chosen !== rejected) change({ choices: [...choices, { prompt: offer.prompt, chosen, rejected }] });
  useAlign.setState({ offer: undefined });
  void offerTwo();
}

export function forgetChoices(): void {
  change({ choices: [] });
  useAlign.setState({ offer: undefined });
}

/** Fewer pairs teach nothing that could be measured. */
export const FEWEST = 8;

let stop: AbortController | undefined;

export function stopLearning(): void {
  stop?.abort();
}

const PAIRS = 'pairs.jsonl';

/** What was chosen, a pair a line, as `npm run train -- --pairs` reads it. */
export function choicesFile(): File {
  const lines = useAlign.getState().choices.map((pair) => `${JSON.stringify(pair)}\n`);
  return new File(lines, PAIRS, { type: 'application/jsonl' });
}

function pairsOf() {
  const { taste, file } = useAlign.getState();
  if (taste === 'ours' || (taste === 'file' && file === undefined))
    return { kind: 'url', url: served(`data/${PAIRS}`) } as const;
  return { kind: 'file', file: taste === 'file' && file ? file : choicesFile() } as const;
}

/** Steps of VRPO from the model in use; the run is kept beside those of Train. */
export async function learnTaste(): Promise<void> {
  const { steps, learner } = useAlign.getState();
  const own = new AbortController();
  stop?.abort();
  stop = own;
  useAlign.setState({
    error: undefined,
    evaluations: [],
    samples: [],
    learning: { step: 0, steps, left: undefined },
  });
  try {
    const data = pairsOf();
    const settings = {
      objective: 'vrpo' as const,
      data: data.kind === 'file' ? data.file.name : PAIRS,
      steps,
      batch: 4,
      draws: 4,
      length: 64,
      heldOut: 0.25,
      evalEvery: Math.ceil(steps / 2),
      evalTexts: 16,
      sampleEvery: steps,
      saveEvery: Math.ceil(steps / 2),
    };
    const running = learn({ suffix: 'taste', learner, settings, data, signal: own.signal });
    for (;;) {
      const { value, done } = await running.next();
      if (done) {
        change({ run: value });
        break;
      }
      if (value.kind === 'step') {
        useAlign.setState({ learning: { step: value.step, steps, left: value.secondsLeft } });
      } else if (value.kind === 'evaluated') {
        useAlign.setState(({ evaluations }) => ({ evaluations: [...evaluations, value] }));
      } else if (value.kind === 'sample') {
        useAlign.setState(({ samples }) => ({ samples: [...samples, value] }));
      }
    }
  } catch (cause) {
    if (!own.signal.aborted) told(cause);
  } finally {
    if (stop === own) useAlign.setState({ learning: undefined });
  }
}
