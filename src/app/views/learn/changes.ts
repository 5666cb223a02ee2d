/** What a change by hand changed, in words: "Steps: 24 → 6". */
import { say as fill, hundredths } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { learn } from '../../messages/learnWords.ts';
import { settingsOf } from './scene.ts';
import type { Scene } from './script.ts';

export function changesIn(before: Scene, after: Scene): string[] {
  const said: string[] = [];
  const say = (name: string, old: string, now: string) => {
    if (old !== now) said.push(fill(learn.view.change, { name, old, now }));
  };
  if (before.text !== after.text || before.length !== after.length) said.push(learn.view.otherText);
  const [old, now] = [settingsOf(before, 1), settingsOf(after, 1)];
  for (const name of ['steps', 'temperature', 'threshold', 'block', 'seed'] as const) {
    say(m.settings[name][0], String(old[name]), String(now[name]));
  }
  say(m.settings.sampler[0], m.samplers[old.sampler][0], m.samplers[now.sampler][0]);
  say(m.settings.schedule[0], m.schedules[old.schedule][0], m.schedules[now.schedule][0]);
  if (after.time !== undefined) say(learn.view.time, hundredths(before.time ?? 0), hundredths(after.time));
  const [hidden, shown] = [before.flipped?.length ?? 0, after.flipped?.length ?? 0];
  if (hidden !== shown) said.push(learn.view.flipped);
  if (JSON.stringify(before.lanes) !== JSON.stringify(after.lanes)) {
    const steps = ({ lanes = [] }: Scene) =>
      String(lanes.find(({ writer }) => writer === 'set')?.settings.steps ?? '–');
    say(m.settings.steps[0], steps(before), steps(after));
  }
  return said;
}
