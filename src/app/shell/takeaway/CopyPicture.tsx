/** Puts a PNG on the clipboard, where the browser can. */
import { useState } from 'react';
import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';

export function CopyPicture({ picture }: { picture: Blob | undefined }) {
  const [said, setSaid] = useState<string>();
  if (typeof ClipboardItem === 'undefined') return null;
  const copy = () => {
    if (!picture) return;
    navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]).then(
      () => setSaid(m.controls.copied),
      () => setSaid(m.controls.copyFailed),
    );
  };
  return (
    <button type="button" className="quiet" disabled={!picture} onClick={copy}>
      <Icon name="copy" />
      <span aria-live="polite">{said ?? m.takeaway.picture.copy}</span>
    </button>
  );
}
