/** A button that copies some text and says so for a moment. */
import { useEffect, useState } from 'react';
import { m } from '../messages/index.ts';
import { Icon, type IconName } from './Icon.tsx';

export function CopyButton({ icon, label, text }: { icon: IconName; label: string; text: () => string }) {
  const [said, setSaid] = useState<string>();
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(undefined), 1600);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = () =>
    navigator.clipboard.writeText(text()).then(
      () => setSaid(m.controls.copied),
      () => setSaid(m.controls.copyFailed),
    );
  return (
    <button type="button" className="quiet copy" onClick={() => void copy()}>
      <Icon name={icon} />
      <span aria-live="polite">{said ?? label}</span>
    </button>
  );
}
