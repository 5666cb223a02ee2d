/** The one button that matters: generate, or stop while it runs. */
import { m } from '../../messages/index.ts';
import { controller, generate } from '../../session/current.ts';
import { useRun } from '../../session/run.ts';
import { MOD } from '../../shell/keys.ts';

export function GenerateButton() {
  const status = useRun((state) => state.status);
  if (status === 'idle') {
    return (
      <button type="button" className="go" onClick={generate} aria-keyshortcuts="Meta+Enter Control+Enter">
        {m.controls.generate}
        <kbd>{MOD} ⏎</kbd>
      </button>
    );
  }
  const words = { waiting: m.controls.waiting, running: m.controls.stop, stopping: m.controls.stopping }[status];
  return (
    <button type="button" className="go busy" onClick={() => controller.stop()} aria-keyshortcuts="Escape">
      {words}
      <kbd>Esc</kbd>
    </button>
  );
}
