/** Which model is loaded and how big it is; while it loads, how far along it is. */

import type { Progress } from '../../worker/protocol.ts';
import { m } from '../messages/index.ts';
import { loadModel, useCompute, useWantedModel } from '../stores/compute.ts';

export function ModelChip() {
  const { status, progress, model } = useCompute();
  const name = useWantedModel();
  if (status === 'ready' && model) {
    return <span className="chip model ready">{m.header.model(model.id, model.parameters)}</span>;
  }
  if (status === 'failed') {
    return (
      <button type="button" className="quiet model" onClick={() => void loadModel().catch(() => undefined)}>
        {m.header.modelFailed(name)}
      </button>
    );
  }
  const share = progress?.stage === 'download' && progress.total > 0 ? progress.loaded / progress.total : undefined;
  return (
    <span className="chip model">
      {describe(name, status, progress)}
      {status === 'loading' && <progress max={1} value={share} aria-label={m.header.loading(name)} />}
    </span>
  );
}

function describe(name: string, status: string, progress: Progress | undefined): string {
  if (status === 'idle') return m.header.modelWaiting(name);
  if (!progress) return m.header.loading(name);
  if (progress.stage === 'download') return m.header.download(name, progress.loaded, progress.total);
  return m.header[progress.stage](name);
}
