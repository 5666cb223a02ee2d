/** The figures beside the canvas, drawn from the run that is on it. */

import { scheduleOf } from '../../../diffusion/drawn-schedule.ts';
import { writtenIn, writtenSlotsIn } from '../../../diffusion/ops.ts';
import { CurvePlot } from '../../figures/CurvePlot.tsx';
import { PlanBars } from '../../figures/PlanBars.tsx';
import { CURVES, TIME } from '../../figures/scheduleCurves.ts';
import { useWidth } from '../../figures/useWidth.ts';
import { WordBar } from '../../figures/WordBar.tsx';
import { hundredths, integer, percent, say, significant } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { learn } from '../../messages/learnWords.ts';
import { domainOver, lineThrough, smoothed } from '../../session/train/curves.ts';
import { likeliest, openAtStart, perplexityOf } from './evidence.ts';
import { settingsOf } from './scene.ts';
import type { Figure as Name } from './script.ts';
import { pickLane, slide, useStage } from './stage.ts';
import { useTraining } from './training.ts';

/** Alternatives of the first gap that are listed. */
const LISTED = 6;

function Words() {
  const trace = useStage((state) => state.trace);
  const list = trace ? likeliest(trace).slice(0, LISTED) : [];
  if (list.length === 0) return null;
  return (
    <ol className="learn-bars" aria-label={learn.view.figures.words}>
      {list.map(({ id, word, probability }, rank) => (
        <li key={id} className={rank === 0 ? 'alternative chosen' : 'alternative'}>
          <WordBar word={word} probability={probability} />
        </li>
      ))}
    </ol>
  );
}

/** What the first pass would put into every gap, and how sure it is. */
function Gaps() {
  const trace = useStage((state) => state.trace);
  const prediction = trace?.steps[0]?.prediction;
  if (!trace || !prediction) return null;
  const [first] = writtenSlotsIn(trace.steps[0] ?? { ops: [] });
  return (
    <>
      <h3>{learn.view.figures.gaps}</h3>
      <ol className="learn-bars">
        {openAtStart(trace).map((slot, place) => {
          const best = likeliest(trace, Array.from(prediction.slots).indexOf(slot))[0];
          return (
            <li key={slot} className={slot === first ? 'alternative chosen' : 'alternative'}>
              <WordBar word={`${integer(place + 1)}. ${best?.word ?? ''}`} probability={best?.probability ?? 0} />
            </li>
          );
        })}
      </ol>
    </>
  );
}

function Curve() {
  const scene = useStage((state) => state.scene);
  const { schedule: name, curve } = settingsOf(scene, 1);
  const time = scene.time ?? 0;
  const schedule = scheduleOf({ schedule: name, curve });
  const linear = scheduleOf({ schedule: 'linear', curve });
  const { axis, at } = CURVES.rate;
  return (
    <CurvePlot
      label={learn.view.figures.curve}
      x={TIME}
      y={axis}
      curves={[
        { key: 'linear', name: m.schedules.linear[0], at: (t) => at(linear, t) },
        { key: 'own', name: m.schedules[name][0], at: (t) => at(schedule, t), strong: true },
      ]}
      cursor={time}
      onCursor={(t) => slide({ time: t })}
      words={say(learn.view.figures.curveWords, { time: hundredths(time), rate: percent(schedule.maskRate(time)) })}
      height={200}
    />
  );
}

function Plan() {
  const trace = useStage((state) => state.trace);
  const playhead = useStage((state) => state.playhead);
  const { ref, width } = useWidth<HTMLDivElement>();
  const counts = trace?.steps.map((step) => writtenIn(step).length) ?? [];
  if (counts.length === 0) return null;
  return (
    <div ref={ref}>
      <h3>{learn.view.figures.plan}</h3>
      {width > 0 && (
        <svg width={width} height={70} aria-hidden="true">
          <PlanBars counts={counts} width={width} height={68} played={playhead} />
        </svg>
      )}
      <p className="note learn-counts">{counts.map(integer).join(' · ')}</p>
    </div>
  );
}

/** One row per text that was written: what it took, and how likely the twin finds it. */
function Times() {
  const lanes = useStage((state) => state.lanes);
  const lane = useStage((state) => state.lane);
  const judged = useStage((state) => state.scene.judge);
  const race = lanes.some(({ writer }) => writer === 'append');
  if (lanes.length === 0) return null;
  const orders = new Set(lanes.map(({ trace }) => trace.settings.sampler)).size > 1;
  const { columns } = learn.view.figures;
  return (
    <table className="learn-times">
      <caption>{judged ? learn.view.figures.judged : learn.view.figures.timed}</caption>
      <thead>
        <tr>
          <th scope="col">{columns.text}</th>
          <th scope="col">{columns.passes}</th>
          <th scope="col">{columns.time}</th>
          {judged && <th scope="col">{columns.perplexity}</th>}
        </tr>
      </thead>
      <tbody>
        {lanes.map((run, index) => {
          const { sampler, steps } = run.trace.settings;
          const name = race
            ? m.compare.race[run.writer]
            : orders
              ? m.samplers[sampler][0]
              : `${m.settings.steps[0]} ${integer(steps)}`;
          return (
            <tr key={`${name} ${steps}`}>
              <th scope="row">
                {race ? (
                  name
                ) : (
                  <button type="button" className="quiet" aria-pressed={index === lane} onClick={() => pickLane(index)}>
                    {name}
                  </button>
                )}
              </th>
              <td>{integer(run.result?.forwards ?? run.trace.steps.length)}</td>
              <td>{run.result ? m.compare.seconds(run.result.milliseconds) : '–'}</td>
              {judged && <td>{significant(perplexityOf(run))}</td>}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Loss() {
  const run = useTraining((state) => state.run);
  const points = run?.journal.points ?? [];
  if (!run || points.length === 0) return null;
  const { uniform } = run.facts.references;
  const at = lineThrough(points.map(({ step, loss }) => [step, loss] as const));
  const mean = lineThrough(smoothed(points));
  const made = points.length;
  return (
    <CurvePlot
      label={m.train.plot.label}
      x={{ label: m.train.plot.step, domain: [0, run.settings.steps], format: integer }}
      y={{
        label: m.train.plot.loss,
        domain: domainOver([0, uniform, ...points.map(({ loss }) => loss)]),
        format: significant,
      }}
      curves={[
        { key: 'loss', name: m.train.plot.training, at },
        { key: 'mean', name: m.train.plot.smooth, at: mean, strong: true },
      ]}
      cursor={made}
      onCursor={() => undefined}
      words={say(learn.view.figures.lossWords, { step: integer(made), loss: hundredths(mean(made)) })}
      height={220}
    >
      {(room) => (
        <g className="train-level">
          <path d={`M${room.left} ${room.y.place(uniform)}H${room.right}`} />
          <text x={room.right} y={room.y.place(uniform) + 14} textAnchor="end">
            {m.train.plot.uniform(uniform)}
          </text>
        </g>
      )}
    </CurvePlot>
  );
}

const FIGURES: Record<Name, () => React.ReactNode> = {
  words: Words,
  gaps: Gaps,
  curve: Curve,
  plan: Plan,
  times: Times,
  loss: Loss,
};

/** Figures that would tell the answer before it is given. */
export const TELLING: readonly Name[] = ['words', 'gaps', 'plan'];

export function Figure({ name }: { readonly name: Name }) {
  const Shown = FIGURES[name];
  return (
    <div className="learn-figure" data-target={name}>
      <Shown />
    </div>
  );
}
