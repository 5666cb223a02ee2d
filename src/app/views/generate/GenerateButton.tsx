/** The one button that matters: generate, or stop while it runs. */
import type { MouseEvent } from 'react';
import { m } from '../../messages/index.ts';
import { controller, generate } from '../../session/current.ts';
import { useRun } from '../../session/run.ts';
import { MOD } from '../../shell/keys.ts';

/** A double click is one click: its second half must not stop what the first began. */
const once = (act: () => void) => (event: MouseEvent) => {
  if (event.detail < 2) act();
};

export function GenerateButton() {
  const status = useRun((state) => state.status);
  if (status === 'idle') {
    return (
      <button type="button" className="go" onClick={once(generate)} aria-keyshortcuts="Meta+Enter Control+Enter">
        {m.controls.generate}
        <kbd>{MOD} ⏎</kbd>
      </button>
    );
  }
  const words = { waiting: m.controls.waiting, running: m.controls.stop, stopping: m.controls.stopping }[status];
  return (
    <button type="button" className="go busy" onClick={once(() => controller.stop())} aria-keyshortcuts="Escape">
      {words}
      <kbd>Esc</kbd>
    </button>
  );
}
