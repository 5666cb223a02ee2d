/** Opens the dialog; its code and its words are fetched when it first opens. */
import { lazy, Suspense, useState } from 'react';
import { createPortal } from 'react-dom';
import { Icon } from '../../fields/Icon.tsx';
import { m, speakInViews } from '../../messages/index.ts';

const TakeAwayDialog = lazy(async () => {
  const [{ TakeAwayDialog }] = await Promise.all([import('./TakeAwayDialog.tsx'), speakInViews()]);
  return { default: TakeAwayDialog };
});

export function TakeAwayButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className="quiet copy"
        aria-haspopup="dialog"
        title={m.canvas.exportHelp}
        onClick={() => setOpen(true)}
      >
        <Icon name="save" />
        <span>{m.canvas.export}</span>
      </button>
      {open &&
        // Outside the toolbar, whose styles are not the dialog's.
        createPortal(
          <Suspense>
            <TakeAwayDialog onClose={() => setOpen(false)} />
          </Suspense>,
          document.body,
        )}
    </>
  );
}
