/** Steps of the run on the canvas, forward and back; and what it took. */

import { Icon } from '../../fields/Icon.tsx';
import { say } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { learn } from '../../messages/learnWords.ts';
import { passes as counted } from '../../messages/units.ts';
import { seek, useStage } from './stage.ts';

export function Transport() {
  const trace = useStage((state) => state.trace);
  const playhead = useStage((state) => state.playhead);
  const playing = useStage((state) => state.playing);
  const recorded = useStage((state) => state.scene.recorded !== undefined);
  const made = trace?.steps.length ?? 0;
  if (!trace || made === 0) return <p className="learn-transport note">{learn.view.notWritten}</p>;
  const passes = trace.steps.reduce((sum, { forwards }) => sum + forwards, 0);
  const milliseconds = trace.steps.reduce((sum, step) => sum + step.milliseconds, 0);
  return (
    <div className="learn-transport" data-target="play">
      <button
        type="button"
        className="quiet square"
        aria-label={playing ? m.time.pause : m.time.play}
        onClick={() => useStage.setState({ playing: !playing, playhead: !playing && playhead >= made ? 0 : playhead })}
      >
        <Icon name={playing ? 'pause' : 'play'} />
      </button>
      <input
        className="range"
        type="range"
        min={0}
        max={made}
        step={1}
        value={playhead}
        aria-label={m.time.label}
        aria-valuetext={m.time.step(playhead, made)}
        onChange={(event) => seek(Number(event.target.value))}
      />
      <span className="learn-count">{m.time.step(playhead, made)}</span>
      <span className="learn-count" title={learn.view.tookHelp}>
        {recorded
          ? counted(passes)
          : made > 0 && passes === 0
            ? learn.view.remembered
            : say(passes < made ? learn.view.tookPartly : learn.view.took, {
                passes: counted(passes),
                time: m.compare.seconds(milliseconds),
              })}
      </span>
    </div>
  );
}
