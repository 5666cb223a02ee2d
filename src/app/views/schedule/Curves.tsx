/** All schedules: side by side as small figures, and over each other as one, read at a time. */
import { useId, useMemo } from 'react';
import { Segments } from '../../fields/Segments.tsx';
import { CurvePlot } from '../../figures/CurvePlot.tsx';
import { DataTable } from '../../figures/DataTable.tsx';
import { CURVES, choicesWith, PLAN, planOf, TIME } from '../../figures/scheduleCurves.ts';
import { clauses, hundredths } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { SHOWN, TIME_STEP } from '../../session/scheduleLink.ts';
import { setSetting, useSettings } from '../../session/settings.ts';
import { Multiple } from './Multiple.tsx';
import { look, useSchedule } from './state.ts';

const TABLE_TIMES = Array.from({ length: 11 }, (_, i) => i / 10);

export function Curves() {
  const id = useId();
  const { t, shown } = useSchedule();
  const curve = useSettings((state) => state.settings.curve);
  const chosen = useSettings((state) => state.settings.schedule);
  const choices = useMemo(() => choicesWith(curve), [curve]);
  const figure = CURVES[shown];
  const here = choices
    .map((one) => ({ ...one, value: figure.at(one.schedule, t) }))
    .sort((a, b) => b.value - a.value || a.name.localeCompare(b.name));

  return (
    <section className="schedule-part" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{m.scheduleView.curves.title}</h2>
      <p className="lead">{m.scheduleView.curves.lead(PLAN.masks, PLAN.steps)}</p>
      <fieldset className="multiples">
        <legend className="hidden">{m.scheduleView.curves.pick}</legend>
        {choices.map((one) => (
          <Multiple key={one.choice} one={one} chosen={one.choice === chosen} t={t} />
        ))}
      </fieldset>
      <p className="note">
        {m.schedules[chosen][1]} {m.scheduleView.curves.chosen}
      </p>
      <div className="overlay">
        <div>
          <Segments
            label={m.scheduleView.curves.which}
            options={SHOWN}
            words={m.scheduleView.curves.shown}
            value={shown}
            small
            onChoose={(one) => look({ shown: one })}
          />
          <CurvePlot
            label={m.scheduleView.curves.plot(m.scheduleView.curves.shown[shown])}
            x={TIME}
            y={figure.axis}
            curves={choices.map(({ choice, name, schedule }) => ({
              key: choice,
              name,
              at: (time) => figure.at(schedule, time),
              strong: choice === chosen,
            }))}
            cursor={t}
            onCursor={(time) => look({ t: time })}
            step={TIME_STEP}
            words={m.scheduleView.curves.value(
              hundredths(t),
              clauses(...here.map(({ name, value }) => `${name} ${figure.words(value)}`)),
            )}
          />
        </div>
        <div className="reading">
          <h3>{m.scheduleView.curves.at(hundredths(t))}</h3>
          <ul>
            {here.map(({ choice, name, value }) => (
              <li key={choice}>
                <button type="button" aria-pressed={choice === chosen} onClick={() => setSetting('schedule', choice)}>
                  <span>{name}</span>
                  <span>{figure.words(value)}</span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      </div>
      <DataTable
        table={{
          caption: m.scheduleView.curves.plot(m.scheduleView.curves.shown[shown]),
          columns: [m.scheduleView.curves.schedule, ...TABLE_TIMES.map((time) => `t = ${time}`)],
          rows: choices.map(({ name, schedule }) => [
            name,
            ...TABLE_TIMES.map((time) => figure.words(figure.at(schedule, time))),
          ]),
        }}
      />
      <DataTable
        summary={m.scheduleView.curves.planTable}
        table={{
          caption: m.scheduleView.curves.planCaption(PLAN.masks, PLAN.steps),
          columns: [
            m.scheduleView.curves.schedule,
            ...Array.from({ length: PLAN.steps }, (_, step) => String(step + 1)),
          ],
          rows: choices.map(({ name, schedule }) => [name, ...planOf(schedule)]),
        }}
      />
    </section>
  );
}
