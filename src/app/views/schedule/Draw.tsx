/** Drawing a schedule of one's own: by hand, by dragging points, by keys, or in numbers. */
import { type KeyboardEvent, useId } from 'react';
import { addPoint, type CurvePoint, parseCurve } from '../../../diffusion/curve.ts';
import { drawnSchedule } from '../../../diffusion/drawn-schedule.ts';
import { Icon } from '../../fields/Icon.tsx';
import { PlanBars } from '../../figures/PlanBars.tsx';
import { PLAN, planOf } from '../../figures/scheduleCurves.ts';
import { m } from '../../messages/index.ts';
import { setSetting, useSettings } from '../../session/settings.ts';
import { DrawPad } from './DrawPad.tsx';
import { PointTable } from './PointTable.tsx';
import { draw, undoDrawing, useSchedule } from './state.ts';

export function Draw() {
  const id = useId();
  const curve = useSettings((state) => state.settings.curve);
  const used = useSettings((state) => state.settings.schedule === 'drawn');
  const undoable = useSchedule((state) => state.past.length > 0);
  const points = parseCurve(curve);
  const remove = (index: number) => draw(points.toSpliced(index, 1), true);
  const change = (next: readonly CurvePoint[], fresh: boolean) => draw(next, fresh);
  const onKeyDown = (event: KeyboardEvent) => {
    // Text fields take their own typing back.
    if (!(event.metaKey || event.ctrlKey) || event.key !== 'z' || (event.target as Element).matches('input')) return;
    undoDrawing();
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <section className="schedule-part" aria-labelledby={`${id}-title`} onKeyDown={onKeyDown}>
      <h2 id={`${id}-title`}>{m.scheduleView.draw.title}</h2>
      <p className="lead">{m.scheduleView.draw.lead}</p>
      <div className="drawing">
        <DrawPad points={points} onChange={change} onRemove={remove} />
        <div className="drawing-side">
          <svg
            className="drawn-plan"
            viewBox="-1 -2 202 66"
            role="img"
            aria-label={m.scheduleView.draw.plan(planOf(drawnSchedule(points)).join(', '))}
          >
            <PlanBars counts={planOf(drawnSchedule(points))} width={200} height={60} />
          </svg>
          <p className="note">{m.scheduleView.draw.planNote(PLAN.masks, PLAN.steps)}</p>
          <div className="drawing-buttons">
            <button type="button" className="outline" onClick={() => draw(addPoint(points), true)}>
              {m.scheduleView.draw.add}
            </button>
            <button type="button" className="quiet" disabled={!undoable} onClick={undoDrawing}>
              <Icon name="undo" />
              {m.scheduleView.draw.undo}
            </button>
            {!used && (
              <button type="button" className="outline" onClick={() => setSetting('schedule', 'drawn')}>
                {m.scheduleView.draw.use}
              </button>
            )}
          </div>
          <p className="note">{used ? m.scheduleView.draw.used : m.scheduleView.draw.notUsed}</p>
          <PointTable points={points} onChange={(next) => draw(next, true)} onRemove={remove} />
        </div>
      </div>
    </section>
  );
}
