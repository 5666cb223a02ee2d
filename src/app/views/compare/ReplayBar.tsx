/** Play, pause, drag and the speed of the clock that all texts share; and the clock itself. */
import { useEffect } from 'react';
import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';
import { pause, seek, toggle, useReplay } from '../../session/comparedReplay.ts';
import type { Axis } from '../../trace/elapsed.ts';

interface Speed {
  readonly name: string;
  readonly rate: number;
}

/** Of a time line of milliseconds. */
const NOTCHES = 500;

interface Props {
  readonly axis: Axis;
  readonly end: number;
  readonly speeds: readonly Speed[];
  readonly speed: string;
  readonly onSpeed: (name: string) => void;
}

export function ReplayBar({ axis, end, speeds, speed, onSpeed }: Props) {
  const rate = speeds.find(({ name }) => name === speed)?.rate ?? 1;
  useEffect(() => {
    useReplay.setState(({ at }) => ({ end, rate, at: Math.min(at, end) }));
  }, [end, rate]);
  useEffect(() => pause, []);
  // Counted, so that the last one is the very end: of a fraction of milliseconds a browser may reach only the last but one.
  const notches = axis === 'steps' ? end : NOTCHES;
  const playing = useReplay((state) => state.playing);
  const at = useReplay((state) => Math.min(state.at, end));
  const words = axis === 'milliseconds' ? m.compare.seconds(at) : m.compare.stepsMade(Math.floor(at));
  return (
    <div className="replay">
      <button
        type="button"
        className="round"
        disabled={end === 0}
        onClick={toggle}
        aria-label={playing ? m.time.pause : m.time.play}
      >
        <Icon name={playing ? 'pause' : 'play'} />
      </button>
      <output className="replay-clock" data-at={at}>
        {words}
      </output>
      <input
        className="range"
        type="range"
        min={0}
        max={notches}
        step={1}
        value={end === 0 ? 0 : (at / end) * notches}
        disabled={end === 0}
        aria-label={axis === 'milliseconds' ? m.compare.elapsed : m.compare.step}
        aria-valuetext={words}
        onChange={(event) => seek((Number(event.target.value) / notches) * end)}
      />
      <select
        className="speed"
        aria-label={m.time.speed}
        value={speed}
        onChange={(event) => onSpeed(event.target.value)}
      >
        {speeds.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
