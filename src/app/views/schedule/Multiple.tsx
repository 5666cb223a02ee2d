/** One schedule among its kin, small: its curve, its loss weight and its plan. Pressing it chooses it. */

import { PlanBars } from '../../figures/PlanBars.tsx';
import { type Choice, CURVES, planOf } from '../../figures/scheduleCurves.ts';
import { hundredths, percent } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import { setSetting } from '../../session/settings.ts';

const WIDTH = 150;
const HEIGHT = 62;
const BARS = 26;
const POINTS = 60;

function line(at: (t: number) => number): string {
  return Array.from({ length: POINTS + 1 }, (_, i) => {
    const t = i / POINTS;
    return `${(t * WIDTH).toFixed(1)},${((1 - at(t)) * HEIGHT).toFixed(1)}`;
  }).join(' ');
}

export function Multiple({ one, chosen, t }: { one: Choice; chosen: boolean; t: number }) {
  const { choice, name, schedule } = one;
  const [low, high] = CURVES.weight.axis.domain;
  const weight = (time: number) => {
    const value = Math.min(Math.max(CURVES.weight.at(schedule, time), low), high);
    return Math.log(value / low) / Math.log(high / low);
  };
  return (
    <button
      type="button"
      className="multiple"
      aria-pressed={chosen}
      aria-label={m.scheduleView.curves.choose(
        name,
        told(schedule.formula),
        hundredths(t),
        percent(schedule.maskRate(t)),
      )}
      title={told(schedule.source)}
      onClick={() => setSetting('schedule', choice)}
    >
      <span className="multiple-name">{name}</span>
      <svg viewBox={`-2 -3 ${WIDTH + 4} ${HEIGHT + BARS + 16}`} aria-hidden="true">
        <path className="plan-axis" d={`M0 0V${HEIGHT}H${WIDTH}`} />
        <polyline className="multiple-weight" points={line(weight)} />
        <polyline className="multiple-rate" points={line(schedule.maskRate)} />
        <path className="figure-cursor" d={`M${t * WIDTH} 0V${HEIGHT}`} />
        <g transform={`translate(0 ${HEIGHT + 9})`}>
          <PlanBars counts={planOf(schedule)} width={WIDTH} height={BARS} highest={8} />
        </g>
      </svg>
      <span className="multiple-formula">
        {choice === 'drawn' ? m.scheduleView.curves.byHand : told(schedule.formula)}
      </span>
    </button>
  );
}
