/** Says plainly what is on screen: a recording, a live run, a file; and whether a person has changed it. */
import { inMode } from '../../../diffusion/chat-defaults.ts';
import { LARGE, LARGE_BYTES, SMALL } from '../../../diffusion/shipped.ts';
import { megabytes, percent } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useCompute } from '../../session/compute.ts';
import { generate } from '../../session/current.ts';
import { useFrame } from '../../session/frames.ts';
import { useSettingRule } from '../../session/lesson.ts';
import { use } from '../../session/library.ts';
import { useRun } from '../../session/run.ts';
import { setSettings, useSettings } from '../../session/settings.ts';
import { hasPendingChanges } from '../../trace/change.ts';

export function SourceLine() {
  const trace = useRun((state) => state.trace);
  const source = useRun((state) => state.source);
  const next = useNext();
  if (!trace) return <p className="source" />;
  const device = m.header.backends[trace.backend.name] ?? trace.backend.name;
  const words = {
    recorded: m.sources.recorded,
    live: m.sources.live(device),
    restored: m.sources.restored,
    opened: m.sources.opened,
  }[source];
  return (
    <p className="source" data-source={source}>
      <b>{words}</b>
      {trace.model.adapter && (
        <span>
          {' '}
          · {trace.model.adapter.id} {percent(trace.model.adapter.weight)}
        </span>
      )}
      {trace.model.learnt !== undefined && <span> · {m.sources.learnt(trace.model.learnt)}</span>}
      {trace.edits.length > 0 && <span> · {m.sources.changed}.</span>}
      {next && <span className="next"> {next}</span>}
      <Larger />
    </p>
  );
}

/** The small model is there at once; who has read what it writes is offered the one that writes better. */
function Larger() {
  const { model, mode } = useSettings((state) => state.settings);
  const trace = useRun((state) => state.trace);
  const source = useRun((state) => state.source);
  const status = useRun((state) => state.status);
  const written = useFrame()?.masks === 0;
  const free = useSettingRule('model') === 'free';
  const isOurs = model === SMALL && trace?.model.id === SMALL && trace.model.learnt === undefined;
  if (!isOurs || !free || source !== 'live' || status !== 'idle' || !written) return null;
  if (mode !== 'continue' && mode !== 'fill') return null;
  const write = () => {
    setSettings(inMode(useSettings.getState().settings, mode, LARGE));
    use(LARGE);
    generate();
  };
  const [short, whole] = m.sources.larger(megabytes(LARGE_BYTES), LARGE);
  return (
    <>
      <span aria-hidden="true">·</span>
      <button type="button" className="link" title={whole} onClick={write}>
        {short}
      </button>
    </>
  );
}

/** What happens next, or what the person can do, in one short sentence. */
function useNext(): string {
  const model = useCompute((state) => state.status);
  const linked = useSettings((state) => state.linked);
  const source = useRun((state) => state.source);
  const status = useRun((state) => state.status);
  const frame = useFrame();
  const changed = useRun(({ trace, playhead }) => trace !== undefined && hasPendingChanges(trace, playhead));
  const steps = useRun((state) => state.trace?.steps.length ?? 0);
  if (status === 'running' && steps === 0) return m.sources.preparing;
  if (status !== 'idle') return '';
  if (changed) return frame && frame.masks > 0 ? m.sources.pending : '';
  if (linked) return m.sources.linked;
  if (source !== 'recorded') return '';
  return { loading: m.sources.modelLoading, ready: m.sources.modelReady, idle: '', failed: '' }[model];
}
