/** Tokens set as on the big canvas, to be read. */
import { m } from '../messages/index.ts';
import { WRITTEN, wordOf } from '../trace/words.ts';

interface Props {
  readonly pieces: readonly string[];
  readonly masked?: readonly boolean[];
  /** So many at the start were given, not written. */
  readonly given?: number | undefined;
}

export function Words({ pieces, masked, given = 0 }: Props) {
  return (
    <div className="canvas prose train-canvas">
      {pieces.map((piece, slot) => {
        const { lead, body, trail, sign } = wordOf(piece);
        const mask = masked?.[slot] ?? false;
        const names = [
          'slot',
          mask ? 'mask' : '',
          slot < given ? 'given' : '',
          lead === '' ? 'joined' : '',
          sign && !mask ? 'sign' : '',
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
