/** A native dialog with a title and a way out: its button, Escape, or a press outside it. */
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { m } from '../messages/index.ts';
import { Boundary } from './Boundary.tsx';
import { Icon } from './Icon.tsx';

interface Props {
  readonly open: boolean;
  readonly title: string;
  readonly className: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Modal({ open, title, className, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();

  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);

  useEffect(() => {
    const element = dialog.current;
    // The backdrop belongs to the dialog; its content covers the rest of it.
    const outside = (event: MouseEvent) => event.target === element && element?.close();
    element?.addEventListener('click', outside);
    return () => element?.removeEventListener('click', outside);
  }, []);

  return (
    <dialog ref={dialog} className={className} aria-labelledby={id} onClose={onClose}>
      <div className="dialog-content">
        <div className="dialog-head">
          <h2 id={id}>{title}</h2>
          <button type="button" className="quiet square" onClick={onClose} aria-label={m.controls.close}>
            <Icon name="close" />
          </button>
        </div>
        {open && <Boundary>{children}</Boundary>}
      </div>
    </dialog>
  );
}
