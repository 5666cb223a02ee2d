/** A button that copies some text and says so for a moment. */
import { useEffect, useState } from 'react';
import { m } from '../messages/index.ts';
import { Icon, type IconName } from './Icon.tsx';

interface Copying {
  /** What is to be said now. */
  readonly said: string | undefined;
  readonly copy: (text: string, done?: string) => void;
  /** Says something else in its place. */
  readonly say: (words: string) => void;
}

/** Copies, and holds what is to be said about it for as long as people take to read it. */
export function useCopy(): Copying {
  const [said, setSaid] = useState<string>();
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(undefined), Math.max(1600, said.length * 60));
    return () => clearTimeout(timer);
  }, [said]);
  const copy = (text: string, done = m.controls.copied) =>
    void navigator.clipboard.writeText(text).then(
      () => setSaid(done),
      () => setSaid(m.controls.copyFailed),
    );
  return { said, copy, say: setSaid };
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
