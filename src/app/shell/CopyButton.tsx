/** A button that copies some text and says so for a moment. */
import { useEffect, useState } from 'react';
import { m } from '../messages/index.ts';
import { Icon, type IconName } from './Icon.tsx';

/** Copies, and holds what is to be said about it for as long as people take to read it. */
export function useCopy(): { readonly said: string | undefined; readonly copy: (text: string, done?: string) => void } {
  const [said, setSaid] = useState<string>();
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(undefined), 1600);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = (text: string, done = m.controls.copied) =>
    void navigator.clipboard.writeText(text).then(
      () => setSaid(done),
      () => setSaid(m.controls.copyFailed),
    );
  return { said, copy };
}

export function CopyButton({ icon, label, text }: { icon: IconName; label: string; text: () => string }) {
  const { said, copy } = useCopy();
  return (
    <button type="button" className="quiet copy" onClick={() => copy(text())}>
      <Icon name={icon} />
      <span aria-live="polite">{said ?? label}</span>
    </button>
  );
}
