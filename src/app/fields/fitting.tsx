/** A box that holds so much: what is pasted beyond it is left out, and that is said. The browser's own limit says nothing. */
import { type ReactNode, useState } from 'react';
import { m } from '../messages/index.ts';

export interface Fitting {
  /** Takes as much of a text as fits. */
  readonly change: (text: string) => void;
  /** How much was left out of the last one, if anything. */
  readonly said: ReactNode;
}

/** `most` characters; no character is cut in halves. */
export function useFitting(most: number, take: (text: string) => void): Fitting {
  const [left, setLeft] = useState(0);
  const change = (text: string) => {
    const fits = text.length > most ? text.slice(0, most).replace(/[\ud800-\udbff]$/, '') : text;
    setLeft(text.length - fits.length);
    take(fits);
  };
  const said = left > 0 && (
    <p className="note warn" role="status">
      {m.controls.leftOut(left, most)}
    </p>
  );
  return { change, said };
}
