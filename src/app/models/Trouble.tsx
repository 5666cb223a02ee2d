/** What went wrong in the dialog: a sentence, what to do about it, and a button to do it. */
import { m } from '../messages/index.ts';
import { dismissTrouble, useLibrary } from './library.ts';

export function Trouble() {
  const trouble = useLibrary((state) => state.trouble);
  if (trouble === undefined) return null;
  const { error, again } = trouble;
  return (
    <div className="notice error" role="alert">
      <div>
        <p>{error.message}</p>
        <p className="note">{error.remedy}</p>
      </div>
      <div className="model-actions">
        {again && (
          <button type="button" className="outline" onClick={again}>
            {m.errors.retry}
          </button>
        )}
        <button type="button" className="quiet" onClick={dismissTrouble}>
          {m.models.fetch.dismiss}
        </button>
      </div>
    </div>
  );
}
