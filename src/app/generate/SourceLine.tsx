/** Says plainly what is on screen: a recording, a live run, a file; and whether a person has changed it. */
import { m } from '../messages/index.ts';
import { useCompute } from '../stores/compute.ts';
import { useRun } from '../stores/run.ts';

export function SourceLine() {
  const trace = useRun((state) => state.trace);
  const source = useRun((state) => state.source);
  const status = useCompute((state) => state.status);
  if (!trace) return <p className="source" />;
  const device = m.header.backends[trace.backend.name] ?? trace.backend.name;
  const words = {
    recorded: m.sources.recorded,
    live: m.sources.live(device),
    restored: m.sources.restored,
    opened: m.sources.opened,
  }[source];
  const next =
    source === 'recorded'
      ? { loading: m.sources.modelLoading, ready: m.sources.modelReady, idle: '', failed: '' }[status]
      : '';
  return (
    <p className="source" data-source={source}>
      <b>{words}</b>
      {trace.edits.length > 0 && <span> · {m.sources.changed}</span>}
      {next && <span className="next"> {next}</span>}
    </p>
  );
}
