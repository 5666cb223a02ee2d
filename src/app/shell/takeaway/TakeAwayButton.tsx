/** Opens the dialog; its code is fetched when it first opens. */
import { lazy, Suspense, useState } from 'react';
import { createPortal } from 'react-dom';
import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';

const TakeAwayDialog = lazy(async () => ({ default: (await import('./TakeAwayDialog.tsx')).TakeAwayDialog }));

export function TakeAwayButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className="quiet copy"
        aria-haspopup="dialog"
        title={m.takeaway.buttonHelp}
        onClick={() => setOpen(true)}
      >
        <Icon name="save" />
        <span>{m.takeaway.button}</span>
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
