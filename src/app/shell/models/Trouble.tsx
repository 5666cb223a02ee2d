/** What went wrong in the dialog: a sentence, what to do about it, and a button to do it. */
import type { ErrorData } from '../../../diffusion/error.ts';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import { reloadModel, useCompute } from '../../session/compute.ts';
import { dismissTrouble, useLibrary } from '../../session/library.ts';

export function Trouble() {
  const trouble = useLibrary((state) => state.trouble);
  const failed = useCompute((state) => state.error);
  const reload = () => void reloadModel().catch(() => undefined);
  if (trouble) return <Sentence {...trouble} onDismiss={dismissTrouble} />;
  return failed ? <Sentence error={failed} again={reload} /> : null;
}

interface Props {
  readonly error: ErrorData;
  readonly again: (() => void) | undefined;
  readonly onDismiss?: () => void;
}

function Sentence({ error, again, onDismiss }: Props) {
  return (
    <div className="notice error" role="alert">
      <div>
        <p>{told(error.message)}</p>
        <p className="note">{told(error.remedy)}</p>
      </div>
      <div className="model-actions">
        {again && (
          <button type="button" className="outline" onClick={again}>
            {m.errors.retry}
          </button>
        )}
        {onDismiss && (
          <button type="button" className="quiet" onClick={onDismiss}>
            {m.models.fetch.dismiss}
          </button>
        )}
      </div>
    </div>
  );
}
