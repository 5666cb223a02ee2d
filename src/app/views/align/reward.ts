/** The lesson of rewards: a model goes on with a beginning again and again, and learns to use some words (diffu-GRPO). */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import type { Training } from '../../../worker/protocol.train.ts';
import { compute, loadModel } from '../../session/compute.ts';
import { recall, remember } from '../../session/remember.ts';
import { type KeptRun, type Learner, type Learning, learn } from './runs.ts';

type Wrote = Extract<Training, { kind: 'wrote' }>;

/**
 * Of one step: the mean reward of its group, the divergence from the reference, the share of tokens that was clipped, and 1
 * where all its texts were worth the same.
 */
export interface Point {
  readonly step: number;
  readonly reward: number;
  readonly divergence: number;
  readonly clipped: number;
  readonly alike?: number;
}

/** What is drawn of a run. */
export interface RewardRun {
  readonly points: readonly Point[];
  /** Texts of the first step and of the last one. */
  readonly groups: readonly Pick<Wrote, 'step' | 'texts'>[];
}

interface RewardState extends RewardRun {
  readonly beginning: string;
  /** With commas. */
  readonly words: string;
  readonly steps: number;
  readonly learner: Learner;
  readonly learning: Learning | undefined;
  /** Held-out NELBO before and after, nats per token. */
  readonly nelbos: readonly number[];
  readonly run: KeptRun | undefined;
  readonly error: ErrorData | undefined;
}

const SET_UP = {
  beginning: 'Once upon a time, there was a little girl named Lily.',
  words: 'play, friends, park',
  steps: 20,
  learner: 'whole' as Learner,
};

const NOTHING = { learning: undefined, points: [], groups: [], nelbos: [], run: undefined, error: undefined };

export const useReward = create<RewardState>(() => ({ ...recall('reward', SET_UP), ...NOTHING }));

export function changeReward(part: Partial<typeof SET_UP>): void {
  useReward.setState(part);
  const { beginning, words, steps, learner } = useReward.getState();
  remember('reward', { beginning, words, steps, learner });
}

let stop: AbortController | undefined;

export function stopReward(): void {
  stop?.abort();
}

export async function learnReward(): Promise<void> {
  const { beginning, words, steps, learner } = useReward.getState();
  const own = new AbortController();
  stop?.abort();
  stop = own;
  useReward.setState({ ...NOTHING, learning: { step: 0, steps, left: undefined } });
  try {
    const settings = {
      objective: 'grpo' as const,
      data: 'prompt',
      words,
      steps,
      batch: 1,
      group: 8,
      updates: 2,
      length: 2 * Math.max(13, await tokensOf(beginning)),
      decay: 'constant' as const,
      lr: learner === 'whole' ? 1e-4 : 1e-3,
      beta: 0.04,
      evalEvery: steps,
      evalTexts: 16,
      sampleEvery: 0,
      saveEvery: steps,
    };
    const data = { kind: 'text', text: beginning } as const;
    const running = learn({ suffix: 'reward', learner, settings, data, signal: own.signal });
    for (;;) {
      const { value, done } = await running.next();
      if (done) {
        useReward.setState({ run: value });
        break;
      }
      note(value, steps);
    }
  } catch (cause) {
    if (!own.signal.aborted) useReward.setState({ error: UnmaskError.from(cause).toJSON() });
  } finally {
    if (stop === own) useReward.setState({ learning: undefined });
  }
}

/** How many tokens a text has; as many are written after it. */
async function tokensOf(text: string): Promise<number> {
  await loadModel();
  for await (const { ids } of (await compute()).run('tokenize', { text })) return ids.length;
  return 0;
}

function note(event: Training, steps: number): void {
  if (event.kind === 'wrote') {
    useReward.setState(({ groups: [first] }) => ({ groups: first ? [first, event] : [event] }));
  } else if (event.kind === 'evaluated') {
    useReward.setState(({ nelbos }) => ({ nelbos: [...nelbos, event.nelbo] }));
  } else if (event.kind === 'step') {
    const { reward = 0, divergence = 0, clipped = 0, alike = 0 } = event.told ?? {};
    useReward.setState(({ points }) => ({
      points: [...points, { step: event.step, reward, divergence, clipped, alike }],
      learning: { step: event.step, steps, left: event.secondsLeft },
    }));
  }
}
