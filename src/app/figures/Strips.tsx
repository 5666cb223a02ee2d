/** Each run as a strip on the axis of elapsed time: a mark where a step was finished, as high as the tokens it wrote. */
import { writtenIn } from '../../diffusion/ops.ts';
import { m } from '../messages/index.ts';
import { useReplay } from '../session/comparedReplay.ts';
import type { TracedRun } from '../session/comparedRuns.ts';

const WIDTH = 1000;
const HEIGHT = 22;

export function Strips({
  runs,
  ends,
  end,
}: {
  runs: readonly TracedRun[];
  ends: readonly Float64Array[];
  end: number;
}) {
  const most = Math.max(1, ...runs.flatMap(({ trace }) => trace.steps.map((step) => writtenIn(step).length)));
  return (
    <div className="strips" aria-hidden="true">
      {runs.map(({ writer, trace }, run) => (
        <div key={writer} className="strip">
          <span>{m.compare.race[writer]}</span>
          <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
            <path className="axis" d={`M0 ${HEIGHT - 0.5}H${(((ends[run]?.at(-1) ?? 0) / end) * WIDTH).toFixed(1)}`} />
            <path
              className="ticks"
              d={trace.steps
                .map((step, index) => {
                  const x = (((ends[run]?.[index] ?? 0) / end) * WIDTH).toFixed(1);
                  return `M${x} ${HEIGHT}v${(-HEIGHT * (0.25 + (0.75 * writtenIn(step).length) / most)).toFixed(1)}`;
                })
                .join('')}
            />
            <Playhead end={end} />
          </svg>
        </div>
      ))}
    </div>
  );
}

function Playhead({ end }: { end: number }) {
  const x = useReplay(({ at }) => (Math.min(at, end) / end) * WIDTH);
  return <path className="strip-playhead" d={`M${x.toFixed(1)} 0V${HEIGHT}`} />;
}
