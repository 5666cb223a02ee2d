/** What the Align view says. */
import { integer, say } from '../format.ts';
import type { Words } from '../words.ts';

/** What a recorded run is told by. */
export type RewardFact =
  | 'steps'
  | 'beginning'
  | 'words'
  | 'written'
  | 'lr'
  | 'first'
  | 'last'
  | 'divergence'
  | 'before'
  | 'beforeError'
  | 'after'
  | 'afterError';

export const align = (w: Words['align']) => ({
  ...w,
  noise: { ...w.noise, reading: (n: number) => say(w.noise.reading, { n: integer(n) }) },
  interval: (value: string, low: string, high: string) => say(w.interval, { value, low, high }),
  budget: (times: number, masks: number, shared: boolean) =>
    say(shared ? w.budget : w.budgetApart, { times: integer(times), masks: integer(masks) }),
  reward: {
    ...w.reward,
    group: (step: number) => say(w.reward.group, { step: integer(step) }),
    worth: (reward: string) => say(w.reward.worth, { reward }),
    at: (step: number, reward: string, divergence: string, clipped: string) =>
      say(w.reward.at, { step: integer(step), reward, divergence, clipped }),
    alike: (n: number, steps: number) => say(w.reward.alike, { n: integer(n), steps: integer(steps) }),
    others: (before: string, after: string) => say(w.reward.others, { before, after }),
    recorded: {
      ...w.reward.recorded,
      about: (facts: Readonly<Record<RewardFact, string>>) => say(w.reward.recorded.about, facts),
    },
  },
  taste: {
    ...w.taste,
    step: (step: number, steps: number, time: string) =>
      say(time === '' ? w.taste.step : w.taste.stepLeft, { step: integer(step), steps: integer(steps), time }),
    kept: (name: string) => say(w.taste.kept, { name }),
    count: (n: number, fewest: number) => say(w.taste.count, { n: integer(n), fewest: integer(fewest) }),
  },
});
