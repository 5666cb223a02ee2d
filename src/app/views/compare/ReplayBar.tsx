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
        max={end}
        step={axis === 'steps' ? 1 : end / 500 || 1}
        value={at}
        disabled={end === 0}
        aria-label={axis === 'milliseconds' ? m.compare.elapsed : m.compare.step}
        aria-valuetext={words}
        // The last notch is the very end, whatever the notches add up to.
        onChange={(event) => seek(Number(event.target.value) > end * 0.999 ? end : Number(event.target.value))}
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
