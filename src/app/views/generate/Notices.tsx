/** What the page has to say: errors with their way out, a device that is not a graphics card, a link's problems. */
import type { ReactNode } from 'react';
import { Icon } from '../../fields/Icon.tsx';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import { loadModel, reloadModel, useCompute, useWantedModel } from '../../session/compute.ts';
import { generate } from '../../session/current.ts';
import { use } from '../../session/library.ts';
import { openModels } from '../../session/models-dialog.ts';
import { prefer, usePreferences } from '../../session/preferences.ts';
import { useRun } from '../../session/run.ts';
import { dismissProblems, useSettings } from '../../session/settings.ts';

export function Notices() {
  const { error: loadError, recovering, hung } = useCompute();
  const runError = useRun((state) => state.error);
  const problems = useSettings((state) => state.problems);
  const asked = useSettings((state) => state.settings.model);
  const { moment, revision } = useSettings();
  const commit = useCompute(({ commits }) => commits[asked]);
  const wanted = useWantedModel();
  const backend = usePreferences((state) => state.backend);

  const retryLoad = () => void reloadModel().catch(() => undefined);
  const withoutWebgpu = () => {
    prefer({ backend: 'fallback' });
    retryLoad();
  };

  return (
    <div className="notices">
      {recovering && <Notice tone="warn">{told(recovering)}</Notice>}
      {loadError && (
        <Notice tone="error" detail={told(loadError.remedy)}>
          {told(loadError.message)}
          <button type="button" onClick={() => void loadModel().catch(() => undefined)}>
            {m.errors.retry}
          </button>
          {loadError.code === 'device' && backend !== 'fallback' && (
            <button type="button" onClick={withoutWebgpu}>
              {m.errors.useFallback}
            </button>
          )}
        </Notice>
      )}
      {runError && !loadError && (
        <Notice tone="error" detail={told(runError.remedy)} onDismiss={() => useRun.setState({ error: undefined })}>
          {told(runError.message)}
          {runError.code !== 'trace' && (
            <button type="button" onClick={generate}>
              {m.errors.retry}
            </button>
          )}
        </Notice>
      )}
      {problems.length > 0 && (
        <Notice tone="warn" onDismiss={dismissProblems} detail={sentences(...problems.map(told))}>
          {m.controls.linkProblems}
        </Notice>
      )}
      {asked !== wanted && (
        <Notice tone="warn">
          {hung.includes(asked) ? m.controls.hungModel(asked, wanted) : m.controls.otherModel(asked, wanted)}{' '}
          {moment && m.links.waiting(moment.step)}
          {hung.includes(asked) ? (
            <button type="button" onClick={() => use(asked)}>
              {m.errors.retry}
            </button>
          ) : (
            <button type="button" onClick={() => openModels(asked, revision)}>
              {m.controls.getModel}
            </button>
          )}
        </Notice>
      )}
      {revision !== undefined && commit !== undefined && !commit.startsWith(revision) && (
        <Notice tone="warn">{m.links.otherRevision(asked, revision, commit)}</Notice>
      )}
    </div>
  );
}

interface NoticeProps {
  readonly tone: 'error' | 'warn';
  readonly detail?: string;
  readonly onDismiss?: () => void;
  readonly children: ReactNode;
}

function Notice({ tone, detail, onDismiss, children }: NoticeProps) {
  return (
    <div className={`notice ${tone}`} role={tone === 'error' ? 'alert' : 'status'}>
      <div>
        <p>{children}</p>
        {detail && <p className="note">{detail}</p>}
      </div>
      {onDismiss && (
        <button type="button" className="quiet square" onClick={onDismiss} aria-label={m.errors.dismiss}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
