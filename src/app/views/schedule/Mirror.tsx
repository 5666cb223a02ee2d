/** The two cosines, which are mirror images, on one prompt and seed and one time line. */

import { useEffect, useId, useRef, useState } from 'react';
import { type ErrorData, UnmaskError } from '../../../diffusion/error.ts';
import { writtenIn } from '../../../diffusion/ops.ts';
import { scheduleByName } from '../../../diffusion/schedule.ts';
import { DataTable } from '../../figures/DataTable.tsx';
import { PlanBars } from '../../figures/PlanBars.tsx';
import { PLAN, planOf } from '../../figures/scheduleCurves.ts';
import { integer, percent } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import { useSettings } from '../../session/settings.ts';
import { Notice } from './Notice.tsx';
import { frameAt, type ShortRun, shortSettings } from './shortRun.ts';
import { Words } from './Words.tsx';
import { writeShort } from './writeShort.ts';

const PAIR = ['cosine', 'cosine-mdlm'] as const;
type Runs = Partial<Record<(typeof PAIR)[number], ShortRun>>;

export function Mirror() {
  const id = useId();
  const prompt = useSettings((state) => state.settings.prompt);
  const [grid, setGrid] = useState<number>(PLAN.steps / 2);
  const [runs, setRuns] = useState<Runs>({});
  const [status, setStatus] = useState<'idle' | 'running'>('idle');
  const [error, setError] = useState<ErrorData>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);

  const write = async () => {
    const controller = new AbortController();
    stop.current = controller;
    setStatus('running');
    setError(undefined);
    setRuns({});
    try {
      for (const schedule of PAIR) {
        const settings = shortSettings(useSettings.getState().settings, schedule);
        for await (const run of writeShort(settings, controller.signal)) {
          setRuns((all) => ({ ...all, [schedule]: run }));
          setGrid(run.steps.at(-1)?.next.grid ?? 0);
        }
        // The last grid points may write nothing.
        if (!controller.signal.aborted) setGrid(PLAN.steps);
      }
    } catch (cause) {
      if (!controller.signal.aborted) setError(UnmaskError.from(cause).toJSON());
    }
    setStatus('idle');
  };

  return (
    <section className="schedule-part" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{m.scheduleView.mirror.title}</h2>
      <p className="lead">{m.scheduleView.mirror.lead}</p>
      <div className="mirror-controls">
        {status === 'running' ? (
          <button type="button" className="outline" onClick={() => stop.current?.abort()}>
            {m.controls.stop}
          </button>
        ) : (
          <button type="button" className="outline" onClick={() => void write()}>
            {m.scheduleView.mirror.write}
          </button>
        )}
        <p className="note">
          {m.scheduleView.mirror.setup(prompt.length > 60 ? `${prompt.slice(0, 60)}…` : prompt, PLAN.masks, PLAN.steps)}
        </p>
      </div>
      <div className="slider-field mirror-time">
        <label htmlFor={`${id}-time`}>{m.scheduleView.mirror.time}</label>
        <output htmlFor={`${id}-time`}>{m.scheduleView.mirror.step(grid, PLAN.steps)}</output>
        <input
          id={`${id}-time`}
          className="range"
          type="range"
          min={0}
          max={PLAN.steps}
          value={grid}
          aria-valuetext={m.scheduleView.mirror.step(grid, PLAN.steps)}
          onChange={(event) => setGrid(Number(event.target.value))}
        />
      </div>
      <div className="mirror">
        {PAIR.map((name) => (
          <One key={name} name={name} grid={grid} run={runs[name]} />
        ))}
      </div>
      <Notice error={error} />
      <DataTable
        table={{
          caption: m.scheduleView.mirror.title,
          columns: [
            m.scheduleView.mirror.stepColumn,
            ...PAIR.flatMap((name) => [
              m.scheduleView.mirror.wrote(m.schedules[name][0]),
              m.scheduleView.mirror.left(m.schedules[name][0]),
            ]),
          ],
          rows: Array.from({ length: PLAN.steps }, (_, step) => [
            integer(step + 1),
            ...PAIR.flatMap((name) => {
              const plan = planOf(scheduleByName(name));
              const left = plan.slice(step + 1).reduce((sum, count) => sum + count, 0);
              return [integer(plan[step] ?? 0), integer(left)];
            }),
          ]),
        }}
      />
    </section>
  );
}

function One({ name, grid, run }: { name: (typeof PAIR)[number]; grid: number; run: ShortRun | undefined }) {
  const schedule = scheduleByName(name);
  const frame = run && frameAt(run, grid);
  const plan = planOf(schedule);
  const left = plan.slice(grid).reduce((sum, count) => sum + count, 0);
  return (
    <div className="mirror-one">
      <h3>
        {m.schedules[name][0]} <span className="note">p(t) = {told(schedule.formula)}</span>
      </h3>
      <svg
        viewBox="0 0 320 62"
        preserveAspectRatio="none"
        role="img"
        aria-label={m.scheduleView.mirror.plan(m.schedules[name][0], plan.join(', '))}
      >
        <PlanBars counts={plan} width={320} height={60} highest={5} played={grid} />
      </svg>
      <p className="note">
        {m.scheduleView.mirror.planned(percent(schedule.maskRate(1 - grid / PLAN.steps)), frame?.masks ?? left)}
      </p>
      <div className="paper">
        {run && frame ? (
          <Words
            label={m.scheduleView.mirror.text(m.schedules[name][0])}
            pieces={Array.from(frame.canvas.ids, (token, slot) => run.pieces[lastId(run, slot) ?? token] ?? '')}
            masked={(slot) => frame.canvas.ids[slot] === run.maskId}
            now={(slot) => frame.now.has(slot)}
          />
        ) : (
          <p className="note">{m.scheduleView.mirror.empty}</p>
        )}
      </div>
      <p className="note">{m.scheduleView.mirror.why[name]}</p>
    </div>
  );
}

/** What a slot gets later in the run; its width is lent to the mask, so that lines do not break anew. */
function lastId(run: ShortRun, slot: number): number | undefined {
  for (const step of run.steps) {
    const found = writtenIn(step).find((one) => one.slot === slot);
    if (found) return found.id;
  }
  return undefined;
}
