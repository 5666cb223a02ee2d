/** Play, step, speed and the counters: everything about time that is not the time line itself. */

import { Icon } from '../../fields/Icon.tsx';
import { decimal, integer, percent, rate } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { asWritten } from '../../session/asWritten.ts';
import { controller, somethingElse } from '../../session/current.ts';
import { currentCounters, useFrame } from '../../session/frames.ts';
import { useRule } from '../../session/lesson.ts';
import { togglePlay } from '../../session/player.ts';
import { prefer, usePreferences } from '../../session/preferences.ts';
import { longest, seek, useRun } from '../../session/run.ts';
import { useSettings } from '../../session/settings.ts';
import { NARROW, useMedia } from '../../session/useMedia.ts';
import { pinnedCount } from '../../trace/change.ts';
import { SPEEDS, type Speed } from '../../trace/clock.ts';
import { differs, unfinished } from '../../trace/resume.ts';
import { timelineOf } from '../../trace/timeline.ts';

export function Transport() {
  const trace = useRun((state) => state.trace);
  const playing = useRun((state) => state.playing);
  const rule = useRule('steer');
  const timeline = trace ? timelineOf(trace) : undefined;
  // With a longer branch beside this one, time goes on to its end.
  const made = useRun(longest);
  const reached = useRun((state) => Math.min(state.playhead, made));
  return (
    <div className="transport">
      <div className="transport-time">
        <button
          type="button"
          className="round"
          disabled={!trace}
          onClick={togglePlay}
          aria-label={playing ? m.time.pause : m.time.play}
        >
          <Icon name={playing ? 'pause' : 'play'} />
        </button>
        <button
          type="button"
          className="quiet square"
          disabled={reached <= 0}
          onClick={() => seek(reached - 1)}
          aria-label={m.time.back}
        >
          <Icon name="back" />
        </button>
        <button
          type="button"
          className="quiet square"
          disabled={reached >= made}
          onClick={() => seek(reached + 1)}
          aria-label={m.time.forward}
        >
          <Icon name="forward" />
        </button>
        <span className="step">{m.time.step(reached, Math.max(timeline?.counts.length ?? 0, made))}</span>
        <SpeedChoice />
      </div>
      {/* What can be done at this moment comes and goes; its room stays. */}
      {rule === 'free' && (
        <div className="transport-acts">
          <GoOn />
          <BranchActs />
        </div>
      )}
    </div>
  );
}

function SpeedChoice() {
  const speed = usePreferences((state) => state.speed);
  return (
    <select
      className="speed"
      aria-label={m.time.speed}
      value={String(speed)}
      onChange={(event) => {
        const { value } = event.target;
        prefer({ speed: value === 'measured' ? value : (Number(value) as Speed) });
      }}
    >
      {SPEEDS.map((one) => (
        <option key={one} value={String(one)}>
          {one === 'measured' ? m.time.measured : m.time.speeds(one)}
        </option>
      ))}
    </select>
  );
}

/** How many slots of the finished text on screen were rubbed out last and written anew. */
function useRubbedOut(): number {
  const frame = useFrame();
  const made = useRun((state) => state.trace?.steps.length);
  const busy = useRun((state) => state.status !== 'idle' || state.playing);
  const count = useRun((state) => state.rubbedOut.length);
  return busy || frame?.masks !== 0 || frame.playhead !== made ? 0 : count;
}

/** Asks once more for what was rubbed out. On a phone it stands beside Generate, in sight with the text. */
export function SomethingElse() {
  const count = useRubbedOut();
  if (count === 0) return null;
  return (
    <button type="button" className="go-on" title={m.time.somethingElseHelp(count)} onClick={() => somethingElse()}>
      {m.time.somethingElse}
    </button>
  );
}

/** Going on makes sense where masks are left and the run does not already know what it would write. */
function GoOn() {
  const frame = useFrame();
  const trace = useRun((state) => state.trace);
  const busy = useRun((state) => state.status !== 'idle' || state.playing);
  const again = useRubbedOut();
  const narrow = useMedia(NARROW);
  const settings = useSettings((state) => state.settings);
  if (!trace || !frame || busy) return null;
  const atEnd = frame.playhead === trace.steps.length;
  if (again > 0) return narrow ? null : <SomethingElse />;
  if (unfinished(trace, frame) && (atEnd || differs(trace, asWritten(settings)))) {
    return (
      <button
        type="button"
        className="go-on"
        title={frame.masks > 0 ? m.time.goOnHelp(frame.masks) : undefined}
        onClick={() => void controller.goOn()}
      >
        {m.time.goOn}
      </button>
    );
  }
  const kept = pinnedCount(frame);
  if (frame.masks > 0 || kept === 0) return null;
  return (
    <button
      type="button"
      className="go-on"
      title={m.time.rewriteRestHelp(kept)}
      onClick={() => void controller.rewriteRest()}
    >
      {m.time.rewriteRest}
    </button>
  );
}

/** From any step a branch can be taken, and beside any text another be written. */
function BranchActs() {
  const frame = useFrame();
  const trace = useRun((state) => state.trace);
  const busy = useRun((state) => state.status !== 'idle' || state.playing);
  if (!trace || !frame || busy) return null;
  const inside = unfinished(trace, frame) && trace.steps.length > 0;
  const words = inside
    ? { label: m.branches.here, help: m.branches.hereHelp(frame.playhead), act: controller.branchHere }
    : { label: m.branches.another, help: m.branches.anotherHelp, act: controller.generateBeside };
  return (
    <button type="button" className="quiet branch-here" title={words.help} onClick={() => void words.act()}>
      <Icon name={inside ? 'branch' : 'columns'} />
      {words.label}
    </button>
  );
}

export function CounterLine() {
  useFrame();
  const backend = useRun((state) => state.trace?.backend);
  const source = useRun((state) => state.source);
  const counters = currentCounters();
  if (!counters || !backend) return null;
  const known = (value: number, format: (value: number) => string) => (Number.isNaN(value) ? '–' : format(value));
  const device = m.header.deviceName(m.header.backends[backend.name] ?? backend.name, backend.device);
  const facts: [string, string, string?][] = [
    [integer(counters.passes), m.time.passes(counters.passes)],
    ...(counters.remembered > 0
      ? [[integer(counters.remembered), m.time.remembered, m.time.rememberedHelp] as [string, string, string]]
      : []),
    [known(counters.tokensPerPass, decimal), m.time.perPass],
    // How fast a recording or somebody's file was says nothing of this machine.
    ...(source === 'live' || source === 'restored'
      ? [
          [known(counters.tokensPerSecond, rate), m.time.perSecond, m.time.measuredOn(device)] as [
            string,
            string,
            string,
          ],
        ]
      : []),
    [known(counters.least, percent), m.time.leastSure],
    [integer(counters.masks), m.time.masksLeft(counters.masks)],
  ];
  return (
    <ul className="counters">
      {facts.map(([value, name, help]) => (
        <li key={name} title={help}>
          <b>{value}</b> {name}
        </li>
      ))}
    </ul>
  );
}
