/** The schedule as a curve, p(t) from the start of the run to its end, with the step at the playhead marked. */
import { scheduleOf } from '../../../diffusion/drawn-schedule.ts';
import type { Settings } from '../../../diffusion/settings.ts';
import { percent } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useRun } from '../../session/run.ts';
import { useSettings } from '../../session/settings.ts';
import { scheduleMoment } from '../../trace/moment.ts';

const WIDTH = 216;
const HEIGHT = 64;
const POINTS = 72;

function curve(settings: Settings): string {
  const { maskRate } = scheduleOf(settings);
  const points = Array.from({ length: POINTS + 1 }, (_, i) => {
    const along = i / POINTS;
    return `${(along * WIDTH).toFixed(1)},${((1 - maskRate(1 - along)) * HEIGHT).toFixed(1)}`;
  });
  return points.join(' ');
}

export function ScheduleFigure() {
  const settings = useSettings((state) => state.settings);
  const name = settings.schedule;
  const trace = useRun((state) => state.trace);
  const playhead = useRun((state) => state.playhead);
  const shown = trace && trace.settings.schedule === name ? scheduleMoment(trace, playhead) : undefined;
  const x = shown ? (1 - shown.time) * WIDTH : 0;
  const y = shown ? (1 - shown.planned) * HEIGHT : 0;
  return (
    <figure className="schedule">
      <figcaption>
        {shown && shown.blocks > 1 ? m.schedule.blockTitle(shown.block, shown.blocks) : m.schedule.title}
      </figcaption>
      <svg
        viewBox={`-5 -5 ${WIDTH + 10} ${HEIGHT + 10}`}
        role="img"
        aria-label={m.schedule.alt(m.schedules[name][0], percent(shown?.planned ?? 1))}
      >
        <path className="axis" d={`M0 0V${HEIGHT}H${WIDTH}`} />
        {shown && <path className="drop" d={`M${x} ${y}V${HEIGHT}`} />}
        <polyline className="curve" points={curve(settings)} />
        {shown && <circle className="here" cx={x} cy={y} r="4" />}
      </svg>
      <p className="ends" aria-hidden="true">
        <span>{m.schedule.start}</span>
        {shown && <span>{m.schedule.now(shown.planned)}</span>}
        <span>{m.schedule.end}</span>
      </p>
    </figure>
  );
}
