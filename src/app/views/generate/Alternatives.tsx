/** The likeliest tokens of a slot as bars; pressing one writes it instead. */

import { WordBar } from '../../figures/WordBar.tsx';
import { m } from '../../messages/index.ts';
import { writeInstead } from '../../session/current.ts';
import { useFrame } from '../../session/frames.ts';
import { useRule } from '../../session/lesson.ts';
import type { Alternative } from '../../trace/inspect.ts';
import { wordIn, wordOf } from '../../trace/words.ts';

interface Props {
  readonly title: string;
  readonly slot: number;
  readonly list: readonly Alternative[];
  readonly pieces: Readonly<Record<number, string>>;
}

export function Alternatives({ title, slot, list, pieces }: Props) {
  const rule = useRule('steer');
  const frame = useFrame();
  return (
    <section className="alternatives">
      <h3>{title}</h3>
      <ol>
        {list.map(({ id, probability, chosen }) => {
          const { body, lead, sign } = frame ? wordIn(frame, slot, id, pieces) : wordOf(pieces[id] ?? '');
          // A piece without a space before it continues the word to its left.
          const shown =
            sign === 'byte' ? body : sign ? m.canvas[sign] : lead === '' && /^\p{L}/u.test(body) ? `·${body}` : body;
          return (
            <li key={id}>
              <button
                type="button"
                className={chosen ? 'alternative chosen' : 'alternative'}
                disabled={chosen || rule !== 'free'}
                title={chosen || rule !== 'free' ? undefined : m.inspector.use(shown)}
                onClick={() => writeInstead(slot, id)}
              >
                <WordBar word={shown} probability={probability} />
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
