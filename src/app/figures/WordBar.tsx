/** A word and its probability, as a bar and in figures: one row of a list. */
import { percent } from '../messages/format.ts';

export function WordBar({ word, probability }: { readonly word: string; readonly probability: number }) {
  return (
    <>
      <span className="word">{word}</span>
      <span className="track">
        <i style={{ width: `${Math.max(probability * 100, 0.5)}%` }} />
      </span>
      <span className="share">{percent(probability)}</span>
    </>
  );
}
