/** Rewards that a program can check: a group of texts, what each is worth, and the curve of what is learnt from them. */
import { useState } from 'react';
import { CurvePlot } from '../../figures/CurvePlot.tsx';
import '../../figures/figures.css';
import { hundredths, integer, percent, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { toldError } from '../../messages/told.ts';
import { WRITTEN } from '../../trace/words.ts';
import { LearnButton, LearnerChoice, StepsField } from './Learning.tsx';
import RECORDED from './recorded-reward.json';
import { changeReward, learnReward, type Point, type RewardRun, stopReward, useReward } from './reward.ts';

export function Reward() {
  const { beginning, words, steps, learner, learning, points, groups, nelbos, run, error } = useReward();
  const ready = beginning.trim() !== '' && words.trim() !== '';
  const [before, after] = [nelbos[0], nelbos.at(-1)];
  const alike = points.filter((point) => point.alike === 1).length;
  return (
    <section aria-labelledby="align-reward">
      <h2 id="align-reward">{m.align.reward.title}</h2>
      <p className="note">{m.align.reward.lead}</p>
      <fieldset className="align-fields" disabled={learning !== undefined}>
        <label className="wide">
          <span>{m.align.reward.beginning}</span>
          <input
            type="text"
            value={beginning}
            {...WRITTEN}
            onChange={(event) => changeReward({ beginning: event.target.value })}
          />
        </label>
        <label>
          <span>{m.align.reward.words}</span>
          <input
            type="text"
            value={words}
            {...WRITTEN}
            onChange={(event) => changeReward({ words: event.target.value })}
          />
        </label>
        <StepsField value={steps} onChange={(value) => changeReward({ steps: value })} />
        <LearnerChoice value={learner} onChoose={(one) => changeReward({ learner: one })} />
      </fieldset>
      <LearnButton
        words={m.align.reward.learn}
        learning={learning}
        disabled={!ready}
        onLearn={() => void learnReward()}
        onStop={stopReward}
      />
      {error && (
        <p className="notice error" role="alert">
          {toldError(error)}
        </p>
      )}
      {points.length > 1 && <RewardCurve points={points} steps={steps} />}
      {alike > 0 && (
        <p className="note" role="status">
          {m.align.reward.alike(alike, points.length)}
        </p>
      )}
      <Groups groups={groups} />
      {run !== undefined && learning === undefined && (
        <p className="note">
          {before !== undefined &&
            after !== undefined &&
            m.align.reward.others(significant(before), significant(after))}{' '}
          {m.align.taste.kept(run.name)} <a href="#/train">{m.views.train}</a>
        </p>
      )}
      {points.length === 0 && learning === undefined && <Recorded />}
    </section>
  );
}

/** Texts of a group with what each is worth: of the first step, and of the last. */
function Groups({ groups }: { groups: RewardRun['groups'] }) {
  if (groups.length === 0) return null;
  return (
    <div className="align-texts">
      {groups.map(({ step, texts }) => (
        <figure key={step}>
          <figcaption>{m.align.reward.group(step)}</figcaption>
          <ul>
            {texts.map(({ text, reward }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a group keeps its order
              <li key={at}>
                <small>{m.align.reward.worth(percent(reward))}</small>
                <p className="text" {...WRITTEN}>
                  {text}
                </p>
              </li>
            ))}
          </ul>
        </figure>
      ))}
    </div>
  );
}

/** A run that was made before, while none has been made here. */
function Recorded() {
  const { command, settings, points, groups, evaluations } = RECORDED;
  const [first, last] = [points[0], points.at(-1)] as [Point, Point];
  const [before, after] = [evaluations[0], evaluations.at(-1)] as [Measured, Measured];
  return (
    <section aria-labelledby="align-recorded">
      <h3 id="align-recorded">{m.align.reward.recorded.title}</h3>
      <p className="note">
        {m.align.reward.recorded.about({
          steps: integer(points.length),
          beginning: settings.beginning,
          words: settings.words,
          written: integer(settings.written),
          lr: significant(settings.lr),
          first: percent(first.reward),
          last: percent(last.reward),
          divergence: significant(last.divergence),
          before: hundredths(before.nelbo),
          beforeError: hundredths(before.standardError),
          after: hundredths(after.nelbo),
          afterError: hundredths(after.standardError),
        })}
      </p>
      <RewardCurve points={points} steps={points.length} />
      <p className="note">{m.align.reward.recorded.honest}</p>
      <Groups groups={groups} />
      <p className="note">
        {m.align.reward.recorded.command} <code>{command}</code>
      </p>
    </section>
  );
}

type Measured = (typeof RECORDED)['evaluations'][number];

/** The mean reward of each group; at the cursor, how far the model has come from its reference. */
function RewardCurve({ points, steps }: { points: readonly Point[]; steps: number }) {
  const [cursor, setCursor] = useState<number>();
  const last = points.at(-1) as (typeof points)[number];
  const at = points.find(({ step }) => step === Math.round(cursor ?? last.step)) ?? last;
  const reward = (step: number) => {
    const [low, high] = [points[Math.floor(step) - 1], points[Math.ceil(step) - 1]];
    if (low === undefined || high === undefined) return Number.NaN;
    return low.reward + (step - Math.floor(step)) * (high.reward - low.reward);
  };
  const words = m.align.reward.at(at.step, percent(at.reward), significant(at.divergence), percent(at.clipped));
  const share = (value: number) => percent(value);
  return (
    <>
      <CurvePlot
        label={m.align.reward.curve}
        x={{ label: m.align.taste.columns.step, domain: [1, Math.max(2, steps)], format: integer }}
        y={{ label: m.align.reward.mean, domain: [0, 1], ticks: [0, 0.5, 1], format: share }}
        curves={[{ key: 'reward', name: m.align.reward.mean, at: reward, strong: true }]}
        cursor={at.step}
        onCursor={setCursor}
        words={words}
        height={200}
        step={1}
      />
      <p className="note">{words}</p>
    </>
  );
}
