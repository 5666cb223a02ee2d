/** Opens the dialog; its code and its words are fetched when it first opens. */
import { useState } from 'react';
import { createPortal } from 'react-dom';
import { fetchedWithWords } from '../../fields/fetched.tsx';
import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';

const TakeAwayDialog = fetchedWithWords(async () => (await import('./TakeAwayDialog.tsx')).TakeAwayDialog, {
  as: 'dialog',
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
        createPortal(<TakeAwayDialog onClose={() => setOpen(false)} />, document.body)}
    </>
  );
}
