/** Tokens set as on the big canvas, to be read. */
import { CONTINUED, joinBytes } from '../../text/bytes.ts';
import { m } from '../messages/index.ts';
import { WRITTEN, wordOf } from '../trace/words.ts';

interface Props {
  readonly pieces: readonly string[];
  readonly masked?: readonly boolean[];
  /** So many at the start were given, not written. */
  readonly given?: number | undefined;
}

export function Words({ pieces, masked, given = 0 }: Props) {
  // A hidden byte parts the character that it belongs to.
  const texts = joinBytes(pieces.map((piece, slot) => (masked?.[slot] ? ' ' : piece)));
  return (
    <div className="canvas prose train-canvas">
      {pieces.map((piece, slot) => {
        const mask = masked?.[slot] ?? false;
        const text = mask ? piece : (texts[slot] as string);
        const { lead, body, trail, sign } = wordOf(text);
        const names = [
          'slot',
          mask ? 'mask' : '',
          slot < given ? 'given' : '',
          lead === '' ? 'joined' : '',
          sign && !mask ? 'sign' : '',
          text === CONTINUED ? 'rest' : '',
        ];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: slots keep their place
          <span key={slot}>
            {lead}
            <span className={names.filter(Boolean).join(' ')} {...(mask ? { 'data-room': body } : WRITTEN)}>
              {mask ? <span className="hidden">{`${m.canvas.mask} `}</span> : body}
            </span>
            {trail}
          </span>
        );
      })}
    </div>
  );
}
