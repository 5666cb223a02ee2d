/** Says that fewer steps were chosen because this machine is slow, and gives the usual ones back. */
import { m } from '../../messages/index.ts';
import { dismissWeak, takeUsual, useWeak } from '../../session/weak.ts';

export function WeakNotice() {
  const chosen = useWeak((state) => state.chosen);
  if (!chosen) return null;
  return (
    <p className="device-notice" role="status">
      {m.controls.weak.said(chosen.passMilliseconds, chosen.steps)}{' '}
      <button type="button" className="link" onClick={takeUsual}>
        {m.controls.weak.usual(chosen.usual, chosen.passMilliseconds)}
      </button>{' '}
      <button type="button" className="link" onClick={dismissWeak}>
        {m.errors.dismiss}
      </button>
    </p>
  );
}
