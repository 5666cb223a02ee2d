/** Paragraphs of a chapter; marked words are buttons that point at what they name. */

import { learn } from '../../messages/learnWords.ts';
import { keepPointing, pointAt, usePointing } from './pointing.ts';
import { parseProse } from './prose.ts';

export function Prose({ paragraphs }: { readonly paragraphs: readonly string[] }) {
  const kept = usePointing((state) => state.kept);
  return (
    <>
      {paragraphs.map((text) => (
        <p key={text}>
          {parseProse(text).map((part, index) =>
            typeof part === 'string' ? (
              part
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: parts of a sentence keep their order
              <span key={index} className="mark-place">
                <button
                  type="button"
                  className="mark-word"
                  title={learn.view.point}
                  aria-pressed={kept === part.target}
                  onPointerEnter={(event) => event.pointerType === 'mouse' && pointAt(part.target)}
                  onPointerLeave={() => pointAt(undefined)}
                  onFocus={() => pointAt(part.target)}
                  onBlur={() => pointAt(undefined)}
                  onClick={() => keepPointing(part.target)}
                >
                  {part.words}
                </button>
                {part.tail}
              </span>
            ),
          )}
        </p>
      ))}
    </>
  );
}
