/** The Align view: one pair whose score is looked into, the choices of a person, and the taste that is learnt from them. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import { OPENINGS } from '../../../diffusion/openings.ts';
import type { Evaluation, Sample } from '../../../worker/protocol.train.ts';
import { defaultTrainSettings } from '../../../worker/protocol.train.ts';
import { compute, loadModel, sourceOf, useCompute } from '../../session/compute.ts';
import { recall, remember } from '../../session/remember.ts';
import { useSettings } from '../../session/settings.ts';
import type { PairSets } from './spread.ts';

export interface Choice {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
}

interface AlignState {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  /** Of the pair above, once it has been asked. */
  readonly sets: PairSets | undefined;
  readonly asking: boolean;
  /** Whose taste: that of the pairs that the page brings, or one's own. */
  readonly taste: 'ours' | 'own';
  readonly choices: readonly Choice[];
  /** Two continuations to choose from. */
  readonly offer: { readonly prompt: string; readonly texts: readonly [string, string] } | undefined;
  readonly offering: boolean;
  readonly learning: { readonly step: number; readonly steps: number; readonly left: number | undefined } | undefined;
  readonly evaluations: readonly Evaluation[];
  readonly samples: readonly Sample[];
  /** The run that has learnt it, by its name in Train. */
  readonly run: string | undefined;
  readonly error: ErrorData | undefined;
}

const REMEMBERED = { choices: [] as readonly Choice[], taste: 'ours' as AlignState['taste'] };

export const useAlign = create<AlignState>(() => ({
  prompt: 'Lily was very hungry, so she',
  chosen: ' ate a big red apple.',
  rejected: ' cried on the cold floor.',
  sets: undefined,
  asking: false,
  ...recall('align', REMEMBERED),
  offer: undefined,
  offering: false,
  learning: undefined,
  evaluations: [],
  samples: [],
  run: undefined,
  error: undefined,
}));

export function change(part: Partial<Pick<AlignState, 'prompt' | 'chosen' | 'rejected' | 'taste' | 'choices'>>): void {
  useAlign.setState(part);
  const { choices, taste } = useAlign.getState();
  remember('align', { choices, taste });
}

const told = (cause: unknown) => useAlign.setState({ error: UnmaskError.from(cause).toJSON() });

/** A tenth of the certainty of the model goes to all words alike: what stands in for a reference that it has come away from. */
const DOUBT = 0.1;

/** Asks the model every set of masks of both answers. */
export async function lookIntoPair(): Promise<void> {
  const { prompt, chosen, rejected } = useAlign.getState();
  useAlign.setState({ asking: true, error: undefined, sets: undefined });
  try {
    await loadModel();
    const worker = await compute();
    const setsOf = async (answer: string) => {
      for await (const event of worker.run('maskSets', { prompt, answer, doubt: DOUBT })) return event;
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
const STEPS = 20;

let stop: AbortController | undefined;

export function stopLearning(): void {
  stop?.abort();
}

/** Steps of VRPO on the model in use; the run is kept beside those of Train. */
export async function learnTaste(): Promise<void> {
  const { taste, choices } = useAlign.getState();
  const own = new AbortController();
  stop?.abort();
  stop = own;
  useAlign.setState({
    error: undefined,
    evaluations: [],
    samples: [],
    run: undefined,
    learning: { step: 0, steps: STEPS, left: undefined },
  });
  try {
    const model = await loadModel();
    const file = 'pairs.jsonl';
    const settings = {
      ...defaultTrainSettings(),
      objective: 'vrpo' as const,
      data: file,
      init: model.id,
      steps: STEPS,
      batch: 4,
      draws: 4,
      length: 64,
      lr: 5e-5,
      heldOut: 0.25,
      evalEvery: STEPS / 2,
      evalTexts: 16,
      sampleEvery: STEPS,
      saveEvery: STEPS / 2,
      seed: useSettings.getState().settings.seed,
    };
    const data =
      taste === 'ours'
        ? ({ kind: 'url', url: url('data/pairs.jsonl') } as const)
        : ({ kind: 'file', file: new File([choices.map((pair) => JSON.stringify(pair)).join('\n')], file) } as const);
    const name = `${model.id.replace(/.*\//, '')}-taste`;
    const begin = {
      name,
      settings,
      data,
      valid: { kind: 'url', url: url('data/sample.txt') } as const,
      from: await sourceOf(model.id),
    };
    const worker = await compute();
    const run = crypto.randomUUID().replaceAll('-', '');
    const backend = useCompute.getState().model?.device.backend === 'webgpu' ? 'auto' : 'fallback';
    for await (const { event } of worker.run('train', { run, begin, backend }, own.signal)) {
      if (event.kind === 'step') {
        useAlign.setState({ learning: { step: event.step, steps: STEPS, left: event.secondsLeft } });
      } else if (event.kind === 'evaluated') {
        useAlign.setState(({ evaluations }) => ({ evaluations: [...evaluations, event] }));
      } else if (event.kind === 'sample') useAlign.setState(({ samples }) => ({ samples: [...samples, event] }));
      else if (event.kind === 'ended') useAlign.setState({ run: name });
    }
  } catch (cause) {
    if (!own.signal.aborted) told(cause);
  } finally {
    if (stop === own) useAlign.setState({ learning: undefined });
  }
}

const url = (path: string) => new URL(path, document.baseURI).href;
