/** A canvas that is only looked at: words as on the token canvas, masks as hatched blocks, guesses in the accent colour. */
import { percent } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { WRITTEN, wordOf } from '../../trace/words.ts';

export interface Guess {
  readonly piece: string;
  readonly probability: number;
}

interface Props {
  readonly label: string;
  readonly pieces: readonly string[];
  /** Whether a slot is masked. */
  readonly masked: (slot: number) => boolean;
  /** What stands in a masked slot instead of the block. */
  readonly guess?: ((slot: number) => Guess | undefined) | undefined;
  /** Slots just written. */
  readonly now?: ((slot: number) => boolean) | undefined;
}

/** Below these, a guess is underlined; the canvas of Generate uses the same two. */
const UNSURE = 0.3;
const HALFSURE = 0.6;

export function Words({ label, pieces, masked, guess, now }: Props) {
  return (
    <section className="canvas prose words" aria-label={label}>
      {pieces.map((piece, slot) => {
        const own = wordOf(piece);
        const hidden = masked(slot);
        const guessed = hidden ? guess?.(slot) : undefined;
        const shown = guessed ? wordOf(guessed.piece) : own;
        const names = ['slot'];
        if (own.lead === '') names.push('joined');
        if (hidden && !guessed) names.push('mask');
        if (guessed || now?.(slot)) names.push('now');
        if (guessed && guessed.probability < HALFSURE) names.push(guessed.probability < UNSURE ? 'unsure' : 'halfsure');
        if (!hidden && own.sign) names.push('sign');
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its place
          <span key={slot}>
            {own.lead}
            <span
              className={names.join(' ')}
              title={
                guessed
                  ? m.scheduleView.sentence.guessed(shown.body, percent(guessed.probability), own.body)
                  : undefined
              }
              {...(hidden && !guessed ? { 'data-room': own.body } : WRITTEN)}
            >
              {hidden && !guessed ? <span className="hidden">{m.canvas.mask}</span> : shown.body}
            </span>
            {own.trail}
          </span>
        );
      })}
    </section>
  );
}
