/** Which model is loaded and how big it is; while it loads, how far along it is. Opens the Models dialog. */
import type { Progress } from '../../worker/protocol.ts';
import { fetchedWithWords } from '../fields/fetched.tsx';
import { Icon } from '../fields/Icon.tsx';
import { Ruled } from '../fields/Ruled.tsx';
import { m } from '../messages/index.ts';
import { type ComputeState, useCompute, useWantedModel } from '../session/compute.ts';
import { closeModels, openModels, useModelsDialog } from '../session/models-dialog.ts';

const ModelsDialog = fetchedWithWords(async () => (await import('./models/ModelsDialog.tsx')).ModelsDialog, {
  as: 'dialog',
  close: closeModels,
});

export function ModelChip() {
  const state = useCompute();
  const { status, progress } = state;
  const open = useModelsDialog((dialog) => dialog.open);
  const name = useWantedModel();
  const words = describe(name, state);
  const share = progress?.stage === 'download' && progress.total > 0 ? progress.loaded / progress.total : undefined;
  return (
    <>
      <Ruled group="model">
        <button
          type="button"
          className={status === 'ready' ? 'chip quiet model ready' : 'chip quiet model'}
          aria-haspopup="dialog"
          aria-label={m.header.openModels(words)}
          onClick={() => openModels()}
        >
          <span className="long">{words}</span>
          <span className="short">{name.split('/').at(-1)}</span>
          <Icon name="down" />
          {status === 'loading' && <progress max={1} value={share} aria-label={m.header.loading(name)} />}
        </button>
      </Ruled>
      {open && <ModelsDialog />}
    </>
  );
}

function describe(name: string, { status, progress, model }: ComputeState): string {
  if (status === 'ready' && model) return m.header.model(model.id, model.parameters);
  if (status === 'failed') return m.header.modelFailed(name);
  if (status === 'idle') return m.header.modelWaiting(name);
  return progress ? stageWords(name, progress) : m.header.loading(name);
}

function stageWords(name: string, progress: Progress): string {
  if (progress.stage === 'download') return m.header.download(name, progress.loaded, progress.total);
  return m.header[progress.stage](name);
}
