/** Two writers on one measured clock: the texts as they stood at every moment, replayed in the time they really took. */
import { useEffect, useMemo } from 'react';
import { Icon } from '../../fields/Icon.tsx';
import { MiniCanvas } from '../../figures/MiniCanvas.tsx';
import { Strips } from '../../figures/Strips.tsx';
import { m } from '../../messages/index.ts';
import { play, seek, toggle, useReplay } from '../../session/comparedReplay.ts';
import { reducedMotion } from '../../session/useMedia.ts';
import { finishes, lastFinish, playheadAt } from '../../trace/elapsed.ts';
import { useStage } from './stage.ts';

/** A race shorter than this is slowed down to it, so that it can be watched. */
const SHORTEST_MS = 3000;

export function RaceStage() {
  const lanes = useStage((state) => state.lanes);
  const ends = useMemo(() => lanes.map(({ trace }) => finishes(trace, 'milliseconds')), [lanes]);
  const end = lastFinish(ends);
  const { at, playing } = useReplay();
  useEffect(() => {
    if (end === 0) return;
    useReplay.setState({ end, rate: Math.min(1, end / SHORTEST_MS) });
    if (reducedMotion()) seek(end);
    else play(0);
  }, [end]);
  const value = Math.min(at, end);
  return (
    <div className="learn-race" data-target="canvas">
      {lanes.map(({ writer, trace }, lane) => (
        <section key={writer} data-target={writer} aria-label={m.compare.race[writer]}>
          <h3>{m.compare.race[writer]}</h3>
          <MiniCanvas trace={trace} playhead={playheadAt(ends[lane] as Float64Array, value)} writer={writer} />
        </section>
      ))}
      {end > 0 && <Strips runs={lanes} ends={ends} end={end} />}
      <div className="learn-transport" data-target="play">
        <button
          type="button"
          className="quiet square"
          aria-label={playing ? m.time.pause : m.time.play}
          onClick={toggle}
        >
          <Icon name={playing ? 'pause' : 'play'} />
        </button>
        <input
          className="range"
          type="range"
          min={0}
          max={Math.max(1, Math.round(end))}
          step={1}
          value={Math.round(value)}
          aria-label={m.time.label}
          aria-valuetext={m.compare.seconds(value)}
          onChange={(event) => seek(Number(event.target.value))}
        />
        <span className="learn-count">{m.compare.seconds(value)}</span>
      </div>
    </div>
  );
}
