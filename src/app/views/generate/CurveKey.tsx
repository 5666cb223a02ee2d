/** What the two lines and the bars of the time line are. */
import { m } from '../../messages/index.ts';
import { useRun } from '../../session/run.ts';
import { timelineOf } from '../../trace/timeline.ts';

export function CurveKey() {
  const several = useRun(({ trace }) => trace !== undefined && timelineOf(trace).several);
  // Without a run there is nothing to explain; its room stays.
  const visibility = useRun(({ trace }) => (trace ? 'visible' : 'hidden'));
  return (
    <ul className="curve-key" style={{ visibility }} aria-hidden="true">
      <li>
        <svg width="22" height="8" viewBox="0 0 22 8" aria-hidden="true">
          <path className="mean" d="M0 4h22" />
        </svg>
        {several ? m.time.mean : m.time.sureness}
      </li>
      {several && (
        <li>
          <svg width="22" height="8" viewBox="0 0 22 8" aria-hidden="true">
            <path className="least" d="M0 4h22" />
          </svg>
          {m.time.least}
        </li>
      )}
      <li>
        <svg width="12" height="8" viewBox="0 0 12 8" aria-hidden="true">
          <path className="bars played" d="M0 8V3h5v5zM7 8V0h5v8z" />
        </svg>
        {m.time.bars}
      </li>
    </ul>
  );
}
